"""The import-list files of a legacy install: two lists, and the artists that were asked lately."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cmdarr.legacy.draft import LASTFM_LIST, PLAYLIST_LIST
from cmdarr.legacy.failure import LegacyUnreadable
from cmdarr.legacy.report import Report
from cmdarr.legacy.values import parse_json, read_mbid, read_time
from cmdarr.models.decision import DecisionKind, UserDecision
from cmdarr.models.import_list import ImportListEntry

_LARGEST = 256 * 1024 * 1024
_QUERIED = "discovery_lastfm_queried.json"
_KNOWN = {"MusicBrainzId", "ArtistName", "source", "dateAdded", "lastfmMatchScore", "musicbrainz_similarity"}
_DATE = "%Y-%m-%d, %H:%M:%S"


class ListReader:
    """Reads the files in the first folder that has each, and tells what was dropped."""

    def __init__(self, folders: Sequence[Path], report: Report) -> None:
        self._folders = folders
        self._report = report

    def read_entries(self) -> Iterator[ImportListEntry]:
        """Yield the entries of both lists; of an artist that is there twice, the first."""
        for name in (LASTFM_LIST, PLAYLIST_LIST):
            path, value = self._load(f"{name}.json")
            if path is None and name == PLAYLIST_LIST:
                path, value = self._load(f"{name}.json.backup")
                if path is not None:
                    self._report.changed(
                        path.name, f"import list {name}", "the list itself was missing or broken"
                    )
            if path is not None:
                yield from self._entries(name, path, value if isinstance(value, list) else [])
        if path := self._find("discovery_listenbrainz.json"):
            self._report.left_out(path.name, "no version that is known read it")

    def read_cooldowns(self, cooldown: timedelta) -> Iterator[UserDecision]:
        """Yield the artists that were asked, each until its cool-down ends."""
        path, value = self._load(_QUERIED)
        if path is None or not isinstance(value, dict):
            return
        count = 0
        for key, text in value.items():
            subject, at = read_mbid(key), read_time(text)
            if subject is None or at is None:
                self._report.left_out(f"{path.name}, {key}", "it is no MusicBrainz id with a time")
                continue
            count += 1
            yield UserDecision(
                kind=DecisionKind.ARTIST_ASKED,
                subject=subject,
                decided_at=at,
                until=at + cooldown,
                source="import",
            )
        self._report.carried(f"{path.name}, {count} artists", f"config.db: {DecisionKind.ARTIST_ASKED}")

    def _entries(self, name: str, path: Path, rows: list[object]) -> Iterator[ImportListEntry]:
        written = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
        seen: set[str] = set()
        for row in rows:
            fields = row if isinstance(row, dict) else {}
            mbid, artist = read_mbid(fields.get("MusicBrainzId")), str(fields.get("ArtistName") or "").strip()
            if mbid is None:
                self._report.left_out(
                    f"{path.name}, {artist or 'an entry'}", "it has no valid MusicBrainz id"
                )
            elif mbid in seen:
                self._report.left_out(f"{path.name}, {artist or mbid}", "it was there twice")
            else:
                seen.add(mbid)
                yield ImportListEntry(
                    list=name,
                    mbid=mbid,
                    name=artist,
                    added_at=_read_date(fields.get("dateAdded")) or written,
                    source=str(fields.get("source") or ""),
                    score=_score(fields),
                    details={
                        key: text
                        for key, text in fields.items()
                        if key not in _KNOWN and isinstance(text, str)
                    },
                )
        self._report.carried(f"{path.name}, {len(seen)} artists", f"import list {name}")

    def _find(self, name: str) -> Path | None:
        return next((folder / name for folder in self._folders if (folder / name).is_file()), None)

    def _load(self, name: str) -> tuple[Path | None, object]:
        """Return a file and its value; a broken one is told of and counts as missing."""
        path = self._find(name)
        if path is None:
            return None, None
        try:
            with path.open("rb") as file:
                data = file.read(_LARGEST)  # what is cut off there is broken
            return path, parse_json(data.decode("utf-8-sig", "replace"))
        except OSError as error:
            raise LegacyUnreadable(
                f"{path} cannot be read ({error.strerror}): check its permissions."
            ) from error
        except (ValueError, RecursionError):
            self._report.needs_you(name, "it is broken and was left out; the next discovery proposes anew")
            return None, None


def _read_date(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        return datetime.strptime(value.strip(), _DATE).replace(tzinfo=UTC)
    except ValueError:
        return read_time(value)


def _score(fields: dict[str, object]) -> float | None:
    for key in ("lastfmMatchScore", "musicbrainz_similarity"):
        try:
            return float(str(fields[key]))
        except (KeyError, ValueError):
            continue
    return None
