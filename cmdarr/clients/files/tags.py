"""The tags of one audio file to a library track. The only module here that reads audio; mutagen comes on first use.

The MusicBrainz names are a trap: "MusicBrainz Track Id" (`MUSICBRAINZ_TRACKID`, the UFID of ID3) is the recording,
"MusicBrainz Release Track Id" is the track of a release (Picard's table of tag mappings).
"""

import errno
import io
import re
import struct
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from cmdarr.library.formats.guess import PathGuess, guess_from_path
from cmdarr.library.formats.identifier import parse_isrc, parse_mbid
from cmdarr.library.formats.text import clean_line
from cmdarr.models.track import LibraryTrack, RecordingMbid, ReleaseTrackMbid, ServerId

_OPENERS = {
    "mp3": ("mp3", "MP3"),
    "flac": ("flac", "FLAC"),
    "m4a": ("mp4", "MP4"),
    "m4b": ("mp4", "MP4"),
    "mp4": ("mp4", "MP4"),
    "opus": ("oggopus", "OggOpus"),
    "wav": ("wave", "WAVE"),
    "aif": ("aiff", "AIFF"),
    "aiff": ("aiff", "AIFF"),
    "wma": ("asf", "ASF"),
    "ape": ("monkeysaudio", "MonkeysAudio"),
    "mpc": ("musepack", "Musepack"),
    "wv": ("wavpack", "WavPack"),
    "aac": ("aac", "AAC"),
}

# A tag's name in lower case, letters and digits only -> field; where a file has several of one field, the
# first in this order wins. ID3, Vorbis comments, APEv2, MP4 and ASF do not contradict each other here.
_FIELDS = {
    **dict.fromkeys(("tit2", "title", "\xa9nam"), "title"),
    **dict.fromkeys(("tpe1", "artist", "\xa9art", "author"), "artist"),
    **dict.fromkeys(("tpe2", "albumartist", "aart", "wmalbumartist"), "album_artist"),
    **dict.fromkeys(("talb", "album", "\xa9alb", "wmalbumtitle"), "album"),
    **dict.fromkeys(("tpos", "discnumber", "disc", "disk", "wmpartofset"), "disc"),
    **dict.fromkeys(("trck", "tracknumber", "track", "trkn", "wmtracknumber"), "number"),
    **dict.fromkeys(("tdrc", "date", "year", "\xa9day", "wmyear"), "year"),
    **dict.fromkeys(("tsrc", "isrc", "comappleitunesisrc", "wmisrc"), "isrc"),
    **dict.fromkeys(
        (
            "ufidhttpmusicbrainzorg",
            "musicbrainztrackid",
            "comappleitunesmusicbrainztrackid",
            "txxxmusicbrainztrackid",
        ),
        "recording",
    ),
    **dict.fromkeys(
        (
            "txxxmusicbrainzreleasetrackid",
            "musicbrainzreleasetrackid",
            "comappleitunesmusicbrainzreleasetrackid",
        ),
        "release_track",
    ),
}
_RANK = {key: rank for rank, key in enumerate(_FIELDS)}
_PUNCTUATION = str.maketrans("", "", " _-/:.")
_LONGEST_KEY = 80
_JOINED = frozenset({"artist", "album_artist"})
_LEADING_NUMBER = re.compile(r"\s*(\d{1,5})(?!\d)")
_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)")
_OF_THE_FILE = frozenset({errno.EACCES, errno.EPERM, errno.EISDIR, errno.ELOOP})
"""Errors at opening that concern one file only."""
_OF_THE_STORAGE = frozenset(
    {errno.EIO, errno.ESTALE, errno.ENOTCONN, errno.ENODEV, errno.ENXIO, errno.ETIMEDOUT}
)
"""Errors at reading that do not come from damaged content."""

# What mutagen's parsers let through on damaged files, besides its own error.
_PARSER_ERRORS = (ValueError, LookupError, ArithmeticError, AttributeError, TypeError, EOFError, struct.error)


class _Unnamed(io.BufferedReader):
    """An open file without its name: mutagen would rather believe a wrong ending than the content."""

    name = ""


class BrokenAudio(Exception):
    """This file is no readable audio; the scan goes on without it."""


def read_track(path: Path, server_id: str) -> LibraryTrack:
    """Read one audio file; what the tags leave open is taken from its path below the library.

    Raises:
        BrokenAudio: it is damaged, empty, unreadable or gone.
        OSError: the storage below it is gone.
    """
    try:
        with _Unnamed(io.FileIO(path)) as stream:
            audio = _open_audio(stream, path.suffix[1:].lower())
    except OSError as error:
        is_gone = error.errno == errno.ENOENT and path.parent.is_dir()
        if is_gone or error.errno in _OF_THE_FILE:
            raise BrokenAudio(error.strerror or str(error)) from error
        raise
    texts = _read_texts(audio.tags) if audio.tags else {}
    return _build(server_id, texts, getattr(audio.info, "length", 0.0))


def _open_audio(stream: BinaryIO, ending: str) -> Any:
    mutagen_error = import_module("mutagen").MutagenError
    opener = _OPENERS.get(ending)
    try:
        if opener is not None:
            try:
                return getattr(import_module(f"mutagen.{opener[0]}"), opener[1])(stream)
            except mutagen_error:
                stream.seek(0)  # the name may lie: an .mp3 that is AAC is common
        audio = import_module("mutagen").File(stream)
    except mutagen_error as error:
        cause = error.__cause__ or error.__context__
        if isinstance(cause, OSError) and cause.errno in _OF_THE_STORAGE:
            raise cause from error
        raise BrokenAudio(clean_line(str(error))) from error
    except _PARSER_ERRORS as error:
        raise BrokenAudio(type(error).__name__) from error
    if audio is None:
        raise BrokenAudio("no known audio format")
    return audio


def _read_texts(tags: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, tuple[int, str]] = {}
    for key, value in tags.items():
        name = _normal_key(key)
        field = _FIELDS.get(name)
        if field is None or (field in found and found[field][0] <= _RANK[name]):
            continue
        texts = [text for text in map(clean_line, _texts_of(value)) if text]
        if texts:
            found[field] = (_RANK[name], ", ".join(texts) if field in _JOINED else texts[0])
    return {field: text for field, (_, text) in found.items()}


def _normal_key(key: str) -> str:
    """Return the key as `_FIELDS` has it; ID3 puts whole blobs into the keys of private frames."""
    return key.casefold().translate(_PUNCTUATION) if len(key) < _LONGEST_KEY else ""


def _texts_of(value: Any) -> Sequence[str]:
    """Return the texts of one tag value: a list (Vorbis, MP4, ASF), a frame (ID3), a text with NULs (APEv2)."""
    values = value if isinstance(value, list) else getattr(value, "text", None)
    if isinstance(values, list):
        return [_text_of(item) for item in values]
    data = getattr(value, "data", None)  # the UFID frame
    return [_text_of(data)] if isinstance(data, bytes) else str(value).split("\0")


def _text_of(item: Any) -> str:
    if isinstance(item, bytes):
        return bytes(item).decode("utf-8", "replace")
    if isinstance(item, tuple):  # MP4: number and total
        return str(item[0]) if item and item[0] else ""
    return str(item)


def _build(server_id: str, texts: Mapping[str, str], length_s: float) -> LibraryTrack:
    is_complete = "title" in texts and "artist" in texts and "album" in texts
    guess = PathGuess(title="") if is_complete else guess_from_path(server_id)
    recording = parse_mbid(texts.get("recording", ""))
    release_track = parse_mbid(texts.get("release_track", ""))
    album_artist = texts.get("album_artist", "")
    return LibraryTrack(
        server_id=ServerId(server_id),
        title=texts.get("title") or clean_line(guess.title),
        artist=texts.get("artist") or album_artist or clean_line(guess.artist),
        album=texts.get("album") or clean_line(guess.album),
        album_artist=album_artist or clean_line(guess.album_artist),
        disc=_number(texts.get("disc", "")) or guess.disc,
        number=_number(texts.get("number", "")) or guess.number,
        duration_ms=round(length_s * 1000) if 0 < length_s < 10_000_000 else None,
        year=_year(texts.get("year", "")) or guess.year,
        recording_mbid=RecordingMbid(recording) if recording else None,
        release_track_mbid=ReleaseTrackMbid(release_track) if release_track else None,
        isrc=parse_isrc(texts.get("isrc", "")),
    )


def _number(text: str) -> int | None:
    found = _LEADING_NUMBER.match(text)
    return int(found[1]) or None if found else None


def _year(text: str) -> int | None:
    found = _YEAR.search(text)
    return int(found[1]) or None if found else None
