"""The log tail: the last lines of the log, masked and bounded, for whoever looks at them in a browser."""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

LEVELS = ("debug", "info", "warning", "error")
REMEMBERED = 1000
"""So many lines are kept: about 200 kB of the usual ones."""
MOST_CHARACTERS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line of the log, without a secret. `level` is one of `LEVELS`; `at` is aware UTC."""

    at: datetime
    level: str
    text: str
    command: str = ""


class LogTail(logging.Handler):
    """Remembers the last lines. Safe to share by threads.

    Texts are masked when they come, and again when they are asked for: the first lines are older than the settings.
    """

    def __init__(self, redact: Callable[[str], str], *, most: int = REMEMBERED) -> None:
        """`redact` masks secrets and may know more of them with every reload."""
        super().__init__()
        self._redact = redact
        self._lines: deque[LogLine] = deque(maxlen=most)

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Listen to everything that Cmdarr logs; the form of the log on stderr may change meanwhile."""
        own = logging.getLogger("cmdarr")
        own.addHandler(self)
        try:
            yield
        finally:
            own.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Remember a line; one that cannot be formatted is left out, as everywhere in logging."""
        try:
            text = record.getMessage()
            if record.exc_info:
                text = f"{text}\n{logging.Formatter().formatException(record.exc_info)}"
        except (TypeError, ValueError, KeyError):
            return
        self._lines.append(
            LogLine(
                at=datetime.fromtimestamp(record.created, UTC),
                level=_level_of(record.levelno),
                text=_shortened(self._redact(text)),
                command=str(getattr(record, "command", "")),
            )
        )

    def last(self, most: int, *, level: str = "debug") -> list[LogLine]:
        """Return the last lines of a level and above, the newest first."""
        wanted = LEVELS[LEVELS.index(level) :]
        self.acquire()
        try:
            found = [line for line in self._lines if line.level in wanted]
        finally:
            self.release()
        return [replace(line, text=self._redact(line.text)) for line in found[-most:][::-1]]


def _level_of(number: int) -> str:
    if number >= logging.ERROR:
        return "error"
    if number >= logging.WARNING:
        return "warning"
    return "info" if number >= logging.INFO else "debug"


def _shortened(text: str) -> str:
    """Return a text with its middle left out when it is very long: the end of a traceback says most."""
    if len(text) <= MOST_CHARACTERS:
        return text
    half = MOST_CHARACTERS // 2
    return f"{text[:half]}\n…\n{text[-half:]}"
