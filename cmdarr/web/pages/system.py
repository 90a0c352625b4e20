"""System: what runs here, whether the services answer, and the end of the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cmdarr.app.about import version_shape
from cmdarr.app.log_tail import LEVELS
from cmdarr.app.online import ServiceAnswer
from cmdarr.errors import UsageError
from cmdarr.web.pages.page import Done, Nav, PageRoute, View, Visit

HERE = "/system"
LOG_LINES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRow:
    """One service of settings.yaml; `answer` is None when it was not asked since its settings changed."""

    name: str
    type: str
    enabled: bool
    answer: ServiceAnswer | None
    asked_at: datetime | None


def show_system(visit: Visit) -> View:
    """Show services, versions, paths and the last lines of the log."""
    control = visit.control
    level = visit.query.get("level", "debug")
    if level not in LEVELS:
        raise UsageError(f"a level is one of {', '.join(LEVELS)}.")
    return View(
        template="system.html",
        title="System",
        context={
            "problems": control.daemon.find_problems(),
            "services": _services(visit),
            "about": version_shape(control.app),
            "started_at": control.started_at,
            "max_parallel": control.snapshot.settings.executor.max_parallel,
            "lines": control.log_tail.last(LOG_LINES, level=level),
            "most_lines": LOG_LINES,
            "level": level,
            "levels": LEVELS,
            "written_level": control.snapshot.settings.log.level,
            "public_metrics": control.web_settings.public_metrics,
        },
    )


def check_services(visit: Visit) -> Done:
    """Ask every service whether it answers, or one."""
    name = visit.form.get("name") or None
    answers = visit.control.check_services(name)
    return Done(
        to=f"{HERE}#services",
        sentence=_outcome(answers),
        kind="failed" if any(one.is_ok is False for one in answers) else "done",
    )


def _services(visit: Visit) -> list[ServiceRow]:
    control, snapshot = visit.control, visit.control.snapshot
    checked = control.checks.latest(snapshot)
    return [
        ServiceRow(
            name=name,
            type=entry.type,
            enabled=entry.enabled,
            answer=checked[name].answer if name in checked else None,
            asked_at=checked[name].at if name in checked else None,
        )
        for name, entry in snapshot.settings.services.items()
        if entry.is_configured
    ]


def _outcome(answers: Sequence[ServiceAnswer]) -> str:
    failed = [answer.name for answer in answers if answer.is_ok is False]
    asked = [answer for answer in answers if answer.is_ok is not None]
    if len(answers) == 1:
        return f"{answers[0].name}: {answers[0].sentence}."
    if failed:
        return f"{len(asked) - len(failed)} of {len(asked)} services answered; not {', '.join(failed)}."
    if not asked:
        return "There is no service to ask: none is elsewhere."
    return f"Every service that was asked answered ({len(asked)})."


NAV = Nav("System", HERE, 80)
ROUTES = (
    PageRoute(path=HERE, show=show_system),
    PageRoute(path=f"{HERE}/check", show=check_services, method="POST", back=HERE, is_slow=True),
)
