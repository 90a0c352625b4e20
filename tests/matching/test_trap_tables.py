"""Traps of others, one a line in traps/*.csv, each with its reason: never.csv, same.csv, near.csv."""

import csv
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cmdarr.library.look_up import MOST_NEAREST, KeptTracks, decide_all
from cmdarr.matching.decide import decide
from cmdarr.matching.keys import track_keys
from cmdarr.models.match import Decision
from cmdarr.models.track import LibraryTrack, ServerId, WantedTrack

FOLDER = Path(__file__).parent / "traps"
OTHERS = [
    LibraryTrack(server_id=ServerId(f"other{place}"), artist=artist, title=title)
    for place, (artist, title) in enumerate(
        [("Somebody Else", "Hello World"), ("Zed", "Clarity"), ("Nobody", "X")]
    )
]
Row = dict[str, str]


@cache
def table(name: str) -> list[Row]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="|", quoting=csv.QUOTE_NONE))


def params(*names: str) -> list[Any]:
    return [pytest.param(row, id=row["reason"]) for name in names for row in table(name)]


NEVER, SAME, NEAR = params("never"), params("same"), params("near")


def milliseconds(text: str) -> int | None:
    return round(float(text) * 1000) if text else None


def asked(row: Row, side: str = "") -> WantedTrack:
    return WantedTrack(
        artist=row[f"{side}artist"],
        title=row[f"{side}title"],
        album=row[f"{side}album"],
        duration_ms=milliseconds(row[f"{side}seconds"]),
    )


def held(row: Row, side: str = "found_") -> LibraryTrack:
    track = asked(row, side)
    return LibraryTrack(
        server_id=ServerId("it"),
        artist=track.artist,
        title=track.title,
        album=track.album,
        duration_ms=track.duration_ms,
    )


def decided(wanted: WantedTrack, *library: LibraryTrack) -> Decision:
    """Decide as a run does: by what the keys lead to."""
    kept = KeptTracks.asked_for([wanted], ())
    for track in library:
        kept.keep(track, track_keys(track))
    return decide_all(kept, [wanted], ())[0]


def test_there_are_several_hundred_traps() -> None:
    assert len(NEVER) >= 200
    assert len(NEVER) + len(SAME) + len(NEAR) >= 350
    for name in ("never", "same", "near"):
        rows = table(name)
        assert len({row["reason"] for row in rows}) == len(rows)
        assert all(None not in row and None not in row.values() for row in rows)


@pytest.mark.parametrize("row", NEVER)
def test_another_recording_is_never_taken(row: Row) -> None:
    assert decide(asked(row), [held(row)]).match is None
    assert decide(asked(row, "found_"), [held(row, "")]).match is None, "the sides swapped"


@pytest.mark.parametrize("row", SAME + NEAR)
def test_the_same_recording_is_found(row: Row) -> None:
    assert decided(asked(row), held(row)).match == held(row)
    assert decide(asked(row, "found_"), [held(row, "")]).match == held(row, ""), "the sides swapped"


@pytest.mark.parametrize("row", NEAR)
def test_the_evidence_names_the_stage(row: Row) -> None:
    decision = decided(asked(row), held(row))
    assert decision.stage == row["stage"]
    assert decision.reason
    assert 0.75 <= decision.score < 0.9


@pytest.mark.parametrize("row", NEVER + SAME + NEAR)
def test_unrelated_tracks_and_their_order_change_nothing(row: Row) -> None:
    first = decided(asked(row), held(row))
    for library in ([*OTHERS, held(row)], [held(row), *reversed(OTHERS)]):
        again = decided(asked(row), *library)
        assert (again.match, again.stage, again.score) == (first.match, first.stage, first.score)


def namesakes(row: Row) -> list[LibraryTrack]:
    """More tracks of the wanted title than are looked at one by one, by artists that have nothing to do with it."""
    return [
        LibraryTrack(
            server_id=ServerId(f"{side}{place}"),
            artist=f"Qwx{place} Vzk{place}",
            title=row["title"],
            album=f"Jjj{place}",
        )
        for side in ("a", "z")  # before and behind the id of the track in question
        for place in range(MOST_NEAREST)
    ]


@pytest.mark.parametrize("row", NEVER + SAME + NEAR)
def test_a_hundred_namesakes_change_nothing(row: Row) -> None:
    first = decided(asked(row), held(row))
    again = decided(asked(row), *namesakes(row), held(row))
    assert (again.match, again.stage, again.score) == (first.match, first.stage, first.score)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("row", NEVER + SAME + NEAR)
def test_the_unicode_form_changes_nothing(row: Row, form: Any) -> None:
    changed = row | {key: unicodedata.normalize(form, row[key]) for key in ("artist", "title", "album")}
    first, again = decided(asked(row), held(row)), decided(asked(changed), held(row))
    assert (again.match, again.stage) == (first.match, first.stage)


@pytest.mark.parametrize("row", NEVER + SAME + NEAR)
def test_capitals_change_nothing(row: Row) -> None:
    changed = row | {key: row[key].upper() for key in ("artist", "title", "album")}
    first, again = decided(asked(row), held(row)), decided(asked(changed), held(row))
    assert (again.match, again.stage) == (first.match, first.stage)
