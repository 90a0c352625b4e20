"""The engine's own upkeep: outcomes that config.db did not take are written again, old history is removed daily."""

import logging
from collections.abc import Callable
from functools import partial

from cmdarr.config.settings import HistorySettings
from cmdarr.engine.ports import History
from cmdarr.models.clock import Clock

logger = logging.getLogger(__name__)

FIRST_PRUNE_S = 300.0
"""The first retention after a start waits this long, so that it does not slow the start down."""
PRUNE_EVERY_S = 86_400.0
_PAUSE_S = 0.02  # between two batches, so that others get their turn to write


class Housekeeping:
    """Does what is to be done at this tick; `sweep_cache` removes what nobody can get from the cache any more."""

    def __init__(
        self, history: History, clock: Clock, *, sweep_cache: Callable[[], object] = lambda: None
    ) -> None:
        self._history = history
        self._clock = clock
        self._sweep_cache = sweep_cache
        self._next_prune = clock.monotonic() + FIRST_PRUNE_S

    def tick(self, settings: HistorySettings, pause: Callable[[float], None]) -> None:
        """Write what is left over; once a day sweep the cache and remove old executions.

        `pause` waits some seconds between the batches of a removal.
        """
        self._history.flush()
        if self._clock.monotonic() < self._next_prune:
            return
        self._next_prune = self._clock.monotonic() + PRUNE_EVERY_S
        self._sweep_cache()
        removed = self._history.prune(
            settings.keep_days, settings.keep_per_command, self._clock.now(), pause=partial(pause, _PAUSE_S)
        )
        if removed:
            logger.info(
                "removed %d old executions from the history.", removed, extra={"action": "history_pruned"}
            )
