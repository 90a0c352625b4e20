"""What a reload did, as the notice that a page shows after it."""

from typing import Literal, TypedDict

from cmdarr.app.editing import Saved
from cmdarr.config.reload import ReloadOutcome, ReloadResult
from cmdarr.config.report import summary


class Said(TypedDict):
    """The sentence of a notice, and whether it is a good one."""

    sentence: str
    kind: Literal["done", "failed"]


def said_of_saved(saved: Saved, what: str) -> Said:
    """Return the notice about a file that was written; `what` says what was done."""
    return said_of(saved.reload, f"{what}. ")


def said_of(result: ReloadResult, before: str = "") -> Said:
    """Return the notice about a reload."""
    is_bad = bool(result.errors) or result.outcome is ReloadOutcome.HELD
    return {"sentence": before + _sentence_of(result), "kind": "failed" if is_bad else "done"}


def _sentence_of(result: ReloadResult) -> str:
    if result.held is not None:
        return f"The change waits and is not in force: {result.held.reason}"
    broken = f" {summary(result.errors)} What was good before goes on." if result.errors else ""
    if result.outcome is ReloadOutcome.UNCHANGED:
        return f"Nothing differs from what is in force.{broken}"
    if result.outcome is ReloadOutcome.REJECTED:
        return f"What changed is broken, and is not in force:{broken}"
    restart = (
        f" This waits for a restart: {', '.join(result.pending_restart)}." if result.pending_restart else ""
    )
    return f"In force now: {result.changes}.{broken}{restart}"
