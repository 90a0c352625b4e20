"""What a session takes from outside. Light to import: whoever checks the configuration needs no HTTP."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cmdarr.models.cancel import CancelToken
from cmdarr.models.clock import Clock, SystemClock
from cmdarr.transport.retry import RetryPolicy

if TYPE_CHECKING:
    from cmdarr.transport.cache import Answers


def wait_for(cancel: CancelToken, seconds: float) -> None:
    """Wait, or raise at once when the run is asked to stop."""
    cancel.wait(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The time, the waiting, the chance, and the store of answers."""

    clock: Clock = field(default_factory=SystemClock)
    wait: Callable[[CancelToken, float], None] = wait_for
    chance: Callable[[], float] = random.random
    answers: "Answers | None" = None
    root: Path = Path()
    """The folder that a relative CA file is looked up from."""
    retry: RetryPolicy | None = None
    """How patient every session is, in place of its own way."""
