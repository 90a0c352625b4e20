"""XSPF: the XML playlist, read with expat; a document type declaration is refused, so no entity can expand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote
from xml.parsers import expat

from cmdarr.errors import SourceIncomplete
from cmdarr.library.formats.build import build_playlist, build_track
from cmdarr.library.formats.guess import guess_from_path
from cmdarr.library.formats.identifier import parse_milliseconds, parse_recording_mbid
from cmdarr.library.formats.place import Place
from cmdarr.library.formats.text import clean_line
from cmdarr.models.playlist import SourcePlaylist
from cmdarr.models.track import WantedTrack

_NAMESPACE = "http://xspf.org/ns/0/"
_TRACK = ("playlist", "trackList", "track")
_ENDS_EARLY = frozenset(
    {
        expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS],
        expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
        expat.errors.codes[expat.errors.XML_ERROR_PARTIAL_CHAR],
        expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
    }
)


@dataclass(slots=True)
class _Reader:
    """What the parser has seen so far."""

    name: str
    parser: expat.XMLParserType
    stack: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    playlist_texts: dict[str, str] = field(default_factory=dict)
    recording: str = ""
    place: Place = field(default_factory=lambda: Place(""))
    tracks: list[WantedTrack] = field(default_factory=list)

    def here(self) -> Place:
        return Place(self.name, self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1)

    def _is_in_track(self, depth: int) -> bool:
        """Whether the innermost element is a track (depth 3) or a child of one (depth 4)."""
        return len(self.stack) == depth and tuple(self.stack[:3]) == _TRACK

    def refuse_doctype(self, *_: object) -> None:
        raise self.here().error("the XML has a DOCTYPE, which is refused", "delete that declaration")

    def start(self, tag: str, _: Mapping[str, str]) -> None:
        local = tag.rpartition(" ")[2]
        if not self.stack and local != "playlist":
            raise self.here().error(f"the XML is a '{local}', not an XSPF playlist", "export it as XSPF")
        self.stack.append(local)
        if self._is_in_track(3):
            self.texts, self.recording, self.place = {}, "", self.here()

    def data(self, text: str) -> None:
        if len(self.stack) == 2:
            key = self.stack[1]
            self.playlist_texts[key] = self.playlist_texts.get(key, "") + text
        elif self._is_in_track(4):
            self.texts[self.stack[3]] = self.texts.get(self.stack[3], "") + text

    def end(self, _: str) -> None:
        if self._is_in_track(3):
            self.tracks.append(_wanted(self.texts, self.recording, self.place))
        elif self._is_in_track(4) and self.stack[-1] == "identifier":
            address = self.texts.pop("identifier", "").strip()
            if "/recording/" in address and parse_recording_mbid(address):
                self.recording = address
        self.stack.pop()


def parse_xspf(data: bytes, name: str) -> SourcePlaylist:
    """Parse XSPF bytes in the encoding that they declare.

    Raises:
        SourceIncomplete: not well-formed, cut off, a DOCTYPE, another root, or a track without title or creator.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    reader = _Reader(name, parser)
    parser.StartDoctypeDeclHandler = reader.refuse_doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.data
    try:
        parser.Parse(data, True)  # noqa: FBT003 - expat takes it by position only
    except expat.ExpatError as error:
        raise _broken(name, error, is_open=bool(reader.stack)) from error
    except (LookupError, ValueError) as error:
        raise Place(name, 1).error(
            "the XML declares an encoding that is not known", "save it as UTF-8"
        ) from error
    texts = reader.playlist_texts
    return build_playlist(
        name, texts.get("title", ""), reader.tracks, description=texts.get("annotation", "")
    )


def format_xspf(playlist: SourcePlaylist) -> bytes:
    """Return a playlist as XSPF in UTF-8."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<playlist version="1" xmlns="{_NAMESPACE}">']
    lines += _element("title", playlist.title, 2) + _element("annotation", playlist.description, 2)
    lines.append("  <trackList>")
    for track in playlist.tracks:
        mbid = f"https://musicbrainz.org/recording/{track.recording_mbid}" if track.recording_mbid else ""
        lines.append("    <track>")
        lines += _element("identifier", mbid, 6) + _element("title", track.title, 6)
        lines += _element("creator", track.artist, 6) + _element("album", track.album, 6)
        lines += _element("duration", str(track.duration_ms or ""), 6)
        lines.append("    </track>")
    return ("\n".join([*lines, "  </trackList>", "</playlist>"]) + "\n").encode("utf-8")


def _element(tag: str, text: str, indent: int) -> list[str]:
    clean = clean_line(text).replace("\ufffe", "").replace("\uffff", "")
    # Not xml.sax.saxutils.escape: that module imports the whole HTTP client of the standard library.
    escaped = clean.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return [f"{' ' * indent}<{tag}>{escaped}</{tag}>"] if clean else []


def _broken(name: str, error: expat.ExpatError, *, is_open: bool) -> SourceIncomplete:
    place = Place(name, error.lineno, error.offset + 1)
    if error.code in _ENDS_EARLY and (is_open or error.lineno > 0):
        return place.error("the XML ends too early, so the file looks cut off", "export it again")
    return place.error(
        f"the XML is broken ({expat.ErrorString(error.code)})", "correct it, or export it again"
    )


def _wanted(texts: Mapping[str, str], recording: str, place: Place) -> WantedTrack:
    guess = guess_from_path(unquote(texts.get("location", "").strip()))
    return build_track(
        place,
        {
            "artist": texts.get("creator", "").strip() or guess.artist,
            "title": texts.get("title", "").strip() or guess.title,
            "album": texts.get("album", "").strip(),
        },
        duration_ms=parse_milliseconds(texts.get("duration", "")),
        recording_mbid=parse_recording_mbid(recording),
    )
