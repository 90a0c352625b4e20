"""Matching a playlist of 500 against libraries of 10,000 and 100,000 on disk, beside a scan with rapidfuzz.

The libraries are made up (`benchmarks.libraries`); wishes are planted in them, so that right and wrong can be counted.
`python -m benchmarks million` does the same with 1,000,000 tracks.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from benchmarks import Figure
from benchmarks.libraries import Wish, in_pages, make_library, pick, plant_wishes
from benchmarks.own_process import timed
from cmdarr.matching.fold import fold
from cmdarr.models.track import LibraryTrack, ServerId

PLAYLIST = 500
SCANNED = 60
"""How many wishes the scan answers; its time for all is reckoned from that."""
SCAN_CUTOFF = 90
NEW_PROCESSES = 5
WARM_GOALS_MS = {10_000: 20, 100_000: 20, 1_000_000: 60}


@dataclass(frozen=True, slots=True)
class Bench:
    """A library of some size on the disk, with its wishes."""

    count: int
    folder: Path
    wishes: Sequence[Wish]

    def run(self, what: str) -> dict[str, Any]:
        """Measure something in a process of its own."""
        words = [sys.executable, "-m", "benchmarks.own_process", what, str(self.folder)]
        done = subprocess.run(words, check=True, capture_output=True)
        said: dict[str, Any] = msgspec.json.decode(done.stdout)
        return said


@contextmanager
def bench(count: int) -> Iterator[Bench]:
    """Make a library of that many tracks, page by page."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_pages(folder / "pages.jsonl", in_pages(make_library(count)))
        _write_pages(folder / "little.jsonl", _change_a_little(in_pages(make_library(count))))
        wishes = plant_wishes(pick(make_library(count), PLAYLIST))
        (folder / "wishes.json").write_bytes(msgspec.json.encode([wish.wanted for wish in wishes]))
        yield Bench(count, folder, wishes)


def figures() -> Iterator[Figure]:
    """Measure and yield every figure of this module."""
    yield Figure("fold one ASCII text", _fold_us("Bohemian Rhapsody (Live)"), 2, "µs")
    yield Figure("fold one text with accents", _fold_us("Beyoncé – Déjà Vu (Señorita)"), 5, "µs")
    for count in (10_000, 100_000):
        with bench(count) as library:
            library.run("refresh")
            yield from match_figures(library)


def match_figures(library: Bench) -> Iterator[Figure]:
    """Yield what matching costs and how good it is."""
    of, found = f"500 tracks against {library.count:,}", library.run("match")
    fresh_s = statistics.median(_wall_s(library) for _ in range(NEW_PROCESSES))
    warm_ms = found["warm_s"] * 1e3
    yield Figure(f"match {of}, warm", warm_ms, WARM_GOALS_MS[library.count], "ms")
    yield Figure(f"match {of}, the first time in a new process", found["cold_s"] * 1e3, 100, "ms")
    yield Figure("the same process from its start to its end, imports included", fresh_s * 1e3, 500, "ms")
    yield Figure(f"match {of}, again, remembered", found["memo_s"] * 1e3, 2, "ms")
    yield Figure(f"memory added by matching {of}", found["added_mb"], 10, "MB")
    yield from _accuracy(f"planted in {library.count:,}", library.wishes, found["matches"])
    yield from _scan_figures(library, found["warm_s"])


def _accuracy(where: str, wishes: Sequence[Wish], matches: Sequence[str]) -> Iterator[Figure]:
    """Yield the share of wrong matches among all, and of missed tracks for each sort of wish."""
    wrong, taken = _count_wrong(wishes, matches)
    yield Figure(f"{where}: matches that are wrong", wrong / max(taken, 1), 0.02, "of 1")
    for sort, goal in (("exact", 0.02), ("misspelt", 0.3)):
        chosen = [(wish, match) for wish, match in zip(wishes, matches, strict=True) if wish.sort == sort]
        missed = sum(not is_right(wish, match) for wish, match in chosen)
        yield Figure(f"{where}: {sort} ones missed", missed / max(len(chosen), 1), goal, "of 1")


def _scan_figures(library: Bench, warm_s: float) -> Iterator[Figure]:
    """Yield the matcher beside a scan of all texts, by time and by accuracy on the same wishes."""
    texts, ids = _texts(library.folder / "pages.jsonl")
    step = max(len(library.wishes) // SCANNED, 1)
    wishes = library.wishes[::step]
    matches: list[str] = []
    scan_s = timed(lambda: matches.extend(_scan(wish, texts, ids) for wish in wishes))
    goal = 0.1 if library.count < 100_000 else 0.05
    ratio = warm_s / (scan_s / len(wishes) * len(library.wishes))
    yield Figure(f"matcher / rapidfuzz over all {library.count:,}, time", ratio, goal, "x")
    wrong, taken = _count_wrong(wishes, matches)
    yield Figure(f"the scan: matches that are wrong, of {taken}", wrong / max(taken, 1), 1, "of 1")


def _scan(wish: Wish, texts: Sequence[str], ids: Sequence[str]) -> str:
    from rapidfuzz import fuzz, process

    asked = fold(f"{wish.wanted.artist} {wish.wanted.title}")
    best = process.extractOne(asked, texts, scorer=fuzz.ratio, score_cutoff=SCAN_CUTOFF)
    return ids[best[2]] if best else ""


def _texts(pages: Path) -> tuple[list[str], list[str]]:
    decode = msgspec.json.Decoder(list[LibraryTrack]).decode
    texts, ids = [], []
    with pages.open("rb") as file:
        for line in file:
            for track in decode(line):
                texts.append(fold(f"{track.artist} {track.title}"))
                ids.append(str(track.server_id))
    return texts, ids


def is_right(wish: Wish, match: str) -> bool:
    """Whether a match, empty for none, is what was planted."""
    return match.startswith(wish.right) if wish.right and match else not wish.right and not match


def _count_wrong(wishes: Sequence[Wish], matches: Sequence[str]) -> tuple[int, int]:
    """Return how many matches are wrong, and how many there are."""
    taken = [(wish, match) for wish, match in zip(wishes, matches, strict=True) if match]
    return sum(not is_right(wish, match) for wish, match in taken), len(taken)


def _write_pages(path: Path, pages: Iterator[list[LibraryTrack]]) -> None:
    encode = msgspec.json.Encoder().encode
    with path.open("wb") as file:
        file.writelines(encode(page) + b"\n" for page in pages)


def _change_a_little(pages: Iterator[list[LibraryTrack]]) -> Iterator[list[LibraryTrack]]:
    """Retitle, add and delete one track in each page of a thousand."""
    for number, page in enumerate(pages):
        changed = page[:5] + page[6:]
        changed[10] = replace(changed[10], title=f"{changed[10].title} again")
        yield [replace(changed[0], server_id=ServerId(f"new.{number}")), *changed]


def _wall_s(library: Bench) -> float:
    started = time.perf_counter()
    library.run("once")
    return time.perf_counter() - started


def _fold_us(text: str) -> float:
    plain = fold.__wrapped__
    return timed(lambda: [plain(text) for _ in range(20_000)]) / 20_000 * 1e6
