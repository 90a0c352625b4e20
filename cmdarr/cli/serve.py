"""`cmdarr serve`: the daemon. Signals only set flags; the main thread acts on them."""

import logging
import queue
import signal
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING

import click

from cmdarr.cli.logs import log_to_stderr
from cmdarr.cli.state import CliState, pass_state
from cmdarr.errors import ConfigError
from cmdarr.models.redaction import Redactor

if TYPE_CHECKING:
    from cmdarr.app.daemon import Daemon
    from cmdarr.config.snapshot import Snapshot

logger = logging.getLogger(__name__)
SLICE_S = 1.0  # how soon the end of a stop is noticed
BROKEN_CONFIGURATION = 78  # EX_CONFIG of sysexits.h: a supervisor need not start this again and again


@click.command()
@click.option(
    "--no-last-good", is_flag=True, help="Start without the last good versions of broken command files."
)
@pass_state
def serve(state: CliState, no_last_good: bool) -> int:
    """Run the daemon: scheduler, hot reload and the web side. SIGHUP reloads, SIGTERM stops with grace."""
    from cmdarr.app.daemon import Daemon
    from cmdarr.web.server import WebServer

    daemon = Daemon(state.app, follow_settings=_Log(debug=state.debug).follow)
    try:
        web_settings = daemon.prepare(no_last_good=no_last_good).settings.web
    except ConfigError as error:
        return _refuse(error)
    web = WebServer(host=web_settings.host, port=web_settings.port, find_problems=daemon.find_problems)
    signals = _Signals(daemon)
    web.start()
    daemon.start()
    logger.info("Cmdarr is running: http://%s:%d/health", *web.address, extra={"action": "started"})
    signals.wait()
    web.stop()
    return 0


class _Log:
    """Follows the settings; it masks the secrets of every snapshot so far, as a run may still use an old one."""

    def __init__(self, *, debug: bool) -> None:
        self._debug = debug
        self._redactor = Redactor()
        log_to_stderr(level="debug" if debug else "info", redact=self._redactor)

    def follow(self, snapshot: "Snapshot") -> None:
        self._redactor |= snapshot.redactor
        log = snapshot.settings.log
        log_to_stderr(level="debug" if self._debug else log.level, form=log.format, redact=self._redactor)


def _refuse(error: ConfigError) -> int:
    from cmdarr.config.report import format_text

    print(format_text(error.findings), file=sys.stderr)
    print(f"cmdarr: {error}", file=sys.stderr)
    return BROKEN_CONFIGURATION


class _Signals:
    """SIGHUP reloads; the first SIGTERM or SIGINT stops with grace, the second at once.

    Handlers only put into a SimpleQueue, which may be done in the middle of anything; an Event or a lock could
    deadlock with the very code that the signal interrupts.
    """

    def __init__(self, daemon: "Daemon") -> None:
        self._daemon = daemon
        self._arrived: queue.SimpleQueue[int] = queue.SimpleQueue()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        del frame
        self._arrived.put(number)

    def wait(self) -> None:
        """Act on signals until the daemon has stopped."""
        stopping: threading.Thread | None = None
        while stopping is None or stopping.is_alive():
            try:
                number = self._arrived.get(timeout=SLICE_S)
            except queue.Empty:
                continue
            if number == signal.SIGHUP:
                threading.Thread(target=self._daemon.reload, name="sighup", daemon=True).start()
            elif stopping is None:
                stopping = threading.Thread(target=self._daemon.stop, name="stop")
                stopping.start()
            else:
                self._daemon.stop_now()
