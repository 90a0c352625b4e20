"""M3U and M3U8: lines to a document and back, and a document to a playlist of wanted tracks.

The document keeps every comment line, so that a file can be written again without losing what others put there.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from cmdarr.library.formats.build import build_playlist, build_track
from cmdarr.library.formats.guess import guess_from_path
from cmdarr.library.formats.place import Place
from cmdarr.library.formats.text import clean_line
from cmdarr.models.playlist import SourcePlaylist
from cmdarr.models.track import WantedTrack

# Possessive repeats: a hostile line must not take quadratic time.
_INFO = re.compile(
    r"\s*+(?P<seconds>-?\d{1,9}(?:\.\d{1,9})?)?(?P<attributes>(?:[^\",]|\"[^\"]*+\")*+),(?P<text>.*)"
)
_DASHES = (" - ", " – ", " — ")


@dataclass(frozen=True, slots=True, kw_only=True)
class M3uEntry:
    """One entry. `path` is the line as written; `comments` are the other lines that begin with `#` before it."""

    path: str
    artist: str = ""
    title: str = ""
    album: str = ""
    album_artist: str = ""
    duration_ms: int | None = None
    comments: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class M3uDocument:
    """A whole file. `head` are the comment lines before the first entry that belong to the playlist itself."""

    title: str = ""
    head: tuple[str, ...] = ()
    entries: tuple[M3uEntry, ...] = ()
    tail: tuple[str, ...] = ()
    open_info_line: int = 0
    """The line of an `#EXTINF` that no path follows, 0 for none."""


@dataclass(slots=True)
class _Pending:
    """What was read since the last path."""

    info: str | None = None
    info_line: int = 0
    album: str = ""
    album_artist: str = ""
    comments: list[str] = field(default_factory=list)


def read_m3u(text: str) -> M3uDocument:
    """Take an M3U text apart; anything is accepted."""
    title = ""
    head: list[str] = []
    entries: list[M3uEntry] = []
    pending, orphan = _Pending(), 0
    for number, raw in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        key, _, value = raw.partition(":")
        key = key.strip().upper()
        if key == "#EXTM3U" or key.startswith("#EXTM3U "):
            continue
        if key == "#PLAYLIST":
            title = title or clean_line(value)
        elif key == "#EXTINF":
            orphan = orphan or pending.info_line
            pending.info, pending.info_line = value, number
        elif key == "#EXTALB":
            pending.album = clean_line(value)
        elif key == "#EXTART":
            pending.album_artist = clean_line(value)
        elif raw.startswith("#"):
            is_head = not entries and pending.info is None and not _belongs_to_entry(key)
            (head if is_head else pending.comments).append(raw)
        elif raw.strip():
            entries.append(_close_entry(pending, raw, number))
            pending = _Pending()
    return M3uDocument(
        title=title,
        head=tuple(head),
        entries=tuple(entries),
        tail=tuple(pending.comments),
        open_info_line=orphan or pending.info_line,
    )


def parse_m3u(text: str, name: str) -> SourcePlaylist:
    """Parse an M3U text; a track without `#EXTINF` is told by its path.

    Raises:
        SourceIncomplete: an entry has no artist or title, an `#EXTINF` has no path, or there is no entry.
    """
    document = read_m3u(text)
    if document.open_info_line:
        raise Place(name, document.open_info_line).error(
            "no path follows this #EXTINF", "add the path in the next line, or export the file again"
        )
    return build_playlist(name, document.title, [_wanted(entry, name) for entry in document.entries])


def format_m3u8(
    entries: Iterable[M3uEntry], *, title: str = "", head: Iterable[str] = (), tail: Iterable[str] = ()
) -> bytes:
    """Return the bytes of an `.m3u8`: UTF-8, `#EXTM3U`, `#PLAYLIST`, one `#EXTINF` an entry."""
    lines = ["#EXTM3U"]
    if title:
        lines.append(f"#PLAYLIST:{clean_line(title)}")
    lines.extend(head)
    for entry in entries:
        lines.extend(_entry_lines(entry))
    lines.extend(tail)
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")


def escape_path(path: str) -> str:
    """Return a relative path so that no player takes it for a comment or trims its first character."""
    return f"./{path}" if path[:1] in {"#", " ", "\ufeff"} else path


def _belongs_to_entry(key: str) -> bool:
    return key in {"#EXTVLCOPT", "#KODIPROP", "#EXTBYT", "#EXTBIN"}


def _entry_lines(entry: M3uEntry) -> list[str]:
    seconds = -1 if entry.duration_ms is None else round(entry.duration_ms / 1000)
    artist, title = clean_line(entry.artist), clean_line(entry.title)
    lines = list(entry.comments)
    if artist or title:
        lines.append(f"#EXTINF:{seconds},{artist} - {title}" if artist else f"#EXTINF:{seconds},{title}")
    if entry.album_artist or any(dash in artist for dash in _DASHES):
        lines.append(f"#EXTART:{clean_line(entry.album_artist) or artist}")
    if entry.album:
        lines.append(f"#EXTALB:{clean_line(entry.album)}")
    return [*lines, entry.path]


def _close_entry(pending: _Pending, path: str, number: int) -> M3uEntry:
    artist, title, duration_ms = _read_info(pending.info or "", pending.album_artist)
    return M3uEntry(
        path=path,
        artist=artist,
        title=title,
        album=pending.album,
        album_artist=pending.album_artist,
        duration_ms=duration_ms,
        comments=tuple(pending.comments),
        line=number,
    )


def _read_info(info: str, known_artist: str) -> tuple[str, str, int | None]:
    found = _INFO.fullmatch(info)
    if not found:
        return "", clean_line(info), None
    seconds = float(found["seconds"] or -1)
    text = clean_line(found["text"])
    duration_ms = round(seconds * 1000) if seconds > 0 and math.isfinite(seconds) else None
    return *_split_text(text, known_artist), duration_ms


def _split_text(text: str, known_artist: str) -> tuple[str, str]:
    for dash in _DASHES:
        if known_artist and text.startswith(f"{known_artist}{dash}"):
            return known_artist, text[len(known_artist) + len(dash) :].strip()
    for dash in _DASHES:
        artist, found, title = text.partition(dash)
        if found and artist.strip() and title.strip():
            return artist.strip(), title.strip()
    return "", text


def _wanted(entry: M3uEntry, name: str) -> WantedTrack:
    guess = guess_from_path(entry.path)
    texts = {
        "artist": entry.artist or entry.album_artist or guess.artist,
        "title": entry.title or guess.title,
        "album": entry.album or guess.album,
        "album_artist": entry.album_artist or guess.album_artist,
    }
    if not clean_line(texts["artist"]) or not clean_line(texts["title"]):
        raise Place(name, entry.line).error(
            "neither #EXTINF nor the path tells the artist",
            "write '#EXTINF:-1,Artist - Title' above the line",
        )
    return build_track(Place(name, entry.line), texts, duration_ms=entry.duration_ms)
