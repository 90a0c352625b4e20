"""Playlist files: pure parsers and writers of every format that Cmdarr reads; nothing here touches a disk."""

from cmdarr.library.formats.detect import MAX_BYTES, parse_playlist
from cmdarr.library.formats.guess import PathGuess, guess_from_path
from cmdarr.library.formats.jspf import format_jspf
from cmdarr.library.formats.m3u import M3uDocument, M3uEntry, format_m3u8, read_m3u
from cmdarr.library.formats.xspf import format_xspf

__all__ = [
    "MAX_BYTES",
    "M3uDocument",
    "M3uEntry",
    "PathGuess",
    "format_jspf",
    "format_m3u8",
    "format_xspf",
    "guess_from_path",
    "parse_playlist",
    "read_m3u",
]
