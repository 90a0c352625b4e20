"""The commands that made playlists of their own, in the words of today."""

from collections.abc import Iterator, Sequence

from cmdarr.legacy.draft import Draft, days_text, discover, last_playlist, present, target
from cmdarr.legacy.options import Options

_SEPARATOR = " · "
_SHOWN_NAMES = 3
_NAME_LENGTH = 40


def _own_title(options: Options, head: str, names: Sequence[str] | None) -> str:
    """Return the title that the legacy command gave its playlist."""
    own = options.text("custom_playlist_name")
    if options.flag("use_custom_playlist_name") and own:
        return f"[Cmdarr] {head}: {own}"
    short = [name[:_NAME_LENGTH] for name in names or ()]
    if len(short) > _SHOWN_NAMES:
        shown = f"{_SEPARATOR.join(short[:2])} + {len(short) - 2} More"
    else:
        shown = _SEPARATOR.join(short) or "Mix"
    return f"[Cmdarr] {head}: {shown}"


def _generator(
    kind: str, options: Options, head: str, names: list[str] | None, keys: dict[str, object]
) -> Draft:
    """Return the command of a playlist that is made, with its target and its title."""
    title = _own_title(options, head, names)
    server = options.text("target") or "plex"
    users = options.texts("plex_account_ids", separator=",")
    return Draft(
        kind,
        {**keys, "targets": [target(server, title, users)], "adopt": True},
        title=title,
        servers=(server,),
        users=tuple(users or ()),
        binding=last_playlist(options),
    )


def artist_essentials(options: Options) -> Iterator[Draft]:
    """Yield the `artist_essentials`."""
    artists = options.texts("artists")
    ranking = {"plex": "server", "lastfm": "lastfm"}.get(options.text("source") or "")
    keys = present(artists=artists, tracks_per_artist=options.whole("top_x"), ranking=ranking)
    yield _generator("artist_essentials", options, "Artist Essentials", artists, keys)


def similar_artists(options: Options) -> Iterator[Draft]:
    """Yield the `similar_artists`."""
    seeds = options.texts("seed_artists", "artists")
    options.drop("source")
    keys = present(
        seeds=seeds,
        similar_per_seed=options.whole("similar_per_seed"),
        max_artists=options.whole("max_artists"),
        include_seeds=options.flag("include_seeds"),
        tracks_per_artist=options.whole("top_x"),
    )
    yield _generator("similar_artists", options, "Last.fm Similar", seeds, keys)


def setlist(options: Options) -> Iterator[Draft]:
    """Yield the `setlist`."""
    artists = options.texts("artists")
    keys = present(artists=artists, max_tracks_per_artist=options.whole("max_tracks_per_artist"))
    yield _generator("setlist", options, "Setlist", artists, keys)


def mood(options: Options) -> Iterator[Draft]:
    """Yield the `mood`."""
    moods = options.texts("moods", separator=",")
    years = present(**{"from": options.whole("min_year"), "to": options.whole("max_year")})
    is_limited = options.flag("limit_by_year", "min_year_enabled")
    keys = present(
        moods=moods,
        max_tracks=options.whole("max_tracks"),
        exclude_last_run=options.flag("exclude_last_run"),
        years=years if is_limited and years else None,
    )
    options.drop("playlist_name")
    yield _generator("mood", options, "Mood", moods, keys)


def local_discovery(options: Options) -> Iterator[Draft]:
    """Yield the `local_discovery`."""
    yield Draft(
        "local_discovery",
        present(
            server="plex",
            user=options.text("plex_history_account_id"),
            lookback=days_text(options.whole("lookback_days")),
            exclude_played=days_text(options.whole("exclude_played_days")),
            artists=options.whole("top_artists_count"),
            artist_pool=options.whole("artist_pool_size"),
            max_tracks=options.whole("max_tracks"),
            similar_per_seed=options.whole("sonic_similar_limit"),
            max_distance=options.number("sonic_similarity_distance"),
            familiar_share=options.number("historical_ratio"),
        ),
        title="[Cmdarr] Local Discovery",
        servers=("plex",),
    )


def daylist(options: Options) -> Iterator[Draft]:
    """Yield the `daylist`."""
    minute = options.whole("schedule_minute") or 0
    yield Draft(
        "daylist",
        present(
            server="plex",
            user=options.text("plex_history_account_id"),
            exclude_played=days_text(options.whole("exclude_played_days")),
            lookback=days_text(options.whole("history_lookback_days")),
            max_tracks=options.whole("max_tracks"),
            similar_per_seed=options.whole("sonic_similar_limit"),
            sort_neighbours=options.whole("sonic_similarity_limit"),
            max_distance=options.number("sonic_similarity_distance"),
            familiar_share=options.number("historical_ratio"),
            periods=options.mapping("time_periods"),
            timezone=options.text("timezone"),
            use_primary_mood=options.flag("use_primary_mood"),
        ),
        schedule=f"{min(minute, 59)} * * * *",
        title="[Cmdarr] Daylist",
        servers=("plex",),
    )


def radio_station(options: Options) -> Iterator[Draft]:
    """Yield the `radio_station`."""
    station, shown = options.text("station_deeplink"), options.text("station_display_name")
    ranking = options.text("playlist_kind") or "newest"
    days = options.whole("most_heard_days")
    mode = "Newest" if ranking == "newest" else f"Most Played ({days or 30}d)"
    title = f"[Cmdarr] SXM - {shown or station or 'station'} - {mode}"
    users = options.texts("plex_account_ids", "plex_playlist_account_id", separator=",")
    server = options.text("target") or "plex"
    yield Draft(
        "radio_station",
        present(
            station=station,
            ranking=ranking,
            days=days,
            max_tracks=options.whole("max_tracks"),
            targets=[target(server, title, users)],
            adopt=True,
            discover_artists=discover(options),
        ),
        title=title,
        servers=(server,),
        users=tuple(users or ()),
        binding=last_playlist(options),
    )
