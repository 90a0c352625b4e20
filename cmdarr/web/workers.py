"""Workers: the threads that wait for databases, disks and services, so that the event loop never does."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from cmdarr.errors import CommandError

T = TypeVar("T")

QUICK, SLOW = 4, 4
QUICK_LIMIT_S = 30.0
SLOW_LIMIT_S = 300.0
_MOST_WAITING = 300


class TookTooLong(CommandError):
    """This takes too long; it goes on in the background, look again later."""

    http_status = 504


class TooMany(CommandError):
    """Too many requests wait; try again in a moment."""

    http_status = 503
    exit_code = 75


class Workers:
    """Gives each piece of work a thread, a few at a time; what asks a service does not keep pages waiting.

    The threads are daemons and end with their work: a stop of the process waits for none of them, and nobody's
    connection stays open. All methods belong to the event loop.
    """

    def __init__(self) -> None:
        self._quick = asyncio.Semaphore(QUICK)
        self._slow = asyncio.Semaphore(SLOW)
        self._waiting = 0

    async def run(self, work: Callable[[], T], *, is_slow: bool = False) -> T:
        """Do some work in a thread.

        Raises:
            TooMany: too much waits already.
            TookTooLong: the time is over; the thread goes on.
        """
        if self._waiting >= _MOST_WAITING:
            raise TooMany
        places, limit_s = (self._slow, SLOW_LIMIT_S) if is_slow else (self._quick, QUICK_LIMIT_S)
        self._waiting += 1
        try:
            async with asyncio.timeout(limit_s):
                await places.acquire()
                return await _begin(work, places)
        except TimeoutError:
            raise TookTooLong from None
        finally:
            self._waiting -= 1


def _begin(work: Callable[[], T], places: asyncio.Semaphore) -> asyncio.Future[T]:
    """Start a thread that gives its place back when it ends, whether or not anybody still waits for it."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        places.release()
        if future.done():
            return
        if error is None:
            future.set_result(result)  # type: ignore[arg-type]  # None only beside an error, or where T allows it
        else:
            future.set_exception(error)

    def work_in_thread() -> None:
        result, failure = None, None
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - it is raised where it is awaited
            failure = error
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=work_in_thread, name="web work", daemon=True).start()
    return future
