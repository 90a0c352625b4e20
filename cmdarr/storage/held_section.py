"""What the index holds of a section while it is read again: one hash a track, so that only changes are worked on."""

import sqlite3
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from typing import Any

_SECTION = """
    SELECT m.mark, l.generation, l.edition, l.first_id FROM library AS l CROSS JOIN mark AS m
    WHERE l.server = ? AND l.section = ?"""
_HASHES = """
    SELECT t.hash, t.id - l.first_id FROM library AS l
    CROSS JOIN library_track AS t ON t.id BETWEEN l.first_id AND l.last_id
    WHERE l.generation = ? ORDER BY t.hash"""


class HeldSection:
    """The tracks of a section that are in force, by hash; sixteen bytes a track, however many there are."""

    def __init__(
        self, mark: str, generation: int, edition: int, first_id: int, pairs: Iterable[tuple[int, int]]
    ) -> None:
        self.mark = mark
        """What identifies the file that this was read from."""
        self.generation = generation
        self.edition = edition
        self.first_id = first_id
        self._hashes = array("q")
        self._places = array("I")
        for one, place in pairs:
            self._hashes.append(one)
            self._places.append(place)
        self.tracks = len(self._hashes)
        self._is_seen = bytearray(self.tracks)
        self.kept = 0
        """How many of the tracks came again."""

    def see(self, one: int) -> bool:
        """Note that a track of that hash came, and return whether the index has it; each row answers once."""
        hashes = self._hashes
        index = bisect_left(hashes, one)
        while index < self.tracks and hashes[index] == one:
            if not self._is_seen[index]:
                self._is_seen[index] = True
                self.kept += 1
                return True
            index += 1
        return False

    def gone(self) -> list[int]:
        """Return the places of the tracks that did not come again."""
        if self.kept == self.tracks:
            return []
        return [place for place, is_seen in zip(self._places, self._is_seen, strict=True) if not is_seen]


def load_held(connection: sqlite3.Connection, server: str, section: str) -> HeldSection | None:
    """Return what a section holds, None when it is not in the index."""
    found: tuple[Any, ...] | None = connection.execute(_SECTION, (server, section)).fetchone()
    if found is None:
        return None
    mark, generation, edition, first_id = found
    return HeldSection(mark, generation, edition, first_id, connection.execute(_HASHES, (generation,)))
