"""What the log says about a reload."""

import logging

from cmdarr.config.reload.doubt import Doubt
from cmdarr.config.reload.result import ReloadOutcome, ReloadResult
from cmdarr.config.snapshot import CommandState, Snapshot
from cmdarr.errors import Finding

logger = logging.getLogger(__name__)

_SHORT_HASH = 12


def describe_finding(finding: Finding) -> str:
    """Return file, line, column and message of a finding as one text."""
    return f"{finding.file}:{finding.line}:{finding.column}: {finding.message}"


def describe_errors(errors: tuple[Finding, ...]) -> str:
    """Return the first error, and how many more there are."""
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return describe_finding(errors[0]) + more if errors else "no file can be used"


def log_start(snapshot: Snapshot, doubt: Doubt | None) -> None:
    """Say what the process starts with."""
    logger.info(
        "Configuration loaded: %d commands, generation %s.",
        len(snapshot.commands),
        snapshot.generation[:_SHORT_HASH],
    )
    if doubt is not None:
        logger.warning("The last good commands are used: %s.", doubt.reason)
    _log_broken(snapshot, ())


def log_result(before: Snapshot, after: Snapshot, result: ReloadResult) -> None:
    """Say what came of a reload; nothing above DEBUG when there was nothing to do."""
    if result.outcome is ReloadOutcome.APPLIED:
        generation = after.generation[:_SHORT_HASH]
        logger.info("Configuration reloaded: %s, generation %s.", result.changes, generation)
        _log_broken(after, before.errors)
    elif result.outcome is ReloadOutcome.REJECTED:
        logger.warning("Configuration rejected, what ran before goes on: %s", describe_errors(result.errors))
    elif result.held is not None:
        wait = "until they are back" if result.held.until is None else "to see whether that lasts"
        logger.warning("The last good configuration is kept %s: %s.", wait, result.held.reason)
    else:
        logger.debug("Configuration unchanged.")
    pending = [key for key in result.pending_restart if key in result.changes.settings]
    if pending:
        logger.warning("Pending restart: %s; the change is not in force before.", ", ".join(pending))
    for warning in result.warnings:
        logger.warning("%s", warning)


def _log_broken(snapshot: Snapshot, known: tuple[Finding, ...]) -> None:
    """Name each file with errors that were not there before."""
    files = dict.fromkeys(finding.file for finding in snapshot.errors if finding not in known)
    if not files:
        return
    good = {entry.file: entry.good_since for entry in snapshot.commands.values() if _is_kept(entry.state)}
    for file in files:
        since = good.get(file)
        fate = f"the version of {since:%Y-%m-%d %H:%M} UTC goes on" if since else "it does not run"
        logger.warning("%s is broken, %s: %s", file, fate, describe_errors(snapshot.errors_in(file)))


def _is_kept(state: CommandState) -> bool:
    return state in {CommandState.LAST_GOOD, CommandState.EXPIRED}
