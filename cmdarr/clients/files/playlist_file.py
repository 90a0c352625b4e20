"""One `.m3u8` file: lines to playlist entries and back, with everything kept that others wrote into it."""

import os
import re
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cmdarr.library.formats import M3uDocument, M3uEntry, format_m3u8, guess_from_path, read_m3u
from cmdarr.library.formats.m3u import escape_path
from cmdarr.library.formats.text import clean_line
from cmdarr.models.playlist import PlaylistEntry
from cmdarr.models.track import LibraryTrack, ServerId

_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://")


@dataclass(frozen=True, slots=True, kw_only=True)
class Locations:
    """How a line of a playlist in `folder` names a file, and which id that file has below `root`.

    The id is the path relative to `root`. A file outside it has its absolute path as id, an address itself.
    """

    root: str
    real_root: str
    folder: str
    """Free of links: `..` in a line starts from there."""

    def id_of(self, line: str) -> ServerId:
        """Return the id of what a line names."""
        if line[:7].lower() == "file://":
            line = unquote(urlsplit(line).path)
        elif _URL.match(line):
            return ServerId(line)
        path = os.path.normpath(f"{self.folder}/{line}" if line[:1] != "/" else line)
        if "\\" in line and not os.path.lexists(path):
            path = self._read_backslashes(line) or path
        for root in (self.real_root, self.root):
            if path.startswith(f"{root}/"):
                return ServerId(path[len(root) + 1 :])
        return ServerId(path)

    def line_of(self, server_id: ServerId) -> str:
        """Return the line that names an id: relative to the playlist's folder, as it is when outside."""
        if server_id.startswith("/") or _URL.match(server_id):
            return server_id
        return escape_path(os.path.relpath(f"{self.real_root}/{server_id}", self.folder))

    def _read_backslashes(self, line: str) -> str | None:
        """Return the path of a line that Windows wrote, when such a file is there."""
        path = os.path.normpath(f"{self.folder}/{line}".replace("\\", "/"))
        return path if os.path.lexists(path) else None


def find_locations(root: Path, folder: Path) -> Locations:
    """Resolve the links of the two folders as they are now."""
    return Locations(
        root=str(root).rstrip("/"),
        real_root=os.path.realpath(root).rstrip("/"),
        folder=os.path.realpath(folder),
    )


def path_of(server_id: ServerId, root: Path) -> Path | None:
    """Return where the file of an id lies; None for an address."""
    return None if _URL.match(server_id) else root / server_id


def read_document(data: bytes) -> M3uDocument:
    """Take the bytes of a playlist apart; bytes that are not UTF-8 are read as Windows or Latin-1 text."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return read_m3u(data.decode(encoding))
        except UnicodeDecodeError:
            continue
    return read_m3u(data.decode("latin-1"))


def entries_of(document: M3uDocument, locations: Locations) -> tuple[PlaylistEntry, ...]:
    """Return the entries in order; texts that the file does not tell come from the path."""
    return tuple(_entry_of(entry, locations) for entry in document.entries)


def rewrite(
    document: M3uDocument,
    wanted: Sequence[PlaylistEntry],
    locations: Locations,
    describe: Callable[[ServerId], LibraryTrack | None],
) -> bytes:
    """Return the file with these entries: those it has keep their lines, new ones are described."""
    kept: dict[ServerId, deque[M3uEntry]] = defaultdict(deque)
    for held in document.entries:
        kept[locations.id_of(held.path)].append(held)
    lines: list[M3uEntry] = []
    for entry in wanted:
        same = kept.get(entry.server_id)
        if same and len(same) > 1:
            lines.append(same.popleft())
        elif same:
            lines.append(same[0])
            same[0] = replace(same[0], comments=())
        else:
            lines.append(new_line(entry, locations, describe(entry.server_id)))
    return format_m3u8(lines, title=document.title, head=document.head, tail=document.tail)


def description_of(head: Sequence[str]) -> str:
    """Return the description that the comments before the first entry hold: the first plain one."""
    return next((line[1:].strip() for line in head if _is_plain(line)), "")


def describe(head: Sequence[str], description: str) -> tuple[str, ...]:
    """Return the comments before the first entry with another description, or without one when it is empty."""
    former = next((place for place, line in enumerate(head) if _is_plain(line)), len(head))
    text = clean_line(description)
    return (*head[:former], *([f"# {text}"] if text else []), *head[former + 1 :])


def _is_plain(line: str) -> bool:
    """Whether a comment is text for people, not a directive such as `#EXTGRP`."""
    return line.startswith("# ")


def new_line(entry: PlaylistEntry, locations: Locations, track: LibraryTrack | None) -> M3uEntry:
    """Return the line of an entry that the file does not have yet; `track` are its tags, when they can be read."""
    return M3uEntry(
        path=locations.line_of(entry.server_id),
        artist=entry.artist or (track.artist if track else ""),
        title=entry.title or (track.title if track else ""),
        album=entry.album or (track.album if track else ""),
        duration_ms=track.duration_ms if track else None,
    )


def _entry_of(entry: M3uEntry, locations: Locations) -> PlaylistEntry:
    server_id = locations.id_of(entry.path)
    guess = guess_from_path(server_id)
    return PlaylistEntry(
        server_id=server_id,
        artist=entry.artist or entry.album_artist or guess.artist,
        title=entry.title or guess.title,
        album=entry.album or guess.album,
    )
