"""What services answered when they were last asked: remembered, so that every page shows the same."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cmdarr.app.online import ServiceAnswer, check_services
from cmdarr.app.program import App
from cmdarr.config.services import ServiceEntry
from cmdarr.config.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedService:
    """The answer of one service, the settings that it was asked with, and when."""

    answer: ServiceAnswer
    entry: ServiceEntry
    at: datetime


class ServiceChecks:
    """Asks services and remembers the last answer of each. Safe to share by threads."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._checked: dict[str, CheckedService] = {}

    def ask(self, snapshot: Snapshot, only: str | None = None) -> list[ServiceAnswer]:
        """Ask every enabled service, or one, and remember what they said.

        Raises:
            NothingFound: settings.yaml has no enabled service of that name.
        """
        answers = check_services(self._app, snapshot, only=only)
        now, services = self._app.clock.now(), snapshot.settings.services
        with self._lock:
            for answer in answers:
                self._checked[answer.name] = CheckedService(
                    answer=answer, entry=services[answer.name], at=now
                )
        return answers

    def latest(self, snapshot: Snapshot) -> Mapping[str, CheckedService]:
        """Return the last answers of services whose settings are still those that they were asked with."""
        services = snapshot.settings.services
        with self._lock:
            return {name: one for name, one in self._checked.items() if services.get(name) == one.entry}
