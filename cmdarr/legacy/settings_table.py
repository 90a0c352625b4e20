"""Every legacy setting and what becomes of it: a table, so that no key is forgotten and each has its reason."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from cmdarr.config.fields import format_duration
from cmdarr.legacy.schedules import from_cron
from cmdarr.legacy.values import read_setting_bool

_PLACEHOLDER = "your-email@example.com"
_SECRET_WORDS = re.compile(r"TOKEN|KEY|SECRET|PASSWORD|ARL|HASH|COOKIE|PASSWD|PWD", re.IGNORECASE)
_PACE = "the client paces itself"
_DEAD = "it had no effect"
_DERIVED = "it was worked out anew at every start"
_RESOLVED = "the library is found by its name at run time"
_GONE = "the provider was removed"
_LATER_EVENTS = "the command of the events keeps it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What becomes of one legacy setting.

    `place` is its dotted key in settings.yaml, empty when it has none; then `why` says why. `read` turns the text
    into the new value; `reference` is the new value with the variable of the environment in it, empty where the
    value has to be translated. `default` is the value that an absent row had. `note` is said when it is carried.
    """

    place: str = ""
    why: str = ""
    read: Callable[[str], object] = str
    reference: str = ""
    is_secret: bool = False
    default: str = ""
    note: str = ""
    env_only: bool = False
    """The legacy program took it from the environment alone."""


def _whole(least: int, most: int) -> Callable[[str], object]:
    def read(text: str) -> int:
        number = int(float(text)) if re.fullmatch(r"\d+\.0+", text) else int(text)
        if not least <= number <= most:
            raise ValueError(f"it has to be {least} to {most}")
        return number

    return read


def _span(unit: str) -> Callable[[str], object]:
    def read(text: str) -> str:
        number = float(text)
        if not 0 < number < 100_000:
            raise ValueError("it is no length of time")
        return format_duration(timedelta(**{unit: number}))

    return read


def _log_level(text: str) -> str:
    level = {"critical": "error", "warn": "warning"}.get(text.lower(), text.lower())
    if level not in {"debug", "info", "warning", "error"}:
        raise ValueError("there is no such level")
    return level


def _inverted(text: str) -> bool:
    return not read_setting_bool(text)


def _contact(text: str) -> str:
    if "@" not in text and "://" not in text:
        raise ValueError("it holds no address")
    if text == _PLACEHOLDER:
        raise ValueError("it is the placeholder")
    return text


def _cron(text: str) -> str:
    schedule = from_cron(text)
    if schedule.text is None:
        raise ValueError(schedule.note)
    return schedule.text


def _text(place: str, default: str = "") -> Rule:
    return Rule(place=place, reference="{}", default=default)


def _secret(place: str) -> Rule:
    return Rule(place=place, reference="{}", is_secret=True)


def _days(place: str) -> Rule:
    return Rule(place=place, read=_span("days"), reference="{}d")


def _seconds(place: str, note: str = "") -> Rule:
    return Rule(place=place, read=_span("seconds"), reference="{}s", note=note)


def _verify(service: str, note: str = "") -> Rule:
    return Rule(place=f"services.{service}.verify", read=_inverted, note=note)


def _no(why: str, *, is_secret: bool = False) -> Rule:
    return Rule(why=why, is_secret=is_secret)


_NOW = "it had no effect before, and takes effect now"

RULES: Mapping[str, Rule] = {
    "SCHEDULER_TIMEZONE": _text("timezone"),
    "DEFAULT_SCHEDULE_CRON": Rule(place="schedule", read=_cron),
    "MAX_PARALLEL_COMMANDS": Rule(place="executor.max_parallel", read=_whole(1, 10), reference="{}"),
    "SHUTDOWN_GRACEFUL_TIMEOUT_SECONDS": _seconds("executor.shutdown_grace"),
    "RESTART_RETRY_ENABLED": Rule(place="executor.retry_interrupted", read=read_setting_bool),
    "COMMAND_CLEANUP_RETENTION": Rule(
        place="history.keep_per_command", read=_whole(1, 10**9), reference="{}"
    ),
    "WEB_HOST": Rule(place="web.host", reference="{}", env_only=True, why="in the database it had no effect"),
    "WEB_PORT": Rule(
        place="web.port",
        read=_whole(1, 65535),
        reference="{}",
        env_only=True,
        why="in the database it had no effect",
    ),
    "CMDARR_AUTH_USERNAME": _text("web.username"),
    "CMDARR_AUTH_PASSWORD": _secret("web.password"),
    "CMDARR_API_KEY": _secret("web.api_key"),
    "CMDARR_AUTH_PASSWORD_HASH": _no(
        "a bcrypt hash cannot be used: set a new `web.password`", is_secret=True
    ),
    "CMDARR_API_KEY_HASH": _no("a hash cannot be turned back: set a new `web.api_key`", is_secret=True),
    "LOG_LEVEL": Rule(place="log.level", read=_log_level),
    "LOG_FILE": _no("the log goes to stderr"),
    "LOG_RETENTION_DAYS": _no("the log goes to stderr"),
    "PLEX_URL": _text("services.plex.url", "http://localhost:32400"),
    "PLEX_TIMEOUT": _seconds("services.plex.timeout"),
    "PLEX_IGNORE_TLS": _verify("plex", _NOW),
    "PLEX_TOKEN": _secret("services.plex.token"),
    "PLEX_LIBRARY_NAME": _text("services.plex.library"),
    "PLEX_LIBRARY_KEY": _no(_RESOLVED),
    "PLEX_CLIENT_ENABLED": _no("a service is used when settings.yaml has it"),
    "PLEX_LIBRARY_SEARCH_TIMEOUT": _no("it was removed"),
    "JELLYFIN_URL": _text("services.jellyfin.url", "http://localhost:8096"),
    "JELLYFIN_TIMEOUT": _seconds("services.jellyfin.timeout", _NOW),
    "JELLYFIN_IGNORE_TLS": _verify("jellyfin", _NOW),
    "JELLYFIN_TOKEN": _secret("services.jellyfin.token"),
    "JELLYFIN_USER_ID": Rule(
        place="services.jellyfin.user",
        reference="{}",
        note="it is the id of the user, which stands for the name",
    ),
    "JELLYFIN_LIBRARY_NAME": _text("services.jellyfin.library"),
    "JELLYFIN_LIBRARY_KEY": _no(_RESOLVED),
    "JELLYFIN_CLIENT_ENABLED": _no("a service is used when settings.yaml has it"),
    "LIDARR_URL": _text("services.lidarr.url", "http://localhost:8686"),
    "LIDARR_TIMEOUT": _seconds("services.lidarr.timeout"),
    "LIDARR_IGNORE_TLS": _verify("lidarr"),
    "LIDARR_API_KEY": _secret("services.lidarr.api_key"),
    "LASTFM_API_KEY": _secret("services.lastfm.api_key"),
    "LASTFM_API_SECRET": _no(f"{_DEAD}: no request was ever signed", is_secret=True),
    "LASTFM_RATE_LIMIT": _no(_PACE),
    "LISTENBRAINZ_USERNAME": _text("services.listenbrainz.username"),
    "LISTENBRAINZ_TOKEN": _secret("services.listenbrainz.token"),
    "LISTENBRAINZ_RATE_LIMIT": _no(_DEAD),
    "MUSICBRAINZ_CONTACT": Rule(place="services.musicbrainz.contact", read=_contact, reference="{}"),
    "MUSICBRAINZ_ENABLED": _no("a service is used when settings.yaml has it"),
    "MUSICBRAINZ_USER_AGENT": _no("Cmdarr names itself"),
    "MUSICBRAINZ_RATE_LIMIT": _no(_PACE),
    "MUSICBRAINZ_MAX_RETRIES": _no("the client tries again by its own rules"),
    "MUSICBRAINZ_RETRY_DELAY": _no(_PACE),
    "MUSICBRAINZ_MIN_SIMILARITY": _no("it was on the scale of the old matcher"),
    "CMDARR_USER_AGENT": Rule(
        place="services.musicbrainz.contact",
        read=_contact,
        reference="{}",
        note="MusicBrainz asks for an address",
    ),
    "SETLIST_FM_API_KEY": _secret("services.setlistfm.api_key"),
    "SETLIST_FM_RATE_LIMIT": _no(_PACE),
    "SPOTIFY_CLIENT_ID": _secret("services.spotify.client_id"),
    "SPOTIFY_CLIENT_SECRET": _secret("services.spotify.client_secret"),
    "SPOTIFY_API_CACHE": _no("it was a cache", is_secret=True),
    "NEW_RELEASES_CACHE_DAYS": _no("caches have their own times in `cache.ttl`"),
    "ARTIST_EVENTS_TICKETMASTER_API_KEY": _secret("services.ticketmaster.api_key"),
    "ARTIST_EVENTS_TICKETMASTER_ENABLED": _no("a service is used when settings.yaml has it"),
    "ARTIST_EVENTS_SEATGEEK_CLIENT_ID": _secret("services.seatgeek.client_id"),
    "ARTIST_EVENTS_SEATGEEK_ENABLED": _no("a service is used when settings.yaml has it"),
    "ARTIST_EVENTS_DEEZER_ARL": _secret("services.deezer.arl"),
    "ARTIST_EVENTS_DEEZER_ENABLED": Rule(place="services.deezer.events", read=read_setting_bool),
    "ARTIST_EVENTS_USER_LAT": _no(_LATER_EVENTS),
    "ARTIST_EVENTS_USER_LON": _no(_LATER_EVENTS),
    "ARTIST_EVENTS_USER_LABEL": _no(_LATER_EVENTS),
    "ARTIST_EVENTS_RADIUS_MILES": _no(_LATER_EVENTS),
    "ARTIST_EVENTS_HIDDEN_FESTIVAL_KEYS": _no("they are decisions: config.db keeps them"),
    "ARTIST_EVENTS_BANDSINTOWN_ENABLED": _no(_GONE),
    "ARTIST_EVENTS_BANDSINTOWN_APP_ID": _no(_GONE, is_secret=True),
    "ARTIST_EVENTS_SONGKICK_ENABLED": _no(_GONE),
    "ARTIST_EVENTS_SONGKICK_API_KEY": _no(_GONE, is_secret=True),
    "CACHE_LASTFM_TTL_DAYS": _days("cache.ttl.lastfm"),
    "CACHE_MUSICBRAINZ_TTL_DAYS": _days("cache.ttl.musicbrainz"),
    "CACHE_LISTENBRAINZ_TTL_DAYS": _days("cache.ttl.listenbrainz"),
    "CACHE_FAILED_LOOKUP_TTL_DAYS": _days("cache.ttl.failed"),
    "LIBRARY_CACHE_PLEX_TTL_DAYS": _days("cache.ttl.library"),
    "LIBRARY_CACHE_JELLYFIN_TTL_DAYS": _days("cache.ttl.library"),
    "CACHE_PLEX_TTL_DAYS": _no("lists of libraries are not kept"),
    "CACHE_JELLYFIN_TTL_DAYS": _no(_DEAD),
    "CACHE_FILE": _no(_DEAD),
    "LIBRARY_CACHE_TTL_DAYS": _no("each server had its own later"),
    "LIBRARY_CACHE_MEMORY_LIMIT_MB": _no(_DEAD),
    "LIBRARY_CACHE_SCHEDULE_HOURS": _no(_DEAD),
    "LIBRARY_CACHE_PLEX_ENABLED": _no(_DERIVED),
    "LIBRARY_CACHE_JELLYFIN_ENABLED": _no(_DERIVED),
    "LIBRARY_CACHE_PLEX_USER_DISABLED": _no("the index of a library is always there"),
    "LIBRARY_CACHE_JELLYFIN_USER_DISABLED": _no("the index of a library is always there"),
    "PLAYLIST_SYNC_DISCOVERY_AGE_THRESHOLD_DAYS": _no(f"{_DEAD}: it was always 30 days"),
    "OUTPUT_FILE": _no("import lists are kept in config.db"),
    "LISTENBRAINZ_OUTPUT_FILE": _no(_DEAD),
    "PRETTY_PRINT_JSON": _no("import lists are kept in config.db"),
}
"""Legacy key -> what becomes of it."""

RENAMED = {
    "LIBRARY_CACHE_PLEX_LIBRARY_NAME": "PLEX_LIBRARY_NAME",
    "LIBRARY_CACHE_JELLYFIN_LIBRARY_NAME": "JELLYFIN_LIBRARY_NAME",
}
"""Former name -> the name that took its place; the latter wins."""

IGNORED_VARIABLES = frozenset(
    {"PUID", "PGID", "CMDARR_IMAGE_TAG", "AM_I_IN_A_DOCKER_CONTAINER", "CMDARR_RELAXED_CSP"}
)
_NEVER_SEEDED = frozenset(
    {
        "LOG_ROTATION",
        "CACHE_ENABLED",
        "LASTFM_SIMILAR_COUNT",
        "LASTFM_MIN_MATCH_SCORE",
        "GENERATE_DEBUG_VALIDATION_CALLS",
        "XMPLAYLIST_USE_CURL_CFFI",
        "XMPLAYLIST_CURL_IMPERSONATE",
        "XMPLAYLIST_RATE_LIMIT",
        "DEEZER_APP_ID",
        "DEEZER_APP_SECRET",
    }
)
_SIGN_IN = ("SPOTIFY_USER_REFRESH_TOKEN", "SPOTIFY_USER_ACCESS_TOKEN", "SPOTIFY_TOKEN_EXPIRES_AT")


def rule_of(key: str) -> Rule:
    """Return what becomes of a setting, also of one that this table does not know."""
    if key in RULES:
        return RULES[key]
    if key in _SIGN_IN:
        return _no("an old sign-in that nothing uses: revoke it in your Spotify account", is_secret=True)
    if is_unseeded(key):
        return _no("there is no such setting any more", is_secret=is_telling(key))
    if key.startswith("PLAYLIST_SYNC_LISTENBRAINZ_CURATED_"):
        return _no("the command was removed")
    return _no("no version of Cmdarr that is known had it", is_secret=is_telling(key))


def is_unseeded(key: str) -> bool:
    """Whether the legacy program read a setting that it never had a row for."""
    return key in _NEVER_SEEDED or key.startswith("DISCOVERY_")


def is_telling(key: str) -> bool:
    """Whether a key sounds like a secret."""
    return _SECRET_WORDS.search(key) is not None


def holds_secret(key: str, *, is_sensitive: bool = False) -> bool:
    """Whether the value of a setting is a secret; `is_sensitive` is what an unknown one was marked as."""
    rule = RULES.get(modern_name(key))
    return rule.is_secret if rule else is_sensitive or rule_of(key).is_secret


def modern_name(key: str) -> str:
    """Return the name that a setting had in the end."""
    if key.startswith("CONCERT_EVENTS_"):
        return f"ARTIST_EVENTS_{key.removeprefix('CONCERT_EVENTS_')}"
    return RENAMED.get(key, key)
