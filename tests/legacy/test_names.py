"""Names of imported commands."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.legacy.names import assign_names, slug
from cmdarr.models.naming import is_command_name


def test_a_name_is_what_the_user_saw() -> None:
    assert slug("[Spotify] Today's Top Hits → Plex") == "spotify-todays-top-hits-plex"
    assert slug("Sigur Rós & Björk") == "sigur-ros-bjork"
    assert slug("прогулка") == "progulka"
    assert slug("★ ★") == slug("") == ""


def test_equal_names_are_numbered_by_age_and_a_younger_one_changes_none() -> None:
    rows = [("playlist_sync_00001", "Hits"), ("top_tracks_00001", "hits!"), ("mood_playlist_00001", "Hits 2")]
    names = assign_names(rows)
    assert names == {
        "playlist_sync_00001": "hits",
        "top_tracks_00001": "hits-2",
        "mood_playlist_00001": "hits-2-2",
    }
    more = assign_names([*rows, ("mood_playlist_00002", "HITS")])
    assert {name: more[name] for name in names} == names


def test_without_a_name_the_legacy_one_serves() -> None:
    assert assign_names([("playlist_sync_00001", "★")]) == {"playlist_sync_00001": "playlist-sync-00001"}
    assert assign_names([("★", "")]) == {"★": "command"}


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.text(min_size=1), st.text()), unique_by=lambda pair: pair[0], max_size=6))
def test_any_names_give_names_of_commands_that_differ(rows: list[tuple[str, str]]) -> None:
    names = assign_names(rows)
    assert len(set(names.values())) == len(rows)
    assert all(map(is_command_name, names.values()))
    assert all(len(name) <= 44 for name in names.values())
