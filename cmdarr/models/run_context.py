"""Which run the calling thread works for, so that every log line of it can name the run, whoever writes the line."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_RUN: ContextVar[tuple[int, str] | None] = ContextVar("run", default=None)


@contextmanager
def working_for(run_id: int, command: str) -> Iterator[None]:
    """Name the run in every log line of this thread while the block lasts."""
    before = _RUN.set((run_id, command))
    try:
        yield
    finally:
        _RUN.reset(before)


def present_run() -> tuple[int, str] | None:
    """Return execution id and command of the run that this thread works for, None outside of any."""
    return _RUN.get()
