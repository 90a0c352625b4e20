"""The report of a finished run, for people: targets, changes and what did not match."""

from collections.abc import Mapping, Sequence
from typing import Any

from cmdarr.models.execution import Execution

MOST_UNMATCHED = 20


def print_report(execution: Execution) -> None:
    """Print how a run ended, but for its error; the plan line by line when it was a dry run."""
    took = f" in {execution.duration_s:.1f} s" if execution.duration_s is not None else ""
    mode = " (dry run)" if execution.dry_run else ""
    summary = execution.summary if execution.summary != execution.error else ""
    print(f"{execution.command}: {execution.status}{mode}{took}. {summary}".rstrip(), flush=True)
    for target in _list(execution.result.get("targets")):
        _print_target(target, plan=execution.dry_run)


def _print_target(target: Mapping[str, Any], *, plan: bool) -> None:
    who = f" for {target['user']}" if target.get("user") else ""
    print(f"  {target.get('server')} “{target.get('title')}”{who}: {_counts(target)}")
    if target.get("note"):
        print(f"    {target['note']}")
    if plan:
        for line in _list(target.get("plan")):
            print(f"    {line}")
    unmatched = _list(target.get("unmatched"))
    for track in unmatched[:MOST_UNMATCHED]:
        print(f"    not matched: {track.get('artist')} – {track.get('title')} ({track.get('reason')})")
    if len(unmatched) > MOST_UNMATCHED:
        print(f"    … and {len(unmatched) - MOST_UNMATCHED} more: `cmdarr history show ID` lists all.")


def _counts(target: Mapping[str, Any]) -> str:
    unmatched = len(_list(target.get("unmatched")))
    parts = [f"{_count(target.get('matched'))} matched", f"{unmatched} not"]
    parts += [
        f"{_count(target.get(key))} {key}" for key in ("added", "removed", "moved") if _count(target.get(key))
    ]
    if target.get("error"):
        parts.append("failed")
    elif not any(_count(target.get(key)) for key in ("added", "removed", "moved")):
        parts.append("nothing to change")
    if target.get("held"):
        parts.append("held: `--accept-removals` applies it")
    return ", ".join(parts)


def _count(value: Any) -> int:
    """Return a number, or the length of a list."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return len(value)
    return int(value or 0)


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
