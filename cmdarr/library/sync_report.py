"""The report of a playlist sync as the history keeps it: JSON-ready values and one sentence. Pure."""

from collections.abc import Mapping, Sequence

from cmdarr.errors import CmdarrError
from cmdarr.library.definition import TargetReport
from cmdarr.library.ports import PlaylistChange
from cmdarr.library.read_sources import ReadSource
from cmdarr.library.sync import SyncReport
from cmdarr.models.execution import Outcome, Status
from cmdarr.models.match import Candidate, Decision
from cmdarr.models.playlist import PlaylistEntry


def outcome_of(report: SyncReport, *, dry_run: bool) -> Outcome:
    """Return the outcome of a sync: failed when any target failed, else held when any waits, else succeeded."""
    targets = (target.error for target in report.targets)
    errors = [error for error in (*report.source_errors, *targets) if error is not None]
    return Outcome(
        status=_status(report.targets, errors),
        summary=summarise(report),
        result=_result(report, dry_run=dry_run),
        changes=sum(_changes(target) for target in report.targets if dry_run or not target.held),
        error=" ".join(map(str, errors)) or None,
        error_class=type(errors[0]).__name__ if errors else None,
    )


def _result(report: SyncReport, *, dry_run: bool) -> dict[str, object]:
    source: dict[str, object] = {"title": report.source.title, "tracks": len(report.source.tracks)}
    if left_out := sum(wanted.left_out for wanted in report.wanted):
        source["left_out"] = left_out
    if unavailable := [name for wanted in report.wanted for name in wanted.playlist.unavailable]:
        source["unavailable"] = unavailable
    values: dict[str, object] = {"source": source}
    read = [each for wanted in report.wanted for each in wanted.sources]
    if len(read) > 1:
        values["sources"] = [_source_as_json(each) for each in read]
    values["targets"] = [target_as_json(target, with_plan=dry_run) for target in report.targets]
    if report.retired:
        values["retired"] = list(report.retired)
    return values


def _source_as_json(read: ReadSource) -> dict[str, object]:
    values: dict[str, object] = {
        "service": read.source.service,
        "playlist": read.source.playlist,
        "title": read.playlist.title if read.playlist else None,
        "tracks": len(read.playlist.tracks) if read.playlist else 0,
    }
    if read.playlist and read.playlist.edition:
        values["edition"] = read.playlist.edition
    if read.error is not None:
        values["error"] = str(read.error)
    return values


def target_as_json(report: TargetReport, *, with_plan: bool) -> dict[str, object]:
    """Return one target of the `result` JSON; `plan` lists every change by name, for a dry run or a held change."""
    change = report.change
    values: dict[str, object] = {
        "server": report.target.server,
        "title": report.target.title,
        "playlist_id": report.playlist_id or None,
        "user": report.target.user or None,
        "matched": report.matched,
        "unmatched": [_unmatched(decision) for decision in report.decisions if decision.match is None],
        "added": len(change.added) if change else 0,
        "removed": len(change.removed) if change else 0,
        "moved": len(change.moved) if change else 0,
        "unchanged": change.unchanged if change else 0,
        "held": bool(report.held),
        "writes": report.writes,
    }
    if change is not None and (with_plan or report.held):
        values["plan"] = plan_lines(change)
    if report.held:
        values["held_reason"] = report.held
    if report.details.title:
        values["renamed_to"] = report.details.title
    if report.details.description:
        values["described_as"] = report.details.description
    if note := "; ".join(filter(None, (report.note, report.details.note))):
        values["note"] = note
    if report.error is not None:
        values["error"] = str(report.error)
    return values


def plan_lines(change: PlaylistChange) -> list[str]:
    """Return a change line by line: `+` added, `-` removed, `~` moved, places counted from 1."""
    places = {id(entry): place for place, entry in enumerate(change.wanted, 1)}
    return [
        *(f"- {_text(entry)}" for entry in change.removed),
        *(f"+ {_text(entry)} (to {places[id(entry)]})" for entry in change.added),
        *(f"~ {_text(entry)} (to {places[id(entry)]})" for entry in change.moved),
    ]


def summarise(report: SyncReport) -> str:
    """Return one sentence: what matched, and what changed where."""
    counts = {(target.matched, len(target.decisions)) for target in report.targets if target.decisions}
    untold = sum(len(wanted.playlist.unavailable) for wanted in report.wanted)
    more = f"; {_counted(untold, 'entry', 'entries')} of the source could not be told" if untold else ""
    if len(counts) != 1:
        return "; ".join(_target_text(target, with_matches=True) for target in report.targets) + f"{more}."
    ((matched, total),) = counts
    parts = (_target_text(target, with_matches=False) for target in report.targets)
    return f"{matched} of {total} tracks matched; {'; '.join(parts)}{more}."


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _target_text(report: TargetReport, *, with_matches: bool) -> str:
    who = f"{report.target.server} ({report.target.user})" if report.target.user else report.target.server
    total = len(report.decisions)
    matched = f"{report.matched} of {total} matched, " if with_matches and total else ""
    return f"{who}: {matched}{_what_happened(report)}"


def _what_happened(report: TargetReport) -> str:
    if report.error is not None:
        return "failed"
    details = str(report.details)
    change = report.change
    if change is None or change.is_empty:
        return details or "unchanged"
    counts = f"{len(change.added)} added, {len(change.removed)} removed"
    moved = f", {len(change.moved)} moved" if change.moved else ""
    return (
        ", ".join(filter(None, (f"{counts}{moved}", details)))
        if not report.held
        else f"held, because {report.held}"
    )


def _status(reports: Sequence[TargetReport], errors: Sequence[CmdarrError]) -> Status:
    if errors:
        return Status.FAILED
    return Status.HELD if any(report.held for report in reports) else Status.SUCCEEDED


def _changes(report: TargetReport) -> int:
    if report.change is None:
        return 0
    details = bool(report.details.title) + bool(report.details.description)
    return details + len(report.change.added) + len(report.change.removed) + len(report.change.moved)


def _unmatched(decision: Decision) -> dict[str, object]:
    return {
        "artist": decision.wanted.artist,
        "title": decision.wanted.title,
        "album": decision.wanted.album,
        "reason": decision.reason,
        "candidates": [candidate_as_json(candidate) for candidate in decision.candidates],
    }


def candidate_as_json(candidate: Candidate) -> Mapping[str, object]:
    """Return a candidate with why it was not taken; `reason` is empty for the one that was."""
    return {
        "artist": candidate.track.artist or candidate.track.album_artist,
        "title": candidate.track.title,
        "album": candidate.track.album,
        "server_id": candidate.track.server_id,
        "score": candidate.score,
        "reason": candidate.reason,
    }


def _text(entry: PlaylistEntry) -> str:
    return f"{entry.artist} – {entry.title}" if entry.title else str(entry.server_id)
