"""Progress: how a run tells what it is doing."""

from typing import Protocol


class Progress(Protocol):
    """Receives the steps of a run; implementations draw, log or publish them."""

    def step(self, text: str, total: int | None = None) -> None:
        """Begin a step; `total` is the number of items, None when it is not known."""

    def advance(self, count: int = 1) -> None:
        """Report `count` more items of the current step as done."""


class SilentProgress:
    """Progress that nobody watches."""

    def step(self, text: str, total: int | None = None) -> None:
        """Ignore the step."""

    def advance(self, count: int = 1) -> None:
        """Ignore the items."""
