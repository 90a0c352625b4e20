"""Progress of a run on the terminal: a bar where one can be drawn, plain lines elsewhere."""

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID


class LineProgress:
    """Writes each step as one line on stderr."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to clear."""

    def step(self, text: str, total: int | None = None) -> None:
        """Write the step."""
        print(f"{text} ({total})" if total is not None else text, file=sys.stderr, flush=True)

    def advance(self, count: int = 1) -> None:
        """Say nothing: a line for every item would drown the steps."""


class BarProgress:
    """Draws the present step as a bar on the terminal and clears it at the end."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

        self._bar: RichProgress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[count]}"),
            console=Console(stderr=True),
            transient=True,
        )
        self._task: TaskID | None = None
        self._done, self._total = 0, ""

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def step(self, text: str, total: int | None = None) -> None:
        """Begin a new bar in place of the present one."""
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._done, self._total = 0, f"/{total}" if total is not None else ""
        self._task = self._bar.add_task(text, total=total, count="")

    def advance(self, count: int = 1) -> None:
        """Move the bar, and count the items beside it."""
        if self._task is not None:
            self._done += count
            self._bar.update(self._task, advance=count, count=f"{self._done}{self._total}")


def terminal_progress() -> LineProgress | BarProgress:
    """Return the progress that suits stderr."""
    return BarProgress() if sys.stderr.isatty() else LineProgress()
