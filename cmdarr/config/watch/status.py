"""What the watcher says about itself."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchStatus:
    """How changes of the config folder are noticed, and whether that works.

    `reason` says why `mode` is `polling` although inotify was wanted. `notes` are sentences about this folder's
    mounts. `events_arrive` turns False when a scan finds a change that no event announced, and True again with the next
    change that one did. `rebuilt` counts how often the observer was set up again, `restarts` how often the thread was.
    """

    mode: Literal["inotify", "polling", "off"] = "off"
    is_running: bool = False
    reason: str = ""
    notes: tuple[str, ...] = ()
    events_arrive: bool = True
    rebuilt: int = 0
    restarts: int = 0

    @property
    def warnings(self) -> tuple[str, ...]:
        """Everything that the user should know about the watcher, as sentences."""
        found = list(self.notes)
        if self.mode == "polling" and self.reason:
            found.append(f"Changes are found by a scan every few seconds, not by inotify: {self.reason}.")
        if not self.events_arrive:
            found.append(
                "Events of the config folder are not arriving: a scan found a change that none announced."
            )
        return tuple(found)
