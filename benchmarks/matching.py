"""Matching: folding, and a playlist of 500 tracks against an index of 100,000 on disk, beside a linear scan.

Times are CPU times, and garbage is collected as rarely as in the program itself.
"""

import gc
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import Figure
from cmdarr.__main__ import GARBAGE_THRESHOLD
from cmdarr.library.look_up import IndexLookUp, decide_all
from cmdarr.library.ports import KeyedTrack
from cmdarr.matching.decide import decide
from cmdarr.matching.fold import fold
from cmdarr.matching.keys import track_keys
from cmdarr.models.clock import SystemClock
from cmdarr.models.track import LibraryTrack, ServerId, WantedTrack
from cmdarr.storage.cache_store import CacheStore

LIBRARY = 100_000
PLAYLIST = 500
SCANNED = 5
"""How many tracks are matched by the scan; the rest is reckoned."""
_TEXT = (
    "love night fire heart dance moon river home light shadow dream summer rain city gold blue road time "
    "ghost king queen star ocean storm glass paper stone winter velvet echo café señorita über ночь 夜 愛"
)
WORDS = _TEXT.split()
SUFFIXES = (
    ("",) * 12
    + (" (Live)", " - Remastered 2011", " (feat. Somebody Else)", " (Acoustic)", " (Kasum Remix)")
    + (" - Live at Wembley", " [Deluxe Edition]", ", Pt. II")
)


def make_library(count: int, seed: int = 1) -> Iterator[LibraryTrack]:
    """Yield a library whose artists have very different numbers of tracks, versions and features included."""
    source = random.Random(seed)
    artists = [_name(source, 2) for _ in range(max(count // 12, 1))]
    weights = [1 / (rank + 1) for rank in range(len(artists))]
    for number, artist in enumerate(source.choices(artists, weights, k=count)):
        title = f"{_name(source, 3)}{source.choice(SUFFIXES)}"
        yield LibraryTrack(
            server_id=ServerId(f"{number:07}"),
            title=title,
            artist=artist if source.random() > 0.05 else f"{artist} feat. {source.choice(artists)}",
            album=_name(source, 2),
            album_artist=artist if source.random() > 0.1 else "Various Artists",
            duration_ms=source.randrange(120_000, 400_000),
        )


def make_playlist(library: Sequence[LibraryTrack], count: int, seed: int = 2) -> list[WantedTrack]:
    """Return wanted tracks: nine of ten are in the library, written in another way."""
    source = random.Random(seed)
    return [_wish(source, source.choice(library)) for _ in range(count)]


def figures() -> list[Figure]:
    """Measure and return every figure of this module."""
    gc.set_threshold(GARBAGE_THRESHOLD)
    library = list(make_library(LIBRARY))
    wanted = make_playlist(library, PLAYLIST)
    refresh_s, batch_s = _measure_index(library, wanted)
    scan_s = _measure_scan(library, wanted[:SCANNED]) / SCANNED * PLAYLIST
    return [
        Figure("fold one ASCII text", _fold_us("Bohemian Rhapsody (Live)"), 2, "µs"),
        Figure("fold one text with accents", _fold_us("Beyoncé – Déjà Vu (Señorita)"), 5, "µs"),
        Figure("read, key and store 100,000 tracks", refresh_s, 1.5, "s"),
        Figure("match 500 tracks against 100,000, index on disk", batch_s * 1000, 20, "ms"),
        Figure("the same, indexed / linear scan", batch_s / scan_s, 0.001, "x"),
    ]


def _measure_index(library: Sequence[LibraryTrack], wanted: Sequence[WantedTrack]) -> tuple[float, float]:
    """Return the seconds to build the index, and to match the playlist with it (median of five)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cache.db"
        with CacheStore.open(path, clock=SystemClock(), max_bytes=2 << 30) as cache:
            started = time.process_time()
            cache.library.replace_section("bench", "Music", _keyed(library), datetime.now(UTC))
            refresh_s = time.process_time() - started
            look_up = IndexLookUp(cache.library, "bench", ["Music"])
            decisions = decide_all(look_up, wanted, ())
            share = sum(decision.match is not None for decision in decisions) / len(decisions)
            assert share > 0.8, f"only {share:.0%} matched: the figures would mean nothing"
            batch_s = statistics.median(_timed(lambda: decide_all(look_up, wanted, ())) for _ in range(5))
    return refresh_s, batch_s


def _measure_scan(library: Sequence[LibraryTrack], wanted: Sequence[WantedTrack]) -> float:
    """Return the seconds that deciding takes without an index."""
    return _timed(lambda: [decide(track, library) for track in wanted])


def _keyed(library: Sequence[LibraryTrack]) -> Iterator[list[KeyedTrack]]:
    for start in range(0, len(library), 1_000):
        yield [(track, track_keys(track)) for track in library[start : start + 1_000]]


def _fold_us(text: str) -> float:
    plain = fold.__wrapped__
    return _timed(lambda: [plain(text) for _ in range(20_000)]) / 20_000 * 1e6


def _timed(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _name(source: random.Random, most: int) -> str:
    return " ".join(source.choice(WORDS) for _ in range(source.randint(1, most))).title() + str(
        source.randrange(40)
    )


def _wish(source: random.Random, track: LibraryTrack) -> WantedTrack:
    if source.random() < 0.1:
        return WantedTrack(artist=f"Nobody {track.artist}", title=track.title)
    return WantedTrack(
        artist=track.artist.upper() if source.random() < 0.3 else track.artist,
        title=track.title.replace(" (feat. Somebody Else)", ""),
        album=track.album if source.random() < 0.5 else "",
        duration_ms=track.duration_ms,
    )
