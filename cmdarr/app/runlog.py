"""The run log of the daemon: what did not match and what each step was, as log lines."""

import logging
from collections.abc import Mapping, Sequence

from cmdarr.models.execution import Execution

logger = logging.getLogger(__name__)
MOST_LINES = 10


class RunLog:
    """Listens to runs and writes what their one-sentence summary leaves out."""

    def run_queued(self, execution: Execution) -> None:
        """Say nothing: the start is logged."""

    def run_started(self, execution: Execution) -> None:
        """Say nothing: the engine has logged it."""

    def progress(self, execution: Execution, step: str, done: int, total: int | None) -> None:
        """Log the beginning of a step."""
        if done == 0:
            count = f" ({total})" if total is not None else ""
            logger.debug("%s: %s%s", execution.command, step, count, extra={"command": execution.command})

    def run_finished(self, execution: Execution) -> None:
        """Log what did not match and what is to be known, target by target."""
        targets = execution.result.get("targets")
        for target in targets if isinstance(targets, list | tuple) else ():
            if target.get("note"):
                extra = {"run_id": execution.id, "command": execution.command, "action": "note"}
                logger.warning(
                    "%s: %s: %s", execution.command, target.get("server"), target["note"], extra=extra
                )
            self._log_unmatched(execution, str(target.get("server")), target.get("unmatched") or ())

    def _log_unmatched(
        self, execution: Execution, server: str, unmatched: Sequence[Mapping[str, object]]
    ) -> None:
        extra = {
            "run_id": execution.id,
            "command": execution.command,
            "service": server,
            "action": "unmatched",
        }
        for track in unmatched[:MOST_LINES]:
            logger.info(
                "%s: not on %s: %s – %s (%s)",
                execution.command,
                server,
                track.get("artist"),
                track.get("title"),
                track.get("reason"),
                extra=extra,
            )
        if len(unmatched) > MOST_LINES:
            more = len(unmatched) - MOST_LINES
            logger.info("%s: … and %d more not on %s.", execution.command, more, server, extra=extra)
