"""Asking every configured service whether it answers: `cmdarr config check --online`."""

from dataclasses import dataclass, replace

from cmdarr.app.program import App
from cmdarr.app.services import Services
from cmdarr.config.snapshot import Snapshot
from cmdarr.errors import CmdarrError
from cmdarr.library.ports import ServiceKind
from cmdarr.models.cancel import CancelToken


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAnswer:
    """How one service answered; `is_ok` is None when it was not asked."""

    name: str
    is_ok: bool | None
    sentence: str


def check_services(app: App, snapshot: Snapshot) -> list[ServiceAnswer]:
    """Ask every enabled service that settings.yaml names; the sentences hold no secret."""
    services = app.services(snapshot, keeps_answers=False)
    answers = [
        _check(services, name, app.service_kinds[entry.type])
        for name, entry in snapshot.settings.services.items()
        if entry.enabled and entry.is_configured
    ]
    return [replace(answer, sentence=snapshot.redactor(answer.sentence)) for answer in answers]


def _check(services: Services, name: str, kind: ServiceKind) -> ServiceAnswer:
    if kind.build is None:
        return ServiceAnswer(name=name, is_ok=None, sentence="not asked: this version cannot use it yet")
    try:
        service = services.online(name)
        if service is None:
            return ServiceAnswer(name=name, is_ok=None, sentence="not asked: it is on this machine")
        about = service.check(CancelToken())
    except CmdarrError as error:
        return ServiceAnswer(name=name, is_ok=False, sentence=str(error).removeprefix(f"{name}: "))
    return ServiceAnswer(name=name, is_ok=True, sentence=f"ok ({about})")
