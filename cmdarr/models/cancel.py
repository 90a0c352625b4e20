"""The cancel token: how a run is asked to stop, checked at every wait and between batches."""

import threading

from cmdarr.errors import RunCancelled


class CancelToken:
    """A flag that is set once. Whoever waits, waits on it; whoever works, checks it between batches."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._error: RunCancelled | None = None

    def cancel(self, error: RunCancelled | None = None) -> None:
        """Ask the run to stop; the first error given is the one that it will report."""
        if self._error is None:
            self._error = error or RunCancelled("The run was cancelled.")
        self._event.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether the run was asked to stop."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise the error given to `cancel` when the run was asked to stop."""
        if self._event.is_set():
            raise self._error or RunCancelled("The run was cancelled.")

    def wait(self, seconds: float) -> None:
        """Sleep for `seconds`, or raise at once when the run is asked to stop meanwhile."""
        self._event.wait(seconds)
        self.check()
