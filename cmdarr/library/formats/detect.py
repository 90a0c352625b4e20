"""Playlist files of every format, recognised by what they hold rather than by their name."""

import re

from cmdarr.library.formats.guess import has_audio_extension
from cmdarr.library.formats.json_place import load_json
from cmdarr.library.formats.jspf import parse_jspf
from cmdarr.library.formats.m3u import parse_m3u
from cmdarr.library.formats.place import Place
from cmdarr.library.formats.soundiiz import parse_soundiiz
from cmdarr.library.formats.table import find_header, parse_table
from cmdarr.library.formats.text import decode, peek_text
from cmdarr.library.formats.xspf import parse_xspf
from cmdarr.models.playlist import SourcePlaylist

MAX_BYTES = 50_000_000
_ANSI = "cp1252"
"""What programs of before Unicode wrote into `.m3u` files."""

_JSON_START = re.compile(r"\s*(?:\{\s*(?:[\"}]|$)|\[\s*(?:[\[\]{]|$))")
_M3U_START = re.compile(r"\s*#(?:EXTM3U|EXTINF|PLAYLIST:|EXTENC|EXTALB|EXTART)", re.IGNORECASE)
_WEB_PAGE = re.compile(r"\s*+(?:<!--(?:[^-]|-(?!->))*+-->\s*+)*+<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_FORMATS = "CSV, M3U, JSPF, XSPF or Soundiiz JSON"
_FOREIGN = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook", "unpack it, or save the sheet as CSV"),
    (b"\x1f\x8b", "a gzip archive", "unpack it"),
    (b"%PDF", "a PDF", f"export the playlist as {_FORMATS}"),
    (b"[playlist]", "a PLS playlist", f"export the playlist as {_FORMATS}"),
)


def parse_playlist(data: bytes, name: str) -> SourcePlaylist:
    """Parse a playlist file; `name` is for messages, and its stem is the title where the file has none.

    Raises:
        SourceIncomplete: the file is broken, cut off, empty or of no known format. Nothing else is ever raised.
    """
    if len(data) > MAX_BYTES:
        raise Place(name).error(
            f"the file has {len(data) // 1_000_000} MB and a playlist may have {MAX_BYTES // 1_000_000} MB",
            "name the playlist file itself",
        )
    beginning = peek_text(data)
    if not beginning.strip():
        raise Place(name).error("the file is empty", "export it again")
    _refuse_foreign(data, beginning, name)
    if beginning.lstrip().startswith("<"):
        return parse_xspf(data, name)
    if _JSON_START.match(beginning):
        return _parse_json(decode(data, name), name)
    return _parse_lines(data, beginning, name)


def _refuse_foreign(data: bytes, beginning: str, name: str) -> None:
    for magic, what, cure in _FOREIGN:
        if data[: len(magic)].lower() == magic.lower():
            raise Place(name).error(f"the file is {what}, not a playlist that Cmdarr reads", cure)
    if _WEB_PAGE.match(beginning):
        raise Place(name, 1).error(
            "the file is a web page, not a playlist", "download the playlist file itself"
        )


def _parse_json(text: str, name: str) -> SourcePlaylist:
    document = load_json(text, name)
    if isinstance(document, dict) and "playlist" in document:
        return parse_jspf(document, text, name)
    return parse_soundiiz(document, text, name)


def _parse_lines(data: bytes, beginning: str, name: str) -> SourcePlaylist:
    if _M3U_START.match(beginning):
        return parse_m3u(decode(data, name, _ANSI), name)
    header = find_header(beginning)
    if header is not None and header.is_complete:
        return parse_table(decode(data, name), name)
    if _looks_like_paths(beginning):
        return parse_m3u(decode(data, name, _ANSI), name)
    if header is None or (len(header.names) < 2 and not header.columns):
        raise Place(name, 1).error("the format is not known", f"export the playlist as {_FORMATS}")
    return parse_table(decode(data, name), name)


def _looks_like_paths(beginning: str) -> bool:
    """Whether the first line that is no comment is the path or address of an audio file."""
    for line in beginning.splitlines():
        if line.strip() and not line.startswith("#"):
            return has_audio_extension(line.strip()) or "://" in line[:12]
    return False
