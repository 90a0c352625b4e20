"""Asking every configured service whether it answers: `cmdarr config check --online`."""

from dataclasses import dataclass, replace

from cmdarr.app.program import App
from cmdarr.app.services import Services
from cmdarr.config.snapshot import Snapshot
from cmdarr.errors import CmdarrError, NothingFound
from cmdarr.models.cancel import CancelToken

_AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAnswer:
    """How one service answered; `is_ok` is None when it was not asked."""

    name: str
    is_ok: bool | None
    sentence: str


def check_services(app: App, snapshot: Snapshot, only: str | None = None) -> list[ServiceAnswer]:
    """Ask every enabled service that settings.yaml names, all at once, or one; the sentences hold no secret.

    Raises:
        NothingFound: settings.yaml has no enabled service of that name.
    """
    from concurrent.futures import ThreadPoolExecutor

    services = app.services_for_check(snapshot)
    names = [
        name for name, entry in snapshot.settings.services.items() if entry.enabled and entry.is_configured
    ]
    if only is not None:
        if only not in names:
            raise NothingFound(f"settings.yaml has no enabled service '{only}'.")
        names = [only]
    with ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="check") as pool:
        answers = list(pool.map(lambda name: check_service(services, name), names))
    return [replace(answer, sentence=snapshot.redactor(answer.sentence)) for answer in answers]


def check_service(services: Services, name: str) -> ServiceAnswer:
    """Ask one service; the sentence may hold a secret."""
    try:
        service = services.online(name)
        if service is None:
            return ServiceAnswer(name=name, is_ok=None, sentence="not asked: it is on this machine")
        about = service.check(CancelToken())
    except CmdarrError as error:
        return ServiceAnswer(name=name, is_ok=False, sentence=str(error).removeprefix(f"{name}: "))
    return ServiceAnswer(name=name, is_ok=True, sentence=f"ok ({about})")
