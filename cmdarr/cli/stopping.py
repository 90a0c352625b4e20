"""Ctrl-C and SIGTERM while a verb works: the first one cancels, the second one ends the process at once."""

import os
import queue
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from cmdarr.models.cancel import CancelToken

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SHOW_CURSOR = b"\x1b[?25h"


@contextmanager
def cancel_on_signals() -> Iterator[CancelToken]:
    """Give a token that the first signal cancels.

    The handler only puts into a SimpleQueue: setting the token there could deadlock with the run it interrupts.
    """
    cancel = CancelToken()
    asked: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def ask_to_stop(number: int, frame: object) -> None:
        del number, frame
        asked.put(True)
        for each in _SIGNALS:
            signal.signal(each, _end_at_once)

    def pass_on() -> None:
        if asked.get():
            cancel.cancel()
            print("stopping; once more ends it at once.", file=sys.stderr, flush=True)

    before = {number: signal.signal(number, ask_to_stop) for number in _SIGNALS}
    passing = threading.Thread(target=pass_on, name="signals", daemon=True)
    passing.start()
    try:
        yield cancel
    finally:
        asked.put(False)
        passing.join()
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_at_once(number: int, frame: object) -> None:
    """Die of the signal, as shells expect it; a progress bar may have hidden the cursor."""
    del frame
    if os.isatty(2):
        os.write(2, _SHOW_CURSOR)
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
