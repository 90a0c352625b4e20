"""JSPF: the JSON form of XSPF, as ListenBrainz exchanges playlists."""

import json
from collections.abc import Mapping, Sequence

from cmdarr.library.formats.build import build_playlist, build_track
from cmdarr.library.formats.identifier import parse_milliseconds, parse_recording_mbid
from cmdarr.library.formats.json_place import place_of, text_of
from cmdarr.library.formats.place import Place
from cmdarr.library.formats.text import clean_line
from cmdarr.models.playlist import SourcePlaylist
from cmdarr.models.track import RecordingMbid, WantedTrack

_RECORDING_URL = "https://musicbrainz.org/recording/"


def parse_jspf(document: Mapping[str, object], text: str, name: str) -> SourcePlaylist:
    """Parse a decoded JSPF document; `text` is its source, for places.

    Raises:
        SourceIncomplete: there is no list of tracks, or a track has no title or creator.
    """
    playlist = document.get("playlist")
    tracks = playlist.get("track") if isinstance(playlist, dict) else None
    if not isinstance(playlist, dict) or not isinstance(tracks, list):
        place = place_of(text, name, ["playlist"])
        raise place.error("the JSPF has no list 'playlist.track'", "export it again")
    wanted = [_wanted(track, ["playlist", "track", i], text, name) for i, track in enumerate(tracks)]
    return build_playlist(
        name, text_of(playlist.get("title")), wanted, description=text_of(playlist.get("annotation"))
    )


def format_jspf(playlist: SourcePlaylist) -> bytes:
    """Return a playlist as JSPF in UTF-8."""
    document = {
        "playlist": {
            "title": clean_line(playlist.title),
            "annotation": clean_line(playlist.description),
            "track": [_track_out(track) for track in playlist.tracks],
        }
    }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def _wanted(track: object, path: Sequence[str | int], text: str, name: str) -> WantedTrack:
    place = Place(name) if _is_whole(track) else place_of(text, name, path)
    if not isinstance(track, dict):
        raise place.error("the track is no JSON object", "export it again")
    texts = {"artist": "creator", "title": "title", "album": "album"}
    return build_track(
        place,
        {field: text_of(track.get(key)) for field, key in texts.items()},
        duration_ms=parse_milliseconds(text_of(track.get("duration"))),
        recording_mbid=_find_recording(track.get("identifier")),
    )


def _is_whole(track: object) -> bool:
    return isinstance(track, dict) and all(clean_line(text_of(track.get(k))) for k in ("title", "creator"))


def _find_recording(identifier: object) -> RecordingMbid | None:
    """Return the recording among the identifiers: a list today, one text in older answers."""
    for item in identifier if isinstance(identifier, list) else [identifier]:
        address = text_of(item)
        mbid = parse_recording_mbid(address) if "/recording/" in address else None
        if mbid:
            return mbid
    return None


def _track_out(track: WantedTrack) -> dict[str, object]:
    out: dict[str, object] = {"title": clean_line(track.title), "creator": clean_line(track.artist)}
    if track.album:
        out["album"] = clean_line(track.album)
    if track.duration_ms:
        out["duration"] = track.duration_ms
    if track.recording_mbid:
        out["identifier"] = [_RECORDING_URL + track.recording_mbid]
    return out
