"""`cmdarr serve`: the daemon. Signals only set flags; the main thread acts on them."""

import gc
import logging
import queue
import signal
import threading
from contextlib import ExitStack
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Self

import click

from cmdarr.cli.ending import report_error
from cmdarr.cli.logs import hold_log, log_to_stderr
from cmdarr.cli.state import CliState, pass_state
from cmdarr.errors import ConfigError
from cmdarr.models.redaction import Redactor

if TYPE_CHECKING:
    from cmdarr.app.control import Control
    from cmdarr.app.daemon import Daemon
    from cmdarr.config.snapshot import Snapshot

logger = logging.getLogger(__name__)
SLICE_S = 1.0  # how soon a signal is noticed that the system gave to another thread
GARBAGE_THRESHOLDS = (700, 10, 10)  # Python's own: the start worked with others
_STOPPED = 0  # in the queue of signals: no signal has this number
BROKEN_CONFIGURATION = 78  # EX_CONFIG of sysexits.h: a supervisor need not start this again and again


@click.command()
@click.option(
    "--no-last-good", is_flag=True, help="Start without the last good versions of broken command files."
)
@pass_state
def serve(state: CliState, no_last_good: bool) -> int:
    """Run the daemon: scheduler, hot reload and the web side. SIGHUP reloads, SIGTERM stops with grace."""
    from cmdarr.app.control import Control
    from cmdarr.app.daemon import Daemon
    from cmdarr.app.event_board import EventBoard
    from cmdarr.app.log_tail import LogTail

    log, tail = _Log(debug=state.debug), LogTail(state.app.redact)
    with _Signals() as signals, tail.attached():
        board = EventBoard(state.app.clock, state.app.redact)
        daemon = Daemon(
            state.app, follow_settings=log.follow, listeners=[board], follow_reload=board.config_followed
        )
        try:
            snapshot = daemon.prepare(no_last_good=no_last_good)
        except ConfigError as error:
            report_error(error, state)
            return BROKEN_CONFIGURATION
        finally:
            log.release()
        _work(Control(state.app, daemon, board, tail), snapshot, signals)
    return 0


def _work(control: "Control", snapshot: "Snapshot", signals: "_Signals") -> None:
    """Work until a signal ends it; whatever fails on the way, the daemon is stopped."""
    from cmdarr.app.address import remove_address, write_address
    from cmdarr.web.application import make_application
    from cmdarr.web.server import WebServer

    threading.excepthook = _log_thread_error
    daemon = control.daemon
    with ExitStack() as parts:
        parts.callback(daemon.stop)
        settings = snapshot.settings.web
        web = WebServer(
            host=settings.host,
            port=settings.port,
            application=make_application(control),
            before_stop=control.board.close,
        )
        parts.callback(web.stop)
        daemon.start()
        web.start()
        parts.callback(remove_address, control.app.data_dir)
        write_address(control.app.data_dir, web.url)
        logger.info("Cmdarr is running: %s%s/", web.url, settings.base_path, extra={"action": "started"})
        _settle()
        signals.wait(daemon)
        threading.excepthook = _ignore_thread_error


def _settle() -> None:
    """Drop what only the start needed; what is left stays for good and is not looked through for garbage again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)


class _Log:
    """Follows the settings; it masks the secrets of every snapshot so far, as a run may still use an old one."""

    def __init__(self, *, debug: bool) -> None:
        self._debug = debug
        self._redactor = Redactor()
        self._is_held = True
        hold_log(level="debug" if debug else "info")

    def follow(self, snapshot: "Snapshot") -> None:
        """Write as the settings ask."""
        self._redactor |= snapshot.redactor
        log = snapshot.settings.log
        log_to_stderr(level="debug" if self._debug else log.level, form=log.format, redact=self._redactor)
        self._is_held = False

    def release(self) -> None:
        """Write what was held back, also when no settings could be read."""
        if self._is_held:
            log_to_stderr(level="debug" if self._debug else "info", redact=self._redactor)


def _log_thread_error(args: threading.ExceptHookArgs) -> None:
    """Log what ended a thread; the traceback, masked, only at level debug."""
    name = args.thread.name if args.thread else "a thread"
    logger.error("%s ended with an unexpected %s.", name, args.exc_type.__name__)
    logger.debug("traceback of %s:", name, exc_info=args.exc_value)


def _ignore_thread_error(args: threading.ExceptHookArgs) -> None:
    """Say nothing: a run that was cut off finds its databases closed."""
    del args


class _Signals:
    """SIGHUP reloads; the first SIGTERM or SIGINT stops with grace, the second at once.

    Handlers only put into a SimpleQueue, which may be done in the middle of anything; an Event or a lock could
    deadlock with the very code that the signal interrupts.
    """

    def __init__(self) -> None:
        self._arrived: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        del frame
        self._arrived.put(number)

    def wait(self, daemon: "Daemon") -> None:
        """Act on signals until the daemon has stopped."""
        stopping: threading.Thread | None = None
        while (number := self._next()) != _STOPPED:
            if number == signal.SIGHUP:
                threading.Thread(target=daemon.reload, name="sighup", daemon=True).start()
            elif stopping is None:
                stopping = threading.Thread(target=self._stop, args=(daemon,), name="stop")
                stopping.start()
            else:
                daemon.stop_now()

    def _next(self) -> int:
        while True:
            try:
                return self._arrived.get(timeout=SLICE_S)
            except queue.Empty:
                continue

    def _stop(self, daemon: "Daemon") -> None:
        try:
            daemon.stop()
        finally:
            self._arrived.put(_STOPPED)
