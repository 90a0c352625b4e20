"""The `files` server: scanning a folder against bare mutagen, and writing a playlist against writing its bytes."""

import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path

from benchmarks import Figure
from cmdarr.clients.files.atomic import replace_file
from cmdarr.clients.files.demo import make_demo_library
from cmdarr.clients.files.kept_tags import KeptTags
from cmdarr.clients.files.scan import Scan
from cmdarr.clients.files.server import FilesServer
from cmdarr.clients.files.settings import FilesSettings
from cmdarr.library.formats import parse_playlist
from cmdarr.library.ports import ClientContext, PlaylistChange
from cmdarr.models.cancel import CancelToken
from cmdarr.models.clock import SystemClock
from cmdarr.models.playlist import PlaylistEntry
from cmdarr.models.track import ServerId
from cmdarr.storage.cache_store import CacheStore

_FILES = 1000
_ROUNDS = 5
_ENTRIES = 500


def figures() -> list[Figure]:
    """Measure the scan of 1,000 files, the change of a playlist of 500 entries and the parsing of 10,000 rows."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        paths = _make_library(root)
        scan, bare = _best_of(lambda: _scan(root / "music")), _best_of(lambda: _read_bare(paths))
        with CacheStore.open(root / "cache.db", clock=SystemClock(), max_bytes=100_000_000) as cache:
            kept = KeptTags(cache.answers, _Later(), root=str(root))
            _scan(root / "music", kept)
            again = _best_of(lambda: _scan(root / "music", kept))
        change, plain = _measure_change(root)
    parse = _best_of(_parse_table)
    return [
        Figure("scan of tagged files / bare mutagen", scan / bare, 1.6, "x"),
        Figure("scan of 1,000 tagged files", scan * 1000, 1000, "ms"),
        Figure("the same again, nothing changed", again * 1000, 50, "ms"),
        Figure("change of a playlist of 500 / writing its bytes safely", change / plain, 25, "x"),
        Figure("change of a playlist of 500", change * 1000, 30, "ms"),
        Figure("parsing a CSV of 10,000 rows", parse * 1000, 250, "ms"),
    ]


def _make_library(root: Path) -> list[Path]:
    make_demo_library(root / "demo")
    sources = sorted(path for path in (root / "demo").rglob("*") if path.suffix in {".mp3", ".flac"})
    paths = []
    for number in range(_FILES):
        source = sources[number % len(sources)]
        path = (
            root
            / "music"
            / f"Artist {number % 50}"
            / f"Album {number % 10}"
            / f"{number:04} - T{source.suffix}"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source.read_bytes())
        paths.append(path)
    return sorted(paths)


def _best_of(act: Callable[[], object]) -> float:
    times = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        act()
        times.append(time.perf_counter() - start)
    return min(times)


class _Later(SystemClock):
    """A clock an hour ahead: the files were not written just now."""

    def now(self) -> datetime:
        return super().now() + timedelta(hours=1)


def _scan(folder: Path, kept: KeptTags | None = None) -> None:
    batches = Scan("files", folder, kept or KeptTags()).fetch_tracks(CancelToken())
    assert sum(len(batch) for batch in batches) == _FILES


def _read_bare(paths: Iterable[Path]) -> None:
    openers = {".mp3": import_module("mutagen.mp3").MP3, ".flac": import_module("mutagen.flac").FLAC}
    for path in paths:
        audio = openers[path.suffix](path)
        assert audio.tags
        assert audio.info.length


def _measure_change(root: Path) -> tuple[float, float]:
    server = FilesServer(
        FilesSettings(path="music", playlists="lists"), ClientContext(name="files", root=root, data=root)
    )
    ids = sorted(path.relative_to(root / "music").as_posix() for path in (root / "music").rglob("*.*"))
    entries = tuple(PlaylistEntry(server_id=ServerId(i), artist="A", title="T") for i in ids[:_ENTRIES])
    token = CancelToken()
    playlist_id = server.create_playlist("Mix", entries, "", "", token)
    data = (root / "lists" / playlist_id).read_bytes()

    def change() -> None:
        current = tuple(server.fetch_entries(playlist_id, "", token) or ())
        wanted = current[::-1]
        server.apply_change(
            playlist_id,
            PlaylistChange(current=current, wanted=wanted, added=(), removed=(), moved=wanted),
            "",
            token,
        )

    return _best_of(change), _best_of(lambda: replace_file(root / "lists" / playlist_id, data))


def _parse_table() -> None:
    rows = "".join(
        f'"x{n}","Title {n}","Album {n % 99}","Artist {n % 321}","{n + 1000}"\n' for n in range(10_000)
    )
    data = f"Track URI,Track Name,Album Name,Artist Name(s),Duration (ms)\n{rows}".encode()
    assert len(parse_playlist(data, "x.csv").tracks) == 10_000
