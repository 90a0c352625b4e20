"""Accuracy of matching on two public sets of training data: precision, recall, and every wrong match by name.

`make bench-matching`, or `python -m benchmarks.accuracy [FOLDER]`. The folder holds `itunes-amazon-train.csv` (pairs of
two shops, one decision a pair) and `musicbrainz-20k-train.csv` (damaged records: the lowest id of a cluster asks, all
others are the library). It lies beside the repository as `shared/data/matching`; `CMDARR_MATCHING_DATA` names another.
"""

import csv
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import Figure
from cmdarr.library.look_up import KeptTracks, decide_all
from cmdarr.matching.keys import track_keys
from cmdarr.models.match import Decision
from cmdarr.models.track import LibraryTrack, ServerId, WantedTrack

PAIRS, RECORDS = "itunes-amazon-train.csv", "musicbrainz-20k-train.csv"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One decision beside the truth."""

    decision: Decision
    has_mate: bool
    """Whether the library has the wanted recording."""
    is_right: bool
    """Whether the match is that recording."""
    place: int
    """Which half it belongs to: even to tune on, odd to check."""

    @property
    def is_wrong(self) -> bool:
        """Whether something else was accepted."""
        return self.decision.match is not None and not self.is_right


@dataclass(frozen=True, slots=True)
class Score:
    """What a number of judgements come to."""

    right: int
    wrong: int
    mates: int

    @property
    def precision(self) -> float:
        """The share of the matches that are right."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """The share of what the library has that was found."""
        return self.right / self.mates if self.mates else 1.0

    def __str__(self) -> str:
        both = self.precision + self.recall
        mean = 2 * self.precision * self.recall / both if both else 0.0
        missing = self.mates - self.right
        return (
            f"P {self.precision:.4f}  R {self.recall:.4f}  F1 {mean:.4f}  "
            f"({self.right} right, {self.wrong} wrong, {missing} missing)"
        )


def data_folder(argument: str | None = None) -> Path | None:
    """Return the folder of the training data, None when it is not there."""
    beside = Path(__file__).parents[2] / "shared" / "data" / "matching"
    folder = Path(argument or os.environ.get("CMDARR_MATCHING_DATA") or beside)
    return folder if (folder / PAIRS).is_file() and (folder / RECORDS).is_file() else None


def score(judgements: Iterable[Judgement]) -> Score:
    """Count judgements."""
    every = list(judgements)
    return Score(
        right=sum(one.is_right for one in every),
        wrong=sum(one.is_wrong for one in every),
        mates=sum(one.has_mate for one in every),
    )


def judge_pairs(folder: Path) -> list[Judgement]:
    """Decide for each pair of songs whether they are one recording."""
    return [_judge_pair(place, row) for place, row in enumerate(_rows(folder / PAIRS))]


def _judge_pair(place: int, row: dict[str, str]) -> Judgement:
    def side(name: str) -> dict[str, str]:
        return {key: row[f"{name}_{key}"] for key in ("title", "artist", "album", "duration_s")}

    decision = _decide([_wanted(side("left"))], [_held("it", side("right"))])[0]
    is_same = row["same"] == "1"
    return Judgement(decision, is_same, is_same and decision.match is not None, place)


def judge_records(folder: Path) -> list[Judgement]:
    """Let the lowest id of each cluster of records ask, and all others be the library."""
    clusters: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in _rows(folder / RECORDS):
        clusters[row["cluster"]].append(row)
    for rows in clusters.values():
        rows.sort(key=lambda row: int(row["id"]))
    library = [_held(row["id"], row) for rows in clusters.values() for row in rows[1:]]
    decisions = _decide([_wanted(rows[0]) for rows in clusters.values()], library)
    return [
        _judge_cluster(decision, cluster, rows)
        for decision, (cluster, rows) in zip(decisions, clusters.items(), strict=True)
    ]


def _judge_cluster(decision: Decision, cluster: str, rows: Sequence[dict[str, str]]) -> Judgement:
    mates = {row["id"] for row in rows[1:]}
    is_right = decision.match is not None and decision.match.server_id in mates
    return Judgement(decision, bool(mates), is_right, int(cluster))


def has_artist(judgement: Judgement) -> bool:
    """Whether the wish names an artist."""
    return bool(judgement.decision.wanted.artist.strip())


def _decide(wanted: Sequence[WantedTrack], library: Sequence[LibraryTrack]) -> list[Decision]:
    kept = KeptTracks.asked_for(wanted, ())
    for track in library:
        kept.keep(track, track_keys(track))
    return decide_all(kept, wanted, ())


def _wanted(row: dict[str, str]) -> WantedTrack:
    return WantedTrack(
        title=row["title"], artist=row["artist"], album=row["album"], duration_ms=_milliseconds(row)
    )


def _held(server_id: str, row: dict[str, str]) -> LibraryTrack:
    return LibraryTrack(
        server_id=ServerId(server_id),
        title=row["title"],
        artist=row["artist"],
        album=row["album"],
        duration_ms=_milliseconds(row),
    )


def _milliseconds(row: dict[str, str]) -> int | None:
    return round(float(row.get("duration_s") or 0) * 1000) or None


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def report(
    name: str, judgements: Sequence[Judgement], only: Callable[[Judgement], bool] | None = None
) -> None:
    """Print the score of a set, of its halves, and what was matched wrongly."""
    chosen = [one for one in judgements if only is None or only(one)]
    print(f"{name}: {len(chosen)} decisions")
    for half, part in (("all", None), ("tune", 0), ("check", 1)):
        print(f"  {half:<6}{score(one for one in chosen if part is None or one.place % 2 == part)}")
    for one in chosen:
        if one.is_wrong and one.decision.match:
            wanted, match = one.decision.wanted, one.decision.match
            print(f"  wrong by {one.decision.stage}: {wanted.artist} – {wanted.title} [{wanted.album}]")
            print(f"    taken: {match.artist} – {match.title} [{match.album}]")


def figures() -> list[Figure]:
    """Return the shares of wrong and of missing matches beside what they may be; none without the data."""
    folder = data_folder()
    if folder is None:
        return []
    pairs, records = score(judge_pairs(folder)), score(filter(has_artist, judge_records(folder)))
    return [
        Figure("iTunes-Amazon: matches that are wrong", 1 - pairs.precision, 0.02, "of 1"),
        Figure("iTunes-Amazon: recordings that are missed", 1 - pairs.recall, 1 - 0.907, "of 1"),
        Figure(
            "MusicBrainz-20K, artist present: matches that are wrong", 1 - records.precision, 0.02, "of 1"
        ),
        Figure("MusicBrainz-20K, artist present: recordings missed", 1 - records.recall, 1 - 0.744, "of 1"),
    ]


def main(arguments: Sequence[str]) -> None:
    """Print every score."""
    folder = data_folder(*arguments[:1])
    if folder is None:
        print(
            f"No training data: put {PAIRS} and {RECORDS} into a folder and name it in CMDARR_MATCHING_DATA."
        )
        return
    report("iTunes-Amazon", judge_pairs(folder))
    records = judge_records(folder)
    report("MusicBrainz-20K, all", records)
    report("MusicBrainz-20K, artist present", records, has_artist)


if __name__ == "__main__":
    main(sys.argv[1:])
