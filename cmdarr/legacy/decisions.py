"""What users decided in the legacy program: dismissed, ignored, hidden, starred, waiting."""

from collections.abc import Iterator
from datetime import UTC, datetime

from cmdarr.legacy.database import LegacyDatabase
from cmdarr.legacy.report import Report
from cmdarr.legacy.values import read_list_text, read_mbid, read_text, read_time
from cmdarr.models.decision import DecisionKind, UserDecision, item_of

SOURCE = "import"
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_PENDING = (
    "artist_mbid", "artist_name", "album_title", "release_date", "added_at", "status", "resolved_at", "album_type",
    "total_tracks", "spotify_url", "spotify_artist_id", "harmony_url", "source", "resolved_reason",
)  # fmt: skip
_EVENT = (
    "id", "artist_mbid", "artist_name", "local_date", "venue_name", "venue_city", "venue_region", "venue_country",
    "tm_event_name", "event_kind", "festival_key", "user_interested", "updated_at", "created_at",
)  # fmt: skip


class DecisionReader:
    """Reads every table of decisions that a database has, and tells of every row."""

    def __init__(self, database: LegacyDatabase, now: datetime, report: Report) -> None:
        self._database = database
        self._today = now.date().isoformat()
        self._report = report

    def read(self, festival_keys: str) -> Iterator[UserDecision]:
        """Yield the decisions; `festival_keys` is the text of the setting that held the hidden festivals."""
        artists = {
            "new_release_ignored_artist": (DecisionKind.ARTIST_IGNORED, "ignored_at"),
            "artist_concert_hidden": (DecisionKind.ARTIST_HIDDEN, "hidden_at"),
        }
        for table, (kind, column) in artists.items():
            yield from self._artists(table, kind, column)
        yield from self._dismissed()
        yield from self._pending()
        yield from self._events()
        yield from self._festivals(festival_keys)

    def _artists(self, table: str, kind: DecisionKind, column: str) -> Iterator[UserDecision]:
        for mbid, name, at in self._database.rows(
            table, ("artist_mbid", "artist_name", column), order=column
        ):
            subject, shown = read_mbid(mbid), read_text(name) or ""
            if subject is None:
                self._no_mbid(f"{table}, {shown}")
                continue
            self._report.carried(f"{table}, {shown or subject}", f"config.db: {kind}")
            yield UserDecision(
                kind=kind, subject=subject, name=shown, decided_at=read_time(at) or _LONG_AGO, source=SOURCE
            )

    def _dismissed(self) -> Iterator[UserDecision]:
        columns = ("artist_mbid", "artist_name", "album_title", "release_date", "dismissed_at")
        for row in self._database.rows("dismissed_artist_album", columns):
            mbid, artist, title, date, at = map(read_text, row)
            yield from self._release(
                "dismissed_artist_album", DecisionKind.ALBUM_DISMISSED, (mbid, artist, title, date), at, {}
            )

    def _pending(self) -> Iterator[UserDecision]:
        table, seen = "new_release_pending", set()
        for row in self._database.rows(table, _PENDING):
            mbid, artist, title, date, added, status, resolved, *rest = map(read_text, row)
            kinds = {
                "pending": (DecisionKind.RELEASE_PENDING, added),
                "recheck_requested": (DecisionKind.RELEASE_PENDING, added),
                "dismissed": (DecisionKind.ALBUM_DISMISSED, resolved or added),
            }
            what = f"{table}, {artist} – {title}"
            if status not in kinds:
                self._report.left_out(what, f"its state was {status!r}")
            elif (status, mbid, title, date or "") in seen:
                self._report.left_out(what, "it was there twice")
            else:
                seen.add((status, mbid, title, date or ""))
                details = {name: text for name, text in zip(_PENDING[7:], rest, strict=True) if text}
                kind, at = kinds[status]
                yield from self._release(table, kind, (mbid, artist, title, date), at, details)

    def _release(
        self,
        table: str,
        kind: DecisionKind,
        release: tuple[str | None, str | None, str | None, str | None],
        at: str | None,
        details: dict[str, str],
    ) -> Iterator[UserDecision]:
        mbid, artist, title, date = (text or "" for text in release)
        subject = read_mbid(mbid)
        if subject is None:
            self._no_mbid(f"{table}, {artist} – {title}")
            return
        self._report.carried(f"{table}, {artist} – {title}", f"config.db: {kind}")
        yield UserDecision(
            kind=kind,
            subject=subject,
            item=item_of(title, date),
            name=f"{artist} – {title}",
            decided_at=read_time(at) or _LONG_AGO,
            source=SOURCE,
            details={"artist": artist, "title": title, "release_date": date, **details},
        )

    def _events(self) -> Iterator[UserDecision]:
        """Yield hidden and starred events by what they are: their ids meant something in that database alone."""
        rows = self._database.rows("artist_concert_hidden_event", ("event_id", "hidden_at"), order="event_id")
        hidden = {number: at for number, at in rows}  # noqa: C416 - rows are tuples of any length
        sources = self._sources()
        for row in self._database.rows("concert_event", _EVENT):
            number, interested = row[0], row[11]
            decided = [(DecisionKind.EVENT_HIDDEN, hidden.pop(number))] if number in hidden else []
            if interested:
                decided.append((DecisionKind.EVENT_STARRED, row[12] or row[13]))
            for kind, at in decided:
                yield from self._event(kind, at, row, sources.get(number, []))
        for number in hidden:
            self._report.left_out(f"artist_concert_hidden_event {number}", "its event is gone")

    def _event(
        self, kind: DecisionKind, at: object, row: tuple[object, ...], sources: list[dict[str, str]]
    ) -> Iterator[UserDecision]:
        _, mbid, artist, date, venue, city, region, country, name, *_ = (
            read_text(value) or "" for value in row
        )
        what = f"concert_event, {artist}, {date}, {venue}"
        subject = read_mbid(mbid)
        if subject is None:
            self._no_mbid(what)
        elif date and date[:10] < self._today:
            self._report.left_out(what, "it is over")
        else:
            self._report.carried(what, f"config.db: {kind}")
            details: dict[str, object] = {
                "date": date, "venue": venue, "city": city, "region": region, "country": country, "event": name,
            }  # fmt: skip
            if sources:
                details["sources"] = sources
            yield UserDecision(
                kind=kind,
                subject=subject,
                item=item_of(date, venue, city),
                name=artist,
                decided_at=read_time(at) or _LONG_AGO,
                source=SOURCE,
                details=details,
            )

    def _sources(self) -> dict[object, list[dict[str, str]]]:
        found: dict[object, list[dict[str, str]]] = {}
        columns = ("concert_event_id", "provider", "external_id", "source_url")
        for event, *texts in self._database.rows("concert_event_source", columns):
            provider, identifier, url = (read_text(text) or "" for text in texts)
            found.setdefault(event, []).append({"provider": provider, "id": identifier, "url": url})
        return found

    def _festivals(self, festival_keys: str) -> Iterator[UserDecision]:
        for each in read_list_text(festival_keys) or []:
            key = str(each).strip()
            years = [part for part in key.split(":") if part.isdigit() and len(part) == 4]
            if years and max(years) < self._today[:4]:
                self._report.left_out(f"hidden festival {key}", "it is over")
            elif key:
                self._report.carried(f"hidden festival {key}", f"config.db: {DecisionKind.FESTIVAL_HIDDEN}")
                yield UserDecision(
                    kind=DecisionKind.FESTIVAL_HIDDEN, subject=key, decided_at=_LONG_AGO, source=SOURCE
                )

    def _no_mbid(self, what: str) -> None:
        self._report.left_out(what, "its artist has no valid MusicBrainz id")
