"""Tables: CSV as Exportify, Soundiiz and TuneMyMusic export it, and anything else with artist and title columns."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cmdarr.errors import SourceIncomplete
from cmdarr.library.formats.build import build_playlist, build_track
from cmdarr.library.formats.identifier import parse_duration, parse_milliseconds, parse_recording_mbid
from cmdarr.library.formats.place import Place, place_at
from cmdarr.library.formats.text import clean_line
from cmdarr.models.playlist import SourcePlaylist
from cmdarr.models.track import WantedTrack

DELIMITERS = ",;\t"

# A column's name in lower case, letters and digits only -> field. Where a file has several names of one field,
# the one further up wins.
_COLUMNS = {
    "trackname": "title",  # Exportify, TuneMyMusic
    "title": "title",  # Soundiiz
    "tracktitle": "title",
    "songname": "title",
    "songtitle": "title",
    "song": "title",
    "track": "title",
    "name": "title",
    "artistnames": "artist",  # Exportify: Artist Name(s)
    "artistname": "artist",  # TuneMyMusic
    "trackartist": "artist",
    "trackartists": "artist",
    "artist": "artist",  # Soundiiz
    "artists": "artist",
    "creator": "artist",
    "performer": "artist",
    "albumname": "album",  # Exportify
    "album": "album",  # Soundiiz, TuneMyMusic
    "albumtitle": "album",
    "albumartistnames": "album_artist",  # Exportify: Album Artist Name(s)
    "albumartistname": "album_artist",
    "albumartist": "album_artist",
    "trackdurationms": "duration_ms",  # Exportify
    "durationms": "duration_ms",  # Exportify
    "duration": "duration",  # Soundiiz: 225s
    "durations": "duration",  # duration_s
    "durationseconds": "duration",
    "length": "duration",
    "time": "duration",
    "isrc": "isrc",
    "isrcs": "isrc",
    "recordingmbid": "recording_mbid",
    "musicbrainzrecordingid": "recording_mbid",
    "musicbrainztrackid": "recording_mbid",  # the tag of that name holds the recording
    "playlistname": "playlist",  # TuneMyMusic
}
_RANK = {name: rank for rank, name in enumerate(_COLUMNS)}
_NEEDED = ("title", "artist")
_SHOWN_COLUMNS = 12


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a table: its delimiter, its names, which field stands in which column."""

    line: int
    delimiter: str
    names: tuple[str, ...]
    columns: Mapping[str, int]

    @property
    def is_complete(self) -> bool:
        """Whether every track can have an artist and a title."""
        return all(field in self.columns for field in _NEEDED)


@dataclass(frozen=True, slots=True)
class _Row:
    place: Place
    fields: Sequence[str]


def find_header(text: str) -> Header | None:
    """Return the header under the delimiter that makes most of the first line; None for an empty text."""
    number, line, delimiters = _first_line(text)
    if not line:
        return None
    headers = [_read_header(number, line, delimiter) for delimiter in delimiters]
    return max(headers, key=lambda header: (header.is_complete, len(header.columns), len(header.names)))


def parse_table(text: str, name: str) -> SourcePlaylist:
    """Parse a table whose header names an artist and a title column.

    Raises:
        SourceIncomplete: a column is missing, a row is broken, or there is no row.
    """
    header = find_header(text)
    if header is None or not header.is_complete:
        raise _missing_columns(name, header)
    tracks: list[WantedTrack] = []
    playlists: dict[str, int] = {}
    for row in _read_rows(text, name, header):
        texts = _fields_of(row, header)
        tracks.append(_build(row, texts))
        playlists.setdefault(clean_line(texts.get("playlist", "")), row.place.line)
    _refuse_several(name, playlists)
    return build_playlist(name, next(iter(playlists), ""), tracks)


def _first_line(text: str) -> tuple[int, str, str]:
    """Return the number and text of the header line and the delimiters it may have; `sep=;` is Excel's hint."""
    delimiters = DELIMITERS
    for number, line in enumerate(io.StringIO(text, newline=""), 1):
        hint = re.fullmatch(r'"?sep=(.)"?\s*', line, re.IGNORECASE)
        if number == 1 and hint and hint[1] in "|" + DELIMITERS:
            delimiters = hint[1]
        elif line.strip():
            return number, line, delimiters
    return 0, "", delimiters


def _read_header(number: int, line: str, delimiter: str) -> Header:
    try:
        names = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        names = []
    found: dict[str, tuple[int, int]] = {}
    for index, name in enumerate(names):
        key = re.sub(r"[^a-z0-9]", "", name.casefold())
        field = _COLUMNS.get(key)
        if field and (_RANK[key], index) < found.get(field, (len(_RANK), 0)):
            found[field] = (_RANK[key], index)
    columns = {field: index for field, (_, index) in found.items()}
    return Header(number, delimiter, tuple(name.strip() for name in names), columns)


def _missing_columns(name: str, header: Header | None) -> SourceIncomplete:
    missing = " and ".join(f for f in _NEEDED if header is None or f not in header.columns)
    shown = [f"'{clean_line(column)[:40]}'" for column in header.names[:_SHOWN_COLUMNS]] if header else []
    return Place(name, header.line if header else 1).error(
        f"the header has no column for {missing}, it has {', '.join(shown) or 'no columns'}",
        "name the columns title, artist and album",
    )


def _read_rows(text: str, name: str, header: Header) -> Iterator[_Row]:
    lines = list(io.StringIO(text, newline=""))
    cut_line = len(lines) if not text.endswith(("\n", "\r")) else 0
    reader = csv.reader(lines[header.line :], delimiter=header.delimiter, strict=True, skipinitialspace=True)
    end = header.line
    while True:
        start = end + 1
        try:
            fields = next(reader, None)
        except csv.Error as error:
            record = "".join(lines[start - 1 : header.line + reader.line_num])
            raise _broken_quotes(name, start, record, header.delimiter) from error
        if fields is None:
            return
        end = header.line + reader.line_num
        if any(field.strip() for field in fields):
            row = _Row(Place(name, start), fields)
            _check_width(row, header, is_cut=end == cut_line)
            yield row


def _check_width(row: _Row, header: Header, *, is_cut: bool) -> None:
    width = len(header.names)
    if any(field.strip() for field in row.fields[width:]):
        raise row.place.error(
            f"the row has {len(row.fields)} fields and the header {width}",
            'put a field that holds the delimiter into double quotes ("…")',
        )
    if is_cut and len(row.fields) < width:
        raise row.place.error(
            f"the last row has {len(row.fields)} of {width} fields and no line end, so the file looks cut off",
            "export it again, or end the row with a new line",
        )


def _broken_quotes(name: str, start: int, record: str, delimiter: str) -> SourceIncomplete:
    field_start = rf"(?:^|(?<=[{delimiter}\r\n])) *"
    stray = re.search(rf'{field_start}(")(?:[^"]|"")*+"(?![{delimiter}\r\n]|$)', record)
    if stray:
        opening, closing = (place_at(name, record, offset) for offset in (stray.start(1), stray.end()))
        if closing.line > opening.line:
            return Place(name, start + opening.line - 1, opening.column).error(
                f"the quote that opens here closes only in line {start + closing.line - 1}, where text follows it",
                'close it in its own row, or write a quote inside a quoted field twice ("")',
            )
        return Place(name, start + closing.line - 1, closing.column).error(
            "text follows a closing quote", 'write a quote inside a quoted field twice ("")'
        )
    opened = re.search(rf'{field_start}(")(?:[^"]|"")*+$', record)
    place = place_at(name, record, opened.start(1)) if opened else Place(name, 1)
    return Place(name, start + place.line - 1, place.column).error(
        "a quote that opens in this row never closes",
        'add the missing ", or export the file again if it was cut off',
    )


def _fields_of(row: _Row, header: Header) -> dict[str, str]:
    return {field: row.fields[index] for field, index in header.columns.items() if index < len(row.fields)}


def _build(row: _Row, texts: dict[str, str]) -> WantedTrack:
    duration = parse_milliseconds(texts.get("duration_ms", "")) or parse_duration(texts.get("duration", ""))
    for field in ("artist", "album_artist"):
        if field in texts:
            names = [name.strip() for name in texts[field].split(";") if name.strip()]
            texts[field] = ", ".join(names) or texts[field]
    return build_track(
        row.place,
        texts,
        duration_ms=duration,
        recording_mbid=parse_recording_mbid(texts.get("recording_mbid", "")),
    )


def _refuse_several(name: str, playlists: Mapping[str, int]) -> None:
    if len(playlists) < 2:
        return
    (first, _), (second, line) = list(playlists.items())[:2]
    raise Place(name, line).error(
        f"the file holds {len(playlists)} playlists, '{first}' and '{second}' among them",
        "keep one playlist a file",
    )
