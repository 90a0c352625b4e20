"""The door to Apprise: the only user of that library. It is imported when something is sent, and keeps silent.

Its log lines, and those of the HTTP library below it, hold addresses and tokens; they go nowhere. From its refusals
only the status of the answer is read.
"""

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from cmdarr.app.outbox import Notice, NotSent

_LOGGER = "apprise"
_BELOW = ("urllib3", "requests", "requests_oauthlib", "oauthlib", "MARKDOWN")
_STATUS = re.compile(r"\berror=([1-5]\d\d)\b")
_SILENT = logging.CRITICAL + 1
_UNKNOWN = (
    "it is no URL that Apprise can use: correct it in settings.yaml, see https://appriseit.com/services/."
)
_REFUSED = "the service answered with status {}: check the token or address in the URL."
_NO_ANSWER = "the service did not answer, or did not take it: check that it is up, and the URL."


def send_by_apprise(url: str, notice: Notice) -> None:
    """Send a notice.

    Raises:
        NotSent: the URL means nothing, or the service did not take it; the text holds no part of the URL.
    """
    statuses: list[str] = []
    with _listening(statuses):
        import apprise

        asset = apprise.AppriseAsset(app_id="Cmdarr", app_desc="Cmdarr", storage_mode="memory")
        service = apprise.Apprise.instantiate(url, asset=asset)
        if service is None:
            raise NotSent(_UNKNOWN, is_worth_repeating=False)
        kind = apprise.NotifyType.WARNING if notice.is_bad else apprise.NotifyType.INFO
        is_taken = service.notify(title=notice.title, body=notice.body, notify_type=kind)
    if not is_taken:
        raise NotSent(_REFUSED.format(statuses[-1]) if statuses else _NO_ANSWER)


class _Statuses(logging.Handler):
    """Takes the status out of what one thread logs, and nothing else."""

    def __init__(self, statuses: list[str]) -> None:
        super().__init__()
        self._statuses = statuses
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self._statuses += _STATUS.findall(record.getMessage())


@contextmanager
def _listening(statuses: list[str]) -> Iterator[None]:
    """Keep the library's log lines from everybody else."""
    for name in _BELOW:
        logging.getLogger(name).setLevel(_SILENT)
    log, handler = logging.getLogger(_LOGGER), _Statuses(statuses)
    log.propagate = False
    log.setLevel(logging.WARNING)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
        if not log.handlers:
            log.addHandler(logging.NullHandler())
