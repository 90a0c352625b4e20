"""Tracks on their way into the index: kept in an unnamed file until all have come, so that memory stays flat."""

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from operator import attrgetter
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from cmdarr.models.track import LibraryTrack

COLUMNS = (
    "server_id", "title", "artist", "album", "album_artist", "disc", "number", "duration_ms", "year",
    "recording_mbid", "release_track_mbid", "isrc",
)  # fmt: skip
"""The fields of a track, in the order of its row."""

KeyedTrack = tuple[LibraryTrack, Sequence[int]]
Batch = tuple[list[tuple[Any, ...]], list[list[int]]]
"""Rows of `COLUMNS`, and the keys of each."""

_row_of = attrgetter(*COLUMNS)
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[list[tuple[Any, ...]], list[list[int]]]).decode


class TrackSpool:
    """Batches of keyed tracks, written once and read again as often as needed. Nothing of it outlives the process."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by __exit__
        self._sizes: list[int] = []
        self._digest = hashlib.blake2b(digest_size=16)
        self.tracks = 0

    def add(self, batch: Sequence[KeyedTrack]) -> None:
        """Append a batch.

        Raises:
            OSError: the disk does not take it.
        """
        data = _encode(([_row_of(track) for track, _ in batch], [keys for _, keys in batch]))
        self._digest.update(data)
        self._file.write(data)
        self._sizes.append(len(data))
        self.tracks += len(batch)

    def digest(self) -> bytes:
        """Return what identifies the content so far."""
        return self._digest.digest()

    def batches(self) -> Iterator[Batch]:
        """Yield the batches from the beginning."""
        self._file.seek(0)
        for size in self._sizes:
            yield _decode(self._file.read(size))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
