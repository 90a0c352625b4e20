"""What landed of a write: the entries read back against those that were wanted. Pure."""

from collections import Counter
from collections.abc import Sequence

from cmdarr.errors import ChangeNotApplied
from cmdarr.models.playlist import PlaylistEntry

_MOST_NAMED = 10


def landing_error(
    where: str, wanted: Sequence[PlaylistEntry], landed: Sequence[PlaylistEntry] | None
) -> ChangeNotApplied | None:
    """Return what is missing or too much by name, None when all landed in order.

    `where` begins the sentence; `landed` is None when the playlist is gone.
    """
    if landed is None:
        return ChangeNotApplied(f"{where} is gone after the write.")
    if [entry.server_id for entry in landed] == [entry.server_id for entry in wanted]:
        return None
    missing = _not_in(wanted, landed)
    extra = _not_in(landed, wanted)
    texts = [
        f"{len(missing)} of {len(wanted)} tracks did not land: {_names(missing)}" if missing else "",
        f"{len(extra)} tracks are there that should not be: {_names(extra)}" if extra else "",
    ]
    text = "; ".join(filter(None, texts)) or "the order differs from what was written"
    return ChangeNotApplied(f"{where}: {text}.")


def _not_in(entries: Sequence[PlaylistEntry], others: Sequence[PlaylistEntry]) -> list[PlaylistEntry]:
    """Return the entries that the others hold less often."""
    left = Counter(entry.server_id for entry in others)
    missing = []
    for entry in entries:
        if left[entry.server_id] > 0:
            left[entry.server_id] -= 1
        else:
            missing.append(entry)
    return missing


def _names(entries: Sequence[PlaylistEntry]) -> str:
    names = [
        f"{entry.artist} – {entry.title}" if entry.title else str(entry.server_id)
        for entry in entries[:_MOST_NAMED]
    ]
    more = len(entries) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")
