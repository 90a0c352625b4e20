"""The matcher over two CSV files, without a server: `id,title,artist,album,duration_s,isrc,recording_mbid[,group]`."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cmdarr.errors import NothingFound, UsageError
from cmdarr.library.look_up import KeptTracks, decide_all
from cmdarr.matching.keys import track_keys
from cmdarr.models.match import Decision
from cmdarr.models.track import Isrc, LibraryTrack, RecordingMbid, ServerId, WantedTrack

NEEDED_COLUMNS = ("id", "title", "artist")
_LONGEST_FIELD = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchRow:
    """The decision for one wanted row; `match` is the id of the library row, None when the matcher abstained."""

    id: str
    decision: Literal["matched", "abstained"]
    match: str | None
    stage: str
    score: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One row of a file with its place."""

    file: Path
    line: int
    place: int
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values.get(column) or ""

    @property
    def duration_ms(self) -> int | None:
        """The duration in milliseconds, None for an empty field or 0."""
        text = self["duration_s"].strip()
        try:
            return round(float(text) * 1000) or None if text else None
        except (ValueError, OverflowError):
            raise UsageError(
                f"{self.file}: line {self.line}: duration_s {text!r} is not a number of seconds."
            ) from None


def match_files(wanted: Path, library: Path) -> list[MatchRow]:
    """Decide for every row of the wanted file which row of the library file it is, in the order of the file.

    Where both files have a `group` column, a row is compared only with library rows of its own group.

    Raises:
        NothingFound: a file does not exist.
        UsageError: a file is not such a CSV file; names file and line.
    """
    asked, held = list(_read_rows(wanted)), list(_read_rows(library))
    is_grouped = all(rows and "group" in rows[0].values for rows in (asked, held))
    groups: dict[str, list[_Row]] = defaultdict(list)
    for row in asked:
        groups[row["group"] if is_grouped else ""].append(row)
    kept = _keep_asked(groups, held, is_grouped=is_grouped)
    decided: dict[int, MatchRow] = {}
    for group, rows in groups.items():
        decisions = decide_all(kept[group], [_wanted_track(row) for row in rows], ())
        for row, decision in zip(rows, decisions, strict=True):
            decided[row.place] = _match_row(row, decision)
    return [decided[place] for place in sorted(decided)]


def _keep_asked(
    groups: Mapping[str, Sequence[_Row]], held: Iterable[_Row], *, is_grouped: bool
) -> dict[str, KeptTracks]:
    """Return, by group, the library tracks that the group's wanted tracks may be compared with."""
    kept = {name: KeptTracks.asked_for(map(_wanted_track, rows), ()) for name, rows in groups.items()}
    for row in held:
        library = kept.get(row["group"] if is_grouped else "")
        if library is not None:
            track = _library_track(row)
            library.keep(track, track_keys(track))
    return kept


def _read_rows(path: Path) -> Iterator[_Row]:
    """Yield the rows of a CSV file in UTF-8, with or without a byte order mark."""
    csv.field_size_limit(_LONGEST_FIELD)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restkey="")
            _check_columns(path, reader.fieldnames or ())
            for place, values in enumerate(reader):
                yield _Row(file=path, line=reader.line_num, place=place, values=values)
    except FileNotFoundError:
        raise NothingFound(f"{path} does not exist.") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text: save it as UTF-8.") from error
    except (OSError, csv.Error) as error:
        raise UsageError(f"{path} cannot be read as CSV: {error}.") from error


def _check_columns(path: Path, columns: Sequence[str]) -> None:
    missing = [name for name in NEEDED_COLUMNS if name not in columns]
    if missing:
        raise UsageError(
            f"{path}: line 1 has no column {', '.join(missing)}; "
            "write id,title,artist,album,duration_s,isrc,recording_mbid."
        )


def _wanted_track(row: _Row) -> WantedTrack:
    return WantedTrack(
        title=row["title"],
        artist=row["artist"],
        album=row["album"],
        duration_ms=row.duration_ms,
        isrc=Isrc(row["isrc"]) if row["isrc"] else None,
        recording_mbid=RecordingMbid(row["recording_mbid"]) if row["recording_mbid"] else None,
    )


def _library_track(row: _Row) -> LibraryTrack:
    return LibraryTrack(
        server_id=ServerId(row["id"]),
        title=row["title"],
        artist=row["artist"],
        album=row["album"],
        duration_ms=row.duration_ms,
        isrc=Isrc(row["isrc"]) if row["isrc"] else None,
        recording_mbid=RecordingMbid(row["recording_mbid"]) if row["recording_mbid"] else None,
    )


def _match_row(row: _Row, decision: Decision) -> MatchRow:
    found = decision.match
    return MatchRow(
        id=row["id"],
        decision="matched" if found else "abstained",
        match=found.server_id if found else None,
        stage=decision.stage,
        score=decision.score,
        reason=decision.reason,
    )
