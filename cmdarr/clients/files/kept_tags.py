"""The tags of before, folder by folder in the cache: a file whose size and time did not change is not opened again."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from hashlib import blake2b
from operator import attrgetter
from typing import Any, NamedTuple

from cmdarr.models.clock import Clock, SystemClock
from cmdarr.models.track import LibraryTrack
from cmdarr.transport.cache import Answers

TAGS_FORMAT = 1
"""To be raised when the same file gives another track than before."""
_KEPT = timedelta(days=3650)
_TOO_YOUNG_S = 3.0
"""A file this young may be written again within what its time can tell: FAT counts in steps of two seconds."""
_FIELDS = tuple(each.name for each in fields(LibraryTrack))
_values_of = attrgetter(*_FIELDS)


class Stamp(NamedTuple):
    """What tells that a file is the one of before."""

    size: int
    modified_ns: int


@dataclass(slots=True)
class KeptFolder:
    """What is known of the audio files of one folder, and what a scan finds there now."""

    known: Mapping[str, Any]
    found: dict[str, tuple[int, int, tuple[Any, ...]]] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)

    def track(self, name: str, stamp: Stamp) -> LibraryTrack | None:
        """Return the track of a file that did not change, None when it has to be read."""
        try:
            size, modified_ns, values = self.known[name]
            if (size, modified_ns) != stamp:
                return None
            track = LibraryTrack(**dict(zip(_FIELDS, values, strict=True)))
        except (KeyError, TypeError, ValueError):  # unknown, or written by another version
            return None
        self.found[name] = (size, modified_ns, tuple(values))
        return track

    def add(self, name: str, stamp: Stamp, track: LibraryTrack) -> None:
        """Remember what was read."""
        self.found[name] = (*stamp, _values_of(track))
        self.read.add(name)

    def drop_young(self, newest_ns: int) -> None:
        """Forget files that were written later than that."""
        self.found = {name: entry for name, entry in self.found.items() if entry[1] <= newest_ns}

    @property
    def is_changed(self) -> bool:
        """Whether anything was read, or is gone."""
        return bool(self.read & self.found.keys()) or self.known.keys() != self.found.keys()


class KeptTags:
    """The tags of one music folder in the cache, which may vanish at any time. Without a store nothing is kept."""

    def __init__(
        self,
        answers: Answers | None = None,
        clock: Clock | None = None,
        *,
        service: str = "files",
        root: str = "",
    ) -> None:
        self._answers = answers
        self._clock = clock or SystemClock()
        self._service = service
        # Its mark, not its path: a path may come from a secret, and the cache shall hold none.
        self._root = blake2b(os.fsencode(root), digest_size=12).hexdigest()

    def open(self, folder: str) -> KeptFolder:
        """Return what is known of a folder, named by its path below the root."""
        answer = self._answers.get(self._service, self._key(folder)) if self._answers else None
        known = answer.value if answer is not None else None
        return KeptFolder(known if isinstance(known, dict) else {})

    def close(self, folder: str, kept: KeptFolder) -> None:
        """Keep what a scan found in a folder, but for files that may still be written."""
        if self._answers is None:
            return
        newest_ns = int((self._clock.now().timestamp() - _TOO_YOUNG_S) * 1e9)
        kept.drop_young(newest_ns)
        if kept.is_changed:
            self._answers.put(self._service, self._key(folder), kept.found, _KEPT)

    def _key(self, folder: str) -> str:
        return f"tags {TAGS_FORMAT} {self._root}\n{folder}"
