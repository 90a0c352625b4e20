"""The legacy commands as command files: names, common keys, schedules, and what each row became."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cmdarr.config.fields import format_duration
from cmdarr.config.zone import find_zone
from cmdarr.legacy.draft import Draft
from cmdarr.legacy.kinds import drafts_of
from cmdarr.legacy.names import assign_names, free_name
from cmdarr.legacy.options import Options
from cmdarr.legacy.report import Report, one_line
from cmdarr.legacy.rows import CommandRow
from cmdarr.legacy.schedules import Schedule, from_cron, from_hours

MAINTENANCE = "playlist_sync_discovery_maintenance"
_SEEDS: Mapping[str, tuple[Mapping[str, object], ...]] = {
    "discovery_lastfm": (
        {"limit": 5, "similar_count": 1, "min_match_score": 0.5},
        {
            "artists_to_query": 3,
            "similar_per_artist": 1,
            "artist_cooldown_days": 30,
            "limit": 5,
            "min_match_score": 0.9,
        },
    ),
    "discovery_listenbrainz": ({"limit": 5},),
    "library_cache_builder": ({"plex_enabled": False, "jellyfin_enabled": False}, {}),
    "new_releases_discovery": (
        {"artists_per_run": 5, "album_types": "album"},
        {"artists_per_run": 5, "album_types": "album", "new_releases_source": "deezer"},
    ),
    "artist_events_refresh": ({"artists_per_run": 20, "refresh_ttl_days": 14},),
    "concert_events_refresh": ({"artists_per_run": 20, "refresh_ttl_days": 14},),
    "playlist_sync_listenbrainz_curated": (
        {
            "weekly_exploration": True,
            "weekly_jams": True,
            "daily_jams": False,
            "playlist_cleanup": True,
            "weekly_exploration_keep": 2,
            "weekly_jams_keep": 2,
            "daily_jams_keep": 3,
        },
    ),
}
_LONGEST_MINUTES = 60 * 24 * 365


@dataclass(slots=True)
class CommandDraft:
    """One command file: its name, its keys in order, and what it came from."""

    name: str
    legacy_name: str
    display_name: str
    draft: Draft
    keys: dict[str, object]
    notes: list[str]

    @property
    def file(self) -> str:
        """The path of the file below the config folder."""
        return f"commands/{self.name}.yaml"


@dataclass(frozen=True, slots=True)
class CommandDrafts:
    """Every command file, and which command of today each legacy one is."""

    drafts: list[CommandDraft]
    names: dict[str, str]


class CommandReader:
    """Turns rows into drafts, and tells of every row."""

    def __init__(
        self,
        *,
        zone: ZoneInfo,
        setting: Callable[[str], str],
        last_starts: Mapping[str, datetime],
        report: Report,
    ) -> None:
        self._zone = zone
        self._setting = setting
        self._last_starts = last_starts
        self._report = report

    def read(self, rows: Sequence[CommandRow], *, has_cron: bool) -> CommandDrafts:
        """Return a draft for each row that is a command of the user."""
        uses_hours = not has_cron or all(row.cron is None for row in rows)
        wanted = [row for row in sorted(rows, key=lambda row: row.number) if self._is_wanted(row)]
        slugs = assign_names((row.name, row.display_name) for row in wanted)
        drafts: list[CommandDraft] = []
        names: dict[str, str] = {}
        for row in wanted:
            hours = uses_hours and (not has_cron or row.hours is not None)
            made = self._drafts_of(row, slugs[row.name], is_hours=hours)
            for draft in made:
                taken = {*slugs.values(), *(other.name for other in drafts)} - {slugs[row.name]}
                draft.name = free_name(draft.name, taken)
                drafts.append(draft)
            if made:
                names[row.name] = made[0].name
        return CommandDrafts(drafts, names)

    def _is_wanted(self, row: CommandRow) -> bool:
        what = _what(row)
        if row.is_deleted:
            self._report.left_out(what, "you had deleted it; its history is kept under its name")
        elif row.name == MAINTENANCE:
            self._report.left_out(
                what, "import lists look after themselves; its history is kept under its name"
            )
        elif is_unchanged_seed(row):
            self._report.left_out(what, "it was disabled and as it had been installed")
        else:
            return True
        return False

    def _drafts_of(self, row: CommandRow, name: str, *, is_hours: bool) -> list[CommandDraft]:
        what = _what(row)
        if row.has_bad_config:
            self._report.needs_you(what, "its options could not be read")
        options = Options(row.config, what, self._report, self._setting)
        expires = self._expiry(options, what)
        drafts = drafts_of(row.name, options)
        if not drafts:
            self._report.left_out(
                what, "there is no such command any more; its history is kept under its name"
            )
            return []
        options.finish()
        self._tell_counts(row, what)
        schedule = self._schedule(row, what, is_hours=is_hours)
        if any(draft.users for draft in drafts):
            self._report.changed(
                what,
                "users",
                "they are ids of accounts on plex.tv, which work; names are easier to read",
            )
        return [self._finished(row, name, draft, schedule, expires) for draft in drafts]

    def _finished(
        self, row: CommandRow, name: str, draft: Draft, schedule: Schedule, expires: str | None
    ) -> CommandDraft:
        keys: dict[str, object] = {"kind": draft.kind}
        if description := row.description or row.display_name:
            keys["description"] = description
        if not row.enabled or not schedule.is_valid:
            keys["enabled"] = False
        if text := draft.schedule or schedule.text:
            keys["schedule"] = text
        if limit := self._time_limit(row):
            keys["time_limit"] = limit
        if expires:
            keys["expires"] = expires
        notes = [schedule.note] if schedule.note and not draft.schedule else []
        suffix = f"-{draft.suffix}" if draft.suffix else ""
        return CommandDraft(
            name=f"{name}{suffix}",
            legacy_name=row.name,
            display_name=row.display_name,
            draft=draft,
            keys={**keys, **draft.keys},
            notes=[*notes, *([draft.problem] if draft.problem else [])],
        )

    def _schedule(self, row: CommandRow, what: str, *, is_hours: bool) -> Schedule:
        if not is_hours:
            schedule = from_cron(row.cron)
        else:
            schedule = from_hours(row.hours, self._last_starts.get(row.name), self._zone)
        if not schedule.is_valid:
            self._report.needs_you(what, schedule.note)
        elif schedule.note:
            self._report.changed(what, schedule.text or "", schedule.note)
        return schedule

    def _time_limit(self, row: CommandRow) -> str | None:
        minutes = row.timeout_minutes
        if not isinstance(minutes, int) or not 0 < minutes <= _LONGEST_MINUTES:
            return None
        return format_duration(timedelta(minutes=minutes))

    def _expiry(self, options: Options, what: str) -> str | None:
        text = options.text("expires_at")
        if text is None:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self._report.needs_you(f"{what}, option expires_at", "it is no time; the command does not expire")
            return None
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        self._report.changed(
            f"{what}, option expires_at",
            "expires",
            "its playlist stays on the server; before, it was deleted",
        )
        return moment.astimezone(self._zone).date().isoformat()

    def _tell_counts(self, row: CommandRow, what: str) -> None:
        if any(isinstance(count, int) and count for count in row.counts):
            total, good, bad = row.counts
            self._report.left_out(
                f"{what}, counters",
                f"{total} runs, {good} well, {bad} failed; `cmdarr history` counts for itself",
            )


def is_unchanged_seed(row: CommandRow) -> bool:
    """Whether a command is as the legacy program installed it, and nobody ever switched it on."""
    seeds = _SEEDS.get(row.name, ({"age_threshold_days": 30},) if row.name == MAINTENANCE else ())
    return (not row.enabled or row.name == MAINTENANCE) and any(row.config == seed for seed in seeds)


def _what(row: CommandRow) -> str:
    shown = f" ({one_line(row.display_name, 80)})" if row.display_name else ""
    return f"command {row.name}{shown}"


def zone_of(name: str, local: str) -> ZoneInfo:
    """Return the zone of a name, else the one of the machine."""
    return find_zone(name) or find_zone(local) or ZoneInfo("UTC")
