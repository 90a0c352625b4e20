"""Decisions and import lists of the legacy program."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes_importing import Place, all_text, texts_of, write_lists
from fakes_legacy import NEW, SHAPES, Legacy, Row, command, setting
from fakes_storage import START

from cmdarr.legacy.report import Fate
from cmdarr.models.decision import DecisionKind, item_of
from cmdarr.models.import_list import ImportListEntry

A, B, C = (f"{letter * 8}-71a5-4011-9441-d0b5e4122711" for letter in "abc")
AT = "2026-02-03 04:05:06"
MOMENT = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)


def event(number: int, mbid: str = A, date: str = "2026-08-01", **more: object) -> Row:
    row: dict[str, object] = {
        "id": number, "artist_mbid": mbid, "artist_name": "Björk", "venue_name": "Hall", "venue_city": "Ghent",
        "starts_at_utc": AT, "local_date": date, "dedupe_key": str(number), "user_interested": 0, "event_kind": "show",
        "updated_at": AT,
    }  # fmt: skip
    return {**row, **more}


def pending(title: str, date: str | None, status: str = "pending", mbid: str = A) -> Row:
    return {
        "artist_mbid": mbid, "artist_name": "Björk", "album_title": title, "release_date": date, "added_at": AT,
        "source": "scheduled", "status": status, "spotify_url": "https://deezer.com/album/1", "total_tracks": 9,
    }  # fmt: skip


DECIDED = Legacy(
    settings=[
        setting("ARTIST_EVENTS_HIDDEN_FESTIVAL_KEYS", '["tmfest:1:2026:a", "dzfest:b:2019", "tm:99"]', "[]"),
    ],
    others={
        "new_release_ignored_artist": [{"artist_mbid": A, "artist_name": "Björk", "ignored_at": AT}],
        "artist_concert_hidden": [{"artist_mbid": B.upper(), "artist_name": "Ólöf", "hidden_at": AT}],
        "dismissed_artist_album": [
            {"artist_mbid": A, "artist_name": "Björk", "album_title": "no", "release_date": None, "dismissed_at": AT}
        ],
        "new_release_pending": [
            pending("Début", ""), pending("Début", None), pending("Post", "1995", "dismissed"),
            pending("Gone", "1995", "resolved"), pending("Bad", "1995", mbid="not-an-mbid"),
        ],
        "concert_event": [event(1), event(2, B, user_interested=1), event(3, C, date="2020-01-01"), event(4)],
        "concert_event_source": [{"concert_event_id": 2, "provider": "deezer", "external_id": "x", "source_url": "u"}],
        "artist_concert_hidden_event": [
            {"event_id": 1, "hidden_at": AT}, {"event_id": 3, "hidden_at": AT}, {"event_id": 77, "hidden_at": AT}
        ],
    },
)  # fmt: skip


def test_every_decision_comes_over_by_what_it_is_about(place: Place, old: Path) -> None:
    DECIDED.write(old, NEW)
    result = place.bring(old)
    with place.store() as store:
        found = {(each.kind.value, each.subject, each.item): each for each in store.decisions.list()}
    at_the_hall = item_of("2026-08-01", "Hall", "Ghent")
    assert set(found) == {
        ("artist_ignored", A, ""), ("artist_hidden", B, ""), ("album_dismissed", A, item_of("no", "")),
        ("album_dismissed", A, item_of("Post", "1995")), ("release_pending", A, item_of("Début", "")),
        ("event_hidden", A, at_the_hall), ("event_starred", B, at_the_hall),
        ("festival_hidden", "tmfest:1:2026:a", ""), ("festival_hidden", "tm:99", ""),
    }  # fmt: skip
    assert found["artist_hidden", B, ""].decided_at == MOMENT
    assert (
        found["release_pending", A, item_of("Début", "")].details["spotify_url"]
        == "https://deezer.com/album/1"
    )
    assert found["event_starred", B, at_the_hall].details["sources"] == [
        {"provider": "deezer", "id": "x", "url": "u"}
    ]
    assert result.decisions == 9
    left_out = "\n".join(texts_of(result, Fate.LEFT_OUT))
    for what in (
        "Björk – Gone: its state was 'resolved'", "Björk – Bad: its artist has no valid MusicBrainz id",
        "Björk – Début: it was there twice", "dzfest:b:2019: it is over", "2020-01-01, Hall: it is over",
        "artist_concert_hidden_event 77: its event is gone",
    ):  # fmt: skip
        assert what in left_out


def test_a_second_import_adds_no_decision_twice_and_keeps_what_was_decided_since(
    place: Place, old: Path
) -> None:
    DECIDED.write(old, NEW)
    place.bring(old)
    with place.store() as store:
        store.decisions.remove(DecisionKind.ARTIST_HIDDEN, B)
    assert place.bring(old).decisions == 1
    assert place.bring(old).decisions == 0


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.version)
def test_a_version_without_the_tables_has_no_decisions(place: Place, old: Path, shape: object) -> None:
    Legacy().write(old, shape)  # type: ignore[arg-type]
    assert place.bring(old).decisions == 0


LASTFM = [
    {"MusicBrainzId": A, "ArtistName": "Sigur Rós", "source": "discovery_lastfm", "similarArtistTo": "Björk",
     "lastfmMatchScore": "0.93", "recoveredVia": "musicbrainz_fuzzy_match"},
    {"MusicBrainzId": A.upper(), "ArtistName": "again"},
    {"MusicBrainzId": "nope", "ArtistName": "Nobody"},
    "rubbish",
]  # fmt: skip
PLAYLIST = [
    {"MusicBrainzId": B, "ArtistName": "a", "source": "Hits", "dateAdded": "2026-02-03, 04:05:06"},
    {"MusicBrainzId": C, "ArtistName": "b", "source": "listenbrainz_playlist_sync_00002",
     "musicbrainz_similarity": "0.950", "original_name": "B!"},
]  # fmt: skip


def entries(place: Place, name: str) -> list[ImportListEntry]:
    with place.store() as store:
        return store.import_lists.entries(name)


def test_lists_come_over_with_date_source_and_score(place: Place, old: Path) -> None:
    Legacy().write(old, NEW)
    write_lists(
        old / "import_lists", {"discovery_lastfm.json": LASTFM, "discovery_playlistsync.json": PLAYLIST}
    )
    result = place.bring(old)
    (found,) = entries(place, "discovery_lastfm")
    assert (found.mbid, found.name, found.score, found.source) == (A, "Sigur Rós", 0.93, "discovery_lastfm")
    assert found.details == {"similarArtistTo": "Björk", "recoveredVia": "musicbrainz_fuzzy_match"}
    assert found.added_at == START.replace(microsecond=0)
    dated, undated = entries(place, "discovery_playlistsync")
    assert (dated.added_at, dated.score) == (MOMENT, None)
    assert (undated.added_at, undated.score) == (START.replace(microsecond=0), 0.95)
    assert result.import_list_entries == 3
    text = all_text(result)
    assert "Nobody: it has no valid MusicBrainz id" in text
    assert "again: it was there twice" in text
    assert "an entry: it has no valid MusicBrainz id" in text


def test_the_copy_serves_where_the_list_is_broken_and_says_so(place: Place, old: Path) -> None:
    Legacy().write(old, NEW)
    lists = {
        "discovery_playlistsync.json": '[{"MusicBrainzId": "',
        "discovery_playlistsync.json.backup": PLAYLIST,
    }
    write_lists(old / "import_lists", lists)
    text = all_text(place.bring(old))
    assert len(entries(place, "discovery_playlistsync")) == 2
    assert "discovery_playlistsync.json: it is broken" in text
    assert "the list itself was missing or broken" in text


@pytest.mark.parametrize("where", ["import_lists", "data/import_lists", "../import_lists"])
def test_lists_are_found_where_the_program_may_have_been_started(place: Place, old: Path, where: str) -> None:
    Legacy().write(old, NEW)
    write_lists((old / where).resolve(), {"discovery_lastfm.json": LASTFM[:1]})
    assert place.bring(old).import_list_entries == 1


def test_lists_are_found_where_the_user_put_them(place: Place, old: Path) -> None:
    Legacy(settings=[setting("OUTPUT_FILE", "data/mine/discovery_lastfm.json", "x")]).write(old, NEW)
    write_lists(old / "data/mine", {"discovery_lastfm.json": LASTFM[:1]})
    assert place.bring(old).import_list_entries == 1


def test_cool_downs_hold_as_long_as_the_command_says(place: Place, old: Path) -> None:
    Legacy(commands=[command("discovery_lastfm", {"artist_cooldown_days": 10, "limit": 2})]).write(old, NEW)
    asked = {A: "2026-02-03T04:05:06.000000+00:00", "bad": "x", B: "never"}
    write_lists(old / "import_lists", {"discovery_lastfm_queried.json": asked})
    place.bring(old)
    with place.store() as store:
        (found,) = store.decisions.list(DecisionKind.ARTIST_ASKED)
    assert (found.subject, found.decided_at, found.until) == (A, MOMENT, MOMENT + timedelta(days=10))
