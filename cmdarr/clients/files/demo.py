"""The demo library: a small folder of valid, tagged, tiny audio files, for machines without music.

It writes into a new folder, an empty one or its own; it never overwrites and never deletes a file.
"""

import io
import os
from importlib import import_module
from pathlib import Path
from typing import Any

from cmdarr.clients.files.atomic import create_file
from cmdarr.clients.files.demo_tracks import DEMO_TRACKS, DemoTrack
from cmdarr.clients.files.tone import make_flac, make_mp3, make_wav
from cmdarr.errors import CommandError, UsageError
from cmdarr.models.progress import Progress, SilentProgress

_README = "README.txt"
_README_TEXT = (
    "This is a demo library that Cmdarr made: every artist, title and sound in it is invented.\n"
    "Play with the files, change their tags, delete what you like.\n"
)
_MARKS_OF_SYSTEMS = frozenset({"thumbs.db", "desktop.ini"})


def make_demo_library(folder: Path, progress: Progress | None = None) -> int:
    """Write the demo tracks that are not there yet and return how many demo tracks the folder now holds.

    Raises:
        UsageError: the folder is a file, or holds files that are not of the demo library.
        CommandError: it cannot be written.
    """
    progress = progress or SilentProgress()
    try:
        _refuse_foreign(folder)
        progress.step("Making the demo library", len(DEMO_TRACKS))
        for index, track in enumerate(DEMO_TRACKS):
            _make_track(folder / track.path, track, index)
            progress.advance()
        create_file(folder / _README, _README_TEXT.encode())  # last: it marks the library as complete
    except OSError as error:
        raise CommandError(
            f"the demo library cannot be written to {folder}: {error.strerror or error}; choose another folder."
        ) from error
    return len(DEMO_TRACKS)


def needs_demo_library(folder: Path) -> bool:
    """Whether the folder is missing, empty, or holds a demo library whose making was interrupted."""
    if not os.path.lexists(folder):
        return True
    return folder.is_dir() and not (folder / _README).exists() and _find_foreign(folder) is None


def _refuse_foreign(folder: Path) -> None:
    if os.path.lexists(folder) and not folder.is_dir():
        raise UsageError(f"{folder} is not a folder: choose another name for the demo library.")
    foreign = _find_foreign(folder) if folder.is_dir() else None
    if foreign is not None:
        raise UsageError(
            f"{folder} holds other files, such as {foreign}: choose an empty folder for the demo library."
        )


def _find_foreign(folder: Path) -> str | None:
    """Return one file below the folder that is not of the demo library; hidden files do not count."""
    own = {track.path for track in DEMO_TRACKS} | {_README}
    for place, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            relative = (Path(place) / name).relative_to(folder).as_posix()
            if relative not in own and not name.startswith(".") and name.lower() not in _MARKS_OF_SYSTEMS:
                return relative
    return None


def _raise(error: OSError) -> None:
    raise error


def _make_track(path: Path, track: DemoTrack, index: int) -> None:
    if os.path.lexists(path):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    duration_ms = 1200 + 240 * (index % 5)
    frequency = 220.0 * 2 ** (index % 13 / 12)
    create_file(path, _encode(track, duration_ms, frequency))


def _encode(track: DemoTrack, duration_ms: int, frequency: float) -> bytes:
    if track.ending == "flac":
        return _tag_flac(make_flac(duration_ms, frequency), track)
    if track.ending == "wav":
        return _tag_wav(make_wav(duration_ms, frequency), track)
    return _tag_mp3(make_mp3(duration_ms, frequency), track)


def _tag_flac(audio: bytes, track: DemoTrack) -> bytes:
    buffer = io.BytesIO(audio)
    file = import_module("mutagen.flac").FLAC(buffer)
    file.update(
        {
            "title": track.title,
            "artist": track.artist,
            "album": track.album,
            "albumartist": track.album_artist,
            "tracknumber": str(track.number),
            "discnumber": "1",
            "date": str(track.year),
            "isrc": track.isrc,
            "musicbrainz_trackid": track.recording_mbid,
            "musicbrainz_releasetrackid": track.release_track_mbid,
        }
    )
    buffer.seek(0)
    file.save(buffer, padding=lambda _: 0)
    return buffer.getvalue()


def _tag_wav(audio: bytes, track: DemoTrack) -> bytes:
    buffer = io.BytesIO(audio)
    file = import_module("mutagen.wave").WAVE(buffer)
    file.add_tags()
    _fill_id3(file.tags, track)
    buffer.seek(0)
    file.save(buffer, padding=lambda _: 0)
    return buffer.getvalue()


def _tag_mp3(audio: bytes, track: DemoTrack) -> bytes:
    buffer, tags = io.BytesIO(audio), import_module("mutagen.id3").ID3()
    _fill_id3(tags, track)
    tags.save(buffer, padding=lambda _: 0)
    return buffer.getvalue()


def _fill_id3(tags: Any, track: DemoTrack) -> None:
    id3 = import_module("mutagen.id3")
    texts = {
        "TIT2": track.title,
        "TPE1": track.artist,
        "TPE2": track.album_artist,
        "TALB": track.album,
        "TRCK": str(track.number),
        "TPOS": "1",
        "TDRC": str(track.year),
        "TSRC": track.isrc,
    }
    for frame, text in texts.items():
        tags.add(getattr(id3, frame)(encoding=3, text=[text]))
    tags.add(id3.UFID(owner="http://musicbrainz.org", data=track.recording_mbid.encode("ascii")))
    tags.add(id3.TXXX(encoding=3, desc="MusicBrainz Release Track Id", text=[track.release_track_mbid]))
