"""What each legacy command becomes: its kind of today and its keys, in the words of today."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from cmdarr.legacy import generators
from cmdarr.legacy.draft import LASTFM_LIST, Draft, days_text, discover, last_playlist, present, target
from cmdarr.legacy.options import Options

_SOURCES = {"spotify": "Spotify", "deezer": "Deezer"}
_CURATED = ("weekly_exploration", "weekly_jams", "daily_jams")
_MODES = {"full": "mirror", "additive": "append"}


Make = Callable[[Options], Iterator[Draft]]


def drafts_of(legacy_name: str, options: Options) -> list[Draft] | None:
    """Return what a legacy command becomes; None for one that nobody knows."""
    for prefix, make in _MAKERS.items():
        if legacy_name.startswith(prefix):
            return list(make(options))
    return None


def _playlist_sync(options: Options) -> Iterator[Draft]:
    source = (options.text("source") or "").lower()
    if source == "listenbrainz":
        yield from _curated(
            options, options.texts("playlist_types", separator=","), options.text("target") or "plex"
        )
        return
    address = options.text("playlist_url")
    if not source and address:
        source = next((name for name in _SOURCES if name in address), "")
    name = options.text("playlist_name")
    title = f"[{_SOURCES[source]}] {name}" if name and source in _SOURCES else name or ""
    server = options.text("target") or "plex"
    users = options.texts("plex_account_ids", separator=",")
    draft = Draft(
        "playlist_sync",
        present(
            source=present(service=source or None, playlist=address),
            targets=[target(server, title, users)],
            mode=_mode(options),
            adopt=True if title else None,
            discover_artists=discover(options),
        ),
        title=title,
        servers=(server,),
        users=tuple(users or ()),
        binding=last_playlist(options),
        problem="" if source and address else "it names no source playlist",
    )
    yield draft


def _mode(options: Options) -> str | None:
    mode = _MODES.get((options.text("sync_mode") or "full").lower(), "mirror")
    return None if mode == "mirror" else mode


def _curated(options: Options, types: Sequence[str] | None, server: str) -> Iterator[Draft]:
    """Yield one command for each of the playlists that ListenBrainz makes: each has one source."""
    mode, discovery = _mode(options), discover(options)
    kept = {name: options.whole(f"{name}_keep") for name in _CURATED}
    wanted = [name for name in _CURATED if name in (types or ())]
    options.drop("plex_account_ids")
    for name in wanted:
        playlist = name.replace("_", "-")
        yield Draft(
            "playlist_sync",
            present(
                source=present(service="listenbrainz", playlist=playlist, keep=kept[name]),
                targets=[target(server, "", None)],
                mode=mode,
                discover_artists=discovery,
            ),
            suffix=playlist if len(wanted) > 1 else "",
            servers=(server,),
        )
    if not wanted:
        yield Draft("playlist_sync", servers=(server,), problem="it names no playlist of ListenBrainz")


def _old_curated(options: Options) -> Iterator[Draft]:
    wanted = [
        name
        for name, is_on in (("weekly_exploration", True), ("weekly_jams", True), ("daily_jams", False))
        if (flag if (flag := options.flag(name)) is not None else is_on)
    ]
    options.drop("playlist_cleanup")
    server = options.setting("PLAYLIST_SYNC_LISTENBRAINZ_CURATED_TARGET") or "plex"
    yield from _curated(options, wanted, server)


def _artist_discovery(options: Options) -> Iterator[Draft]:
    yield Draft(
        "artist_discovery",
        present(
            artists_per_run=options.whole("artists_to_query"),
            similar_per_artist=options.whole("similar_per_artist", "similar_count"),
            cooldown=days_text(options.whole("artist_cooldown_days")),
            max_per_run=options.whole("limit"),
            min_match=options.number("min_match_score"),
            import_list=LASTFM_LIST,
        ),
    )


def _listenbrainz_discovery(options: Options) -> Iterator[Draft]:
    options.drop("limit")
    yield from ()


def _library_refresh(options: Options) -> Iterator[Draft]:
    options.drop("plex_enabled", "jellyfin_enabled")
    yield Draft("library_refresh")


def _new_releases(options: Options) -> Iterator[Draft]:
    source = options.text("new_releases_source")
    yield Draft(
        "new_releases",
        present(
            artists_per_run=options.whole("artists_per_run"),
            types=options.texts("album_types", separator=","),
            source="spotify" if source == "spotify_scraper" else source,
        ),
    )
    options.drop("source", "artists")


def _artist_events(options: Options) -> Iterator[Draft]:
    places = {
        "latitude": _float(options.setting("ARTIST_EVENTS_USER_LAT")),
        "longitude": _float(options.setting("ARTIST_EVENTS_USER_LON")),
        "label": options.setting("ARTIST_EVENTS_USER_LABEL") or None,
    }
    minutes = options.whole("error_retry_minutes")
    yield Draft(
        "artist_events",
        present(
            artists_per_run=options.whole("artists_per_run"),
            refresh_after=days_text(options.whole("refresh_ttl_days")),
            retry_after=None if minutes is None else f"{minutes}m",
            keep_past=days_text(options.whole("past_event_retention_days")),
            location=present(**places) or None,
            radius_miles=_float(options.setting("ARTIST_EVENTS_RADIUS_MILES")),
        ),
    )


def _float(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


_MAKERS: Mapping[str, Make] = {
    "playlist_sync_listenbrainz_curated": _old_curated,
    "playlist_sync_": _playlist_sync,
    "discovery_lastfm": _artist_discovery,
    "discovery_listenbrainz": _listenbrainz_discovery,
    "library_cache_builder": _library_refresh,
    "top_tracks_": generators.artist_essentials,
    "lfm_similar_": generators.similar_artists,
    "setlistfm_": generators.setlist,
    "mood_playlist_": generators.mood,
    "local_discovery_": generators.local_discovery,
    "daylist_": generators.daylist,
    "xmplaylist_": generators.radio_station,
    "new_releases_discovery": _new_releases,
    "artist_events_refresh": _artist_events,
    "concert_events_refresh": _artist_events,
}
"""The beginning of a legacy name -> what makes its drafts; the longer one of two comes first."""
