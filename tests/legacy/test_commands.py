"""Legacy commands as command files."""

# ruff: noqa: E501 - options of commands read best in one line

from pathlib import Path
from typing import Any

import pytest
from fakes_importing import LaterApp, Place, all_text, texts_of
from fakes_legacy import NEW, SPLIT_HOURS, Legacy, Row, Shape, command, execution, secret, setting, sync
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.legacy.report import Fate

PLEX = [setting("PLEX_URL", "http://p:1", "http://localhost:32400"), secret("PLEX_TOKEN", "tok-plex")]
EVENTS = [
    setting("ARTIST_EVENTS_USER_LAT", "52.5"),
    setting("ARTIST_EVENTS_RADIUS_MILES", "40", "100", "float"),
]


def bring(
    place: Place, old: Path, *rows: Row, shape: Shape = NEW, executions: list[Row] | None = None
) -> str:
    settings_rows = [*PLEX, *EVENTS] if shape is NEW else PLEX
    Legacy(settings=settings_rows, commands=rows, executions=executions or []).write(old, shape)
    result = place.bring(old)
    place.load()
    return all_text(result)


def only(place: Place) -> Any:
    (found,) = place.commands().values()
    return found


def test_a_playlist_command_is_written_in_the_order_of_its_model(place: Place, old: Path) -> None:
    place.version = LaterApp
    more = {"sync_mode": "additive", "plex_account_ids": ["12", "34"], "expires_at": "2027-01-31T23:30:00"}
    bring(place, old, sync(config=more, schedule_cron="*/30 * * * *"))
    assert place.text("commands/deezer-hits-plex.yaml") == (
        "# yaml-language-server: $schema=../schema/command.json\n"
        "# Imported from the legacy Cmdarr: playlist_sync_00001 ([Deezer] Hits → Plex).\n"
        "kind: playlist_sync\n"
        'description: "[Deezer] Hits → Plex"\n'
        'schedule: "*/30 * * * *"\n'
        "time_limit: 30m\n"
        'expires: "2027-01-31"\n'
        "source:\n"
        "  service: deezer\n"
        "  playlist: https://www.deezer.com/en/playlist/1\n"
        "targets:\n"
        "  - server: plex\n"
        '    title: "[Deezer] Hits"\n'
        "    users:\n"
        '      - "12"\n'
        '      - "34"\n'
        "mode: append\n"
        "adopt: true\n"
    )


def test_a_source_of_a_later_version_disables_the_command_and_that_version_takes_it_as_it_is(
    place: Place, old: Path, tmp_path: Path
) -> None:
    text = bring(place, old, sync())
    assert only(place)["enabled"] is False
    assert "Write `enabled: true`" in place.text("commands/deezer-hits-plex.yaml")
    assert "it is disabled: settings.yaml has no service 'deezer'." in text
    place.version = LaterApp
    path = place.config / "commands/deezer-hits-plex.yaml"
    path.write_text(path.read_text().replace("enabled: false", "enabled: true"))
    assert place.load().findings == ()
    fresh = Place(tmp_path / "fresh", version=LaterApp)
    fresh.bring(old)
    assert "enabled" not in only(fresh)


@pytest.mark.parametrize(
    ("name", "config", "kind", "keys"),
    [
        (
            "discovery_lastfm",
            {"artists_to_query": 4, "similar_per_artist": 2, "artist_cooldown_days": 9, "limit": 6, "min_match_score": 0.8},
            "artist_discovery",
            {"artists_per_run": 4, "similar_per_artist": 2, "cooldown": "9d", "max_per_run": 6, "min_match": 0.8,
             "import_list": "discovery_lastfm"},
        ),
        (
            "top_tracks_00001",
            {"artists": ["Björk", "no"], "top_x": 3, "source": "plex", "target": "plex", "last_playlist_id": "77"},
            "artist_essentials",
            {"artists": ("Björk", "no"), "tracks_per_artist": 3, "ranking": "server", "adopt": True,
             "targets": ({"server": "plex", "title": "[Cmdarr] Artist Essentials: Björk · no"},)},
        ),
        (
            "lfm_similar_00001",
            {"seed_artists": "A\nB\n\nC\nD", "similar_per_seed": 5, "max_artists": 25, "include_seeds": False, "top_x": 2,
             "target": "jellyfin", "source": "lastfm"},
            "similar_artists",
            {"seeds": ("A", "B", "C", "D"), "similar_per_seed": 5, "max_artists": 25, "include_seeds": False,
             "tracks_per_artist": 2, "adopt": True,
             "targets": ({"server": "jellyfin", "title": "[Cmdarr] Last.fm Similar: A · B + 2 More"},)},
        ),
        (
            "setlistfm_00001",
            {"artists": ["A"], "max_tracks_per_artist": 9, "use_custom_playlist_name": True, "custom_playlist_name": "Live!"},
            "setlist",
            {"artists": ("A",), "max_tracks_per_artist": 9, "adopt": True,
             "targets": ({"server": "plex", "title": "[Cmdarr] Setlist: Live!"},)},
        ),
        (
            "mood_playlist_00001",
            {"moods": "Happy, Sad", "max_tracks": 40, "exclude_last_run": False, "min_year_enabled": True, "min_year": 1990,
             "last_run_track_ids": ["1"]},
            "mood",
            {"moods": ("Happy", "Sad"), "max_tracks": 40, "exclude_last_run": False, "years": {"from": 1990}, "adopt": True,
             "targets": ({"server": "plex", "title": "[Cmdarr] Mood: Happy · Sad"},)},
        ),
        (
            "local_discovery_00001",
            {"plex_history_account_id": "5", "lookback_days": 60, "sonic_similarity_distance": 0.25},
            "local_discovery",
            {"server": "plex", "user": "5", "lookback": "60d", "max_distance": 0.25},
        ),
        (
            "daylist_00001",
            {"plex_history_account_id": "5", "schedule_minute": 20, "time_periods": {"Dawn": [3, 4]}, "timezone": None},
            "daylist",
            {"server": "plex", "user": "5", "periods": {"Dawn": (3, 4)}, "schedule": "20 * * * *"},
        ),
        (
            "xmplaylist_00001",
            {"station_deeplink": "altnation", "station_display_name": "Alt Nation", "playlist_kind": "most_heard",
             "most_heard_days": 7, "target": "plex", "plex_playlist_account_id": "8"},
            "radio_station",
            {"station": "altnation", "ranking": "most_heard", "days": 7, "adopt": True,
             "targets": ({"server": "plex", "title": "[Cmdarr] SXM - Alt Nation - Most Played (7d)", "users": ("8",)},)},
        ),
        (
            "new_releases_discovery",
            {"artists_per_run": 9, "album_types": "album,ep", "new_releases_source": "spotify_scraper"},
            "new_releases",
            {"artists_per_run": 9, "types": ("album", "ep"), "source": "spotify"},
        ),
        (
            "artist_events_refresh",
            {"artists_per_run": 21, "refresh_ttl_days": 3, "error_retry_minutes": 15, "force_refresh_all": True},
            "artist_events",
            {"artists_per_run": 21, "refresh_after": "3d", "retry_after": "15m", "location": {"latitude": 52.5},
             "radius_miles": 40},
        ),
    ],
)  # fmt: skip
def test_a_kind_of_a_later_version_keeps_its_full_options_in_a_disabled_file(
    place: Place, old: Path, name: str, config: dict[str, object], kind: str, keys: dict[str, object]
) -> None:
    text = bring(place, old, command(name, config, display_name="My own", schedule_cron="5 4 * * *"))
    found = only(place)
    common = {
        "kind": kind,
        "description": "My own",
        "enabled": False,
        "schedule": "5 4 * * *",
        "time_limit": "30m",
    }
    assert found == {**common, **keys}
    (finding,) = [each for each in place.load().findings if each.code == "kind_unavailable"]
    assert finding.severity == "warning"
    assert f"This version has no kind '{kind}'" in place.text("commands/my-own.yaml")
    assert f"command {name}: it is disabled" in text.replace(" → commands/my-own.yaml", "")


def test_each_playlist_of_listenbrainz_becomes_a_command(place: Place, old: Path) -> None:
    config = {
        "source": "listenbrainz",
        "playlist_types": ["weekly_jams", "daily_jams"],
        "target": "plex",
        "cleanup_enabled": True,
    }
    row = command("playlist_sync_00003", config, display_name="My LB")
    bring(place, old, row)
    assert {name: found["source"]["playlist"] for name, found in place.commands().items()} == {
        "my-lb-weekly-jams": "weekly-jams",
        "my-lb-daily-jams": "daily-jams",
    }


def test_the_curated_playlists_of_the_first_versions_become_commands(place: Place, old: Path) -> None:
    row = command(
        "playlist_sync_listenbrainz_curated", {"weekly_jams": False}, display_name="LB", schedule_hours=12
    )
    bring(place, old, row, shape=SPLIT_HOURS)
    assert only(place)["source"]["playlist"] == "weekly-exploration"


def test_the_cache_builder_becomes_a_refresh_when_somebody_used_it(place: Place, old: Path) -> None:
    row = command(
        "library_cache_builder", {"plex_enabled": True, "jellyfin_enabled": False}, timeout_minutes=180
    )
    bring(place, old, row)
    assert only(place) == {
        "kind": "library_refresh",
        "description": "library_cache_builder",
        "time_limit": "3h",
    }


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (command("discovery_lastfm", {"limit": 5, "similar_count": 1, "min_match_score": 0.5}, enabled=0), "as it had been installed"),
        (command("playlist_sync_discovery_maintenance", {"age_threshold_days": 30}), "look after themselves"),
        (sync(deleted_at="2026-01-01 00:00:00"), "you had deleted it"),
        (command("discovery_listenbrainz", {"limit": 9}), "there is no such command any more"),
        (command("something_new", {"a": 1}), "there is no such command any more"),
    ],
)  # fmt: skip
def test_what_is_no_command_any_more_is_named_with_its_reason(
    place: Place, old: Path, row: Row, why: str
) -> None:
    text = bring(place, old, row)
    assert place.commands() == {}
    assert any(str(row["command_name"]) in line and why in line for line in text.splitlines())


def test_the_hour_is_that_of_a_real_run_and_not_of_one_that_was_made_up(place: Place, old: Path) -> None:
    made_up: Any = {"last_run": "2026-06-01 17:17:17.000000"}
    rows = [
        sync(schedule_hours=12, **made_up),
        sync("playlist_sync_00002", "Never", schedule_hours=12, **made_up),
    ]
    bring(place, old, *rows, shape=SPLIT_HOURS, executions=[execution(1), execution(5)])
    assert place.commands()["deezer-hits-plex"]["schedule"] == "7 8,20 * * *"
    assert place.commands()["deezer-never-plex"]["schedule"] == "0 */12 * * *"


def test_the_hour_is_that_of_the_users_zone(place: Place, old: Path) -> None:
    legacy = Legacy(
        settings=[*PLEX, setting("SCHEDULER_TIMEZONE", "Asia/Tokyo")],
        commands=[sync(schedule_hours=24)],
        executions=[execution(1)],
    )
    legacy.write(old, SPLIT_HOURS)
    place.bring(old)
    assert only(place)["schedule"] == "7 13 * * *"
    assert place.settings()["timezone"] == "Asia/Tokyo"


def test_a_schedule_that_never_ran_does_not_run_now(place: Place, old: Path) -> None:
    place.version = LaterApp
    text = bring(place, old, sync(schedule_cron="every day"))
    assert only(place)["enabled"] is False
    assert "'every day' is no schedule, and it never ran" in text
    assert "# 'every day' is no schedule" in place.text("commands/deezer-hits-plex.yaml")


@pytest.mark.parametrize(
    "row",
    [
        command("playlist_sync_00001", {"source": "spotify"}, display_name="Lost"),
        command("playlist_sync_00001", {"source": "listenbrainz", "playlist_types": []}, display_name="Lost"),
        command("playlist_sync_00001", None, display_name="Lost", config_json="{broken"),
    ],
)
def test_a_command_that_lacks_what_it_needs_is_kept_where_nothing_reads_it(
    place: Place, old: Path, row: Row
) -> None:
    text = bring(place, old, row)
    assert place.commands() == {}
    kept = place.text("commands/lost.yaml.disabled")
    assert "# kind: playlist_sync" in kept
    assert all(line.startswith("#") for line in kept.splitlines())
    assert "it is kept, but nothing reads it → commands/lost.yaml.disabled" not in text
    assert "commands/lost.yaml.disabled" in text


def test_options_of_a_wrong_type_and_unknown_ones_are_left_out_and_named(place: Place, old: Path) -> None:
    config = {"limit": "abc", "similar_per_artist": "4", "min_match_score": True, "made_up": "canary"}
    text = bring(place, old, command("discovery_lastfm", config))
    assert only(place)["similar_per_artist"] == 4
    assert not {"max_per_run", "min_match"} & only(place).keys()
    for key in ("limit", "min_match_score", "made_up"):
        assert f"option {key}" in text
    assert "canary" not in text


def test_the_playlist_of_the_last_run_is_bound_unless_it_belonged_to_several(place: Place, old: Path) -> None:
    shared = {"artists": ["A"], "last_playlist_id": "9", "plex_account_ids": ["1", "2"]}
    one = {
        "artists": ["A"],
        "last_playlist_id": "77",
        "last_playlist_title": "Mine",
        "plex_account_ids": ["1"],
    }
    rows = [
        command("top_tracks_00001", {"artists": ["A"], "last_playlist_id": 12}, display_name="Alone"),
        command("top_tracks_00002", one, display_name="One"),
        command("top_tracks_00003", shared, display_name="Shared"),
    ]
    text = bring(place, old, *rows)
    with place.store() as store:
        found = {(each.command, each.user): (each.playlist_id, each.title) for each in store.bindings.list()}
    assert found == {("alone", ""): ("12", "[Cmdarr] Artist Essentials: A"), ("one", "1"): ("77", "Mine")}
    assert "top_tracks_00003, its playlist: one id was kept for several users" in text


def test_discovery_of_artists_is_kept_in_this_version_or_as_a_comment(place: Place, old: Path) -> None:
    bring(place, old, sync(config={"enable_artist_discovery": True, "artist_discovery_max_per_run": 3}))
    assert "discover_artists:" in place.text("commands/deezer-hits-plex.yaml")
    assert "import_list: discovery_playlistsync" in place.text("commands/deezer-hits-plex.yaml")


def test_equal_names_are_numbered_by_age(place: Place, old: Path, tmp_path: Path) -> None:
    rows = [sync("playlist_sync_00002", id=1), sync("playlist_sync_00001", id=2)]
    bring(place, old, *rows)
    assert "playlist_sync_00002" in place.text("commands/deezer-hits-plex.yaml")
    assert "playlist_sync_00001" in place.text("commands/deezer-hits-plex-2.yaml")


def test_counters_are_named(place: Place, old: Path) -> None:
    text = bring(place, old, sync(total_execution_count=9, total_success_count=7, total_failure_count=2))
    assert "counters: 9 runs, 7 well, 2 failed" in text


def test_a_secret_in_a_text_of_the_user_is_masked(place: Place, old: Path) -> None:
    row = sync(description="uses tok-plex, really")
    text = bring(place, old, row)
    assert only(place)["description"] == "uses •••, really"
    assert "tok-plex" not in text


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
OPTIONS = st.sampled_from(
    [
        "source", "playlist_url", "playlist_name", "target", "sync_mode", "enable_artist_discovery", "unique_id",
        "plex_account_ids", "artists", "top_x", "limit", "moods", "time_periods", "expires_at", "schedule_minute",
        "playlist_types", "last_playlist_id", "custom_playlist_name", "use_custom_playlist_name", "station_deeplink",
    ]
)  # fmt: skip
NAMES = (
    "playlist_sync_00001",
    "top_tracks_00001",
    "daylist_00001",
    "mood_playlist_00001",
    "discovery_lastfm",
    "xmplaylist_1",
)


@settings(deadline=None, max_examples=8)
@given(st.tuples(*[st.dictionaries(OPTIONS, ANY_JSON | TEXTS, max_size=6)] * len(NAMES)), TEXTS, TEXTS, TEXTS)
def test_anything_in_any_column_gives_a_configuration_that_loads_and_texts_survive(
    tmp_path_factory: pytest.TempPathFactory,
    configs: tuple[dict[str, object], ...],
    display_name: str,
    description: str,
    cron: str,
) -> None:
    folder = tmp_path_factory.mktemp("any")
    place = Place(folder / "new", version=LaterApp)
    rows = [
        command(name, config, display_name=display_name, description=description, schedule_cron=cron)
        for name, config in zip(NAMES, configs, strict=True)
    ]
    rows.append(sync("playlist_sync_00009", description=description, display_name="Sure"))
    Legacy(settings=PLEX, commands=rows).write(folder / "old", NEW)
    result = place.bring(folder / "old")
    place.load()
    for name in NAMES:
        assert f"command {name}" in all_text(result)
    stated = description.strip().replace("${", "$${") or "Sure"
    assert place.commands()["sure"]["description"] == stated
    assert texts_of(result, Fate.CARRIED)
