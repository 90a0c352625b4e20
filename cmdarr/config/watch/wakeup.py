"""The wake-up flag: all that an event of the file system may do."""

import threading

from cmdarr.config.tree import is_config_file

ACTED_ON = frozenset({"created", "modified", "moved", "deleted", "closed"})
"""Types of event that wake the watcher; opening and reading a file are none of them, else a scan would wake itself."""


class WakeUp:
    """A flag that any thread sets and the watcher's thread takes.

    It also knows which configuration files were written to and not closed since: what they hold may be half of it.
    """

    def __init__(self) -> None:
        self._flag = threading.Event()
        self._events = 0
        self._taken = 0
        self._open: set[str] = set()

    @property
    def has_open_file(self) -> bool:
        """Whether a configuration file is being written: it was modified and nobody closed it yet."""
        return bool(self._open)

    def announce(self, event_type: str, path: str, *, is_directory: bool) -> None:
        """Take note of an event. Called by the observer's thread: it reads nothing and raises nothing."""
        if event_type not in ACTED_ON:
            return
        if not is_directory:
            self._note_writer(event_type, path)
        self._events += 1
        self._flag.set()

    def _note_writer(self, event_type: str, path: str) -> None:
        if event_type != "modified":
            self._open.discard(path)
        elif is_config_file("commands/" + path.rpartition("/")[2]):
            self._open.add(path)

    def nudge(self) -> None:
        """Wake the watcher without claiming that a file changed."""
        self._flag.set()

    def forget_open_files(self) -> None:
        """Forget who was writing: the events that would tell of the end may be lost."""
        self._open.clear()

    def wait(self, seconds: float) -> None:
        """Wait until the flag is set, at most so long."""
        self._flag.wait(seconds)

    def take(self) -> bool:
        """Lower the flag and return whether an event raised it."""
        self._flag.clear()
        events = self._events  # a counter, since an event between reading and resetting a flag would be lost
        had_event, self._taken = events != self._taken, events
        return had_event
