"""The JSON export of Soundiiz: a list of tracks, or an object that holds one."""

from collections.abc import Mapping, Sequence

from cmdarr.library.formats.build import build_playlist, build_track
from cmdarr.library.formats.identifier import parse_duration
from cmdarr.library.formats.json_place import place_of, text_of
from cmdarr.library.formats.place import Place
from cmdarr.library.formats.text import clean_line
from cmdarr.models.playlist import SourcePlaylist
from cmdarr.models.track import WantedTrack

_LISTS = ("tracks", "tracklist", "items")
_COUNTS = ("count", "total", "trackCount", "track_count", "tracksCount", "nbTracks")


def parse_soundiiz(document: object, text: str, name: str) -> SourcePlaylist:
    """Parse a decoded Soundiiz export; `text` is its source, for places.

    Raises:
        SourceIncomplete: there is no list of tracks, a track has no title or artist, or the number announced differs.
    """
    if isinstance(document, list):
        return build_playlist(name, "", _tracks(document, [], text, name))
    holder = document if isinstance(document, dict) else {}
    key = next((key for key in _LISTS if isinstance(holder.get(key), list)), "")
    if not key:
        raise Place(name, 1).error(
            "the JSON is neither JSPF nor a list of tracks",
            "export the playlist as JSPF, CSV or Soundiiz JSON",
        )
    title = text_of(holder.get("title")) or text_of(holder.get("name"))
    return build_playlist(
        name,
        title,
        _tracks(holder[key], [key], text, name),
        description=text_of(holder.get("description")),
        announced=_announced(holder),
    )


def _tracks(items: Sequence[object], path: list[str], text: str, name: str) -> list[WantedTrack]:
    tracks = []
    for index, item in enumerate(items):
        place = Place(name) if _is_whole(item) else place_of(text, name, [*path, index])
        if not isinstance(item, dict):
            raise place.error("the track is no JSON object", "export it again")
        tracks.append(
            build_track(place, _texts(item), duration_ms=parse_duration(text_of(item.get("duration"))))
        )
    return tracks


def _texts(item: Mapping[str, object]) -> dict[str, str]:
    return {
        "artist": _artist(item),
        "title": text_of(item.get("title")) or text_of(item.get("name")),
        "album": text_of(item.get("album")),
        "isrc": text_of(item.get("isrc")),
    }


def _artist(item: Mapping[str, object]) -> str:
    artists = item.get("artists")
    names = (
        [text_of(a.get("name")) if isinstance(a, dict) else text_of(a) for a in artists]
        if isinstance(artists, list)
        else []
    )
    return text_of(item.get("artist")) or ", ".join(filter(None, names))


def _is_whole(item: object) -> bool:
    if not isinstance(item, dict):
        return False
    texts = _texts(item)
    return bool(clean_line(texts["artist"]) and clean_line(texts["title"]))


def _announced(holder: Mapping[str, object]) -> int | None:
    counts = (holder.get(key) for key in _COUNTS)
    return next((count for count in counts if isinstance(count, int) and not isinstance(count, bool)), None)
