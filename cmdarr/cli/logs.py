"""The log: sentences on stderr, as text or JSON lines, with every secret masked before it is written."""

import logging
import sys
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from logging.handlers import MemoryHandler

import msgspec

from cmdarr.models.run_context import present_run

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_MOST_HELD = 1000
_TALKATIVE = (
    "peewee", "watchdog", "asyncio", "uvicorn", "httpx2", "httpcore2", "httpx", "httpcore", "spotify_scraper",
)  # fmt: skip
_TEXT = "%(asctime)s %(levelname)-7s %(message)s"


class _Masking(logging.Formatter):
    """Formats a record completely, traceback included, and then masks secrets in the text."""

    def __init__(self, redact: Callable[[str], str]) -> None:
        super().__init__(_TEXT)
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        return self._redact(super().format(record))

    def formatTime(  # noqa: N802 - the name that logging calls
        self, record: logging.LogRecord, datefmt: str | None = None
    ) -> str:
        del datefmt
        return datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="seconds")


class _MaskingJson(_Masking):
    """One JSON object a line: time, level, logger, message, the run that wrote it, and whatever `extra` named."""

    _EXTRA = ("run_id", "command", "service", "action")

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._redact(record.getMessage()),
        }
        if (
            run := present_run()
        ) is not None:  # what a client writes in the middle of a run belongs to it too
            fields["run_id"], fields["command"] = run
        fields.update({name: getattr(record, name) for name in self._EXTRA if hasattr(record, name)})
        if record.exc_info:
            fields["traceback"] = self._redact(self.formatException(record.exc_info))
        return msgspec.json.encode(fields).decode()


def hold_log(*, level: str) -> None:
    """Keep log lines back until `log_to_stderr` knows the form that settings.yaml asks for."""
    root = logging.getLogger()
    _remove_handlers(root)
    root.addHandler(MemoryHandler(_MOST_HELD, flushLevel=logging.CRITICAL + 1))
    root.setLevel(LEVELS[level])


def log_to_stderr(
    *,
    level: str,
    form: str = "text",
    redact: Callable[[str], str] = str,
    without: Collection[str] = (),
) -> None:
    """Send the log of this process to stderr, and what was held back first.

    `redact` masks secrets and may know more of them with every reload; `without` names actions that are not written.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_MaskingJson(redact) if form == "json" else _Masking(redact))
    handler.addFilter(lambda record: getattr(record, "action", None) not in without)
    root = logging.getLogger()
    held = _remove_handlers(root)
    root.addHandler(handler)
    root.setLevel(LEVELS[level])
    for library in _TALKATIVE:
        logging.getLogger(library).setLevel(logging.WARNING)  # they would write every statement and event
    logging.raiseExceptions = False
    for record in held:
        if record.levelno >= root.level:
            handler.handle(record)


def _remove_handlers(root: logging.Logger) -> list[logging.LogRecord]:
    """Remove all handlers and return the records that they held back."""
    held: list[logging.LogRecord] = []
    for former in root.handlers[:]:
        root.removeHandler(former)
        if isinstance(former, MemoryHandler):
            held += former.buffer
            former.buffer.clear()
            former.close()
    return held
