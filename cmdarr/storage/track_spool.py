"""Tracks on their way into the index: kept in an unnamed file until all have come, so that memory stays flat."""

import sys
import tempfile
from array import array
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from operator import attrgetter
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import msgspec

from cmdarr.models.track import LibraryTrack

COLUMNS = (
    "server_id", "title", "artist", "album", "album_artist", "disc", "number", "duration_ms", "year",
    "recording_mbid", "release_track_mbid", "isrc",
)  # fmt: skip
"""The fields of a track, in the order of its row."""

Keyer = Callable[[Sequence[LibraryTrack]], Sequence[Sequence[int]]]
"""Returns the keys of each track of a batch: signed 64 bits."""
Row = tuple[Any, ...]

row_of = attrgetter(*COLUMNS)
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[list[Row], list[int], list[list[int] | None]]).decode


class SpooledBatch(NamedTuple):
    """Rows of `COLUMNS`, the hash of each, and its keys: None for a track that the index already has."""

    rows: list[Row]
    hashes: list[int]
    keys: list[list[int] | None]


def hash_rows(tracks: Sequence[LibraryTrack]) -> tuple[list[msgspec.Raw], list[int]]:
    """Return the rows of some tracks, each encoded and as the hash of all it says, signed 64 bits."""
    rows = [_encode(row_of(track)) for track in tracks]
    hashes = array("q", b"".join([blake2b(row, digest_size=8).digest() for row in rows]))
    if sys.byteorder == "big":
        hashes.byteswap()
    return list(map(msgspec.Raw, rows)), hashes.tolist()


class TrackSpool:
    """Batches of tracks, written once and read again as often as needed. Nothing of it outlives the process."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by __exit__
        self._sizes: list[int] = []
        self._has_new: list[bool] = []
        self.tracks = 0
        self.new = 0
        """How many of the tracks the index does not have yet."""

    def add(
        self, rows: Sequence[msgspec.Raw], hashes: Sequence[int], keys: Sequence[Sequence[int] | None]
    ) -> None:
        """Append a batch.

        Raises:
            OSError: the disk does not take it.
        """
        data = _encode((rows, hashes, keys))
        new = len(keys) - keys.count(None)
        self._file.write(data)
        self._sizes.append(len(data))
        self._has_new.append(new > 0)
        self.tracks += len(rows)
        self.new += new

    def batches(self, *, only_new: bool = False) -> Iterator[SpooledBatch]:
        """Yield the batches from the beginning; with `only_new` those that hold a new track."""
        place = 0
        for size, has_new in zip(self._sizes, self._has_new, strict=True):
            if has_new or not only_new:
                self._file.seek(place)
                yield SpooledBatch(*_decode(self._file.read(size)))
            place += size

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
