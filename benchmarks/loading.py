"""Loading a config folder: beside the bare libraries, and again after one file of 200 changed.

Times are CPU times, and garbage is collected as rarely as in the program itself.
"""

import gc
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import yaml

from benchmarks import Figure
from cmdarr.__main__ import GARBAGE_THRESHOLD
from cmdarr.commands.playlist_sync.options import PlaylistSyncOptions
from cmdarr.config.base import Model
from cmdarr.config.catalog import Catalog, ServiceType
from cmdarr.config.load import Loader
from cmdarr.config.tree import SourceFile, Tree
from cmdarr.models.clock import SystemClock

ROUNDS = 15
GOAL_RATIO = 1.3
GOAL_ONE_CHANGED_MS = 5.0
GOAL_2000_MS = 900.0


class Nothing(Model):
    """The settings of a service without any."""


CATALOG = Catalog(
    kinds={"playlist_sync": PlaylistSyncOptions},
    services={
        name: ServiceType(settings_model=Nothing, is_server=True, is_source=True)
        for name in ("plex", "files", "deezer")
    },
)


def command_file(number: int) -> bytes:
    """Return a command file as users write them."""
    return f"""\
# yaml-language-server: $schema=../schema/command.json
kind: playlist_sync
description: Hits of week {number} on both servers
enabled: true
schedule: "{number % 60} */6 * * *"
time_limit: 30m
source: {{service: deezer, playlist: https://www.deezer.com/playlist/{908622995 + number}}}
targets:
  - {{server: plex, title: "Friday hits {number}", users: [alice, bob]}}
  - {{server: files}}
mode: mirror
max_removals: 25%
adopt: false
""".encode()


def make_tree(count: int, folder: Path) -> Tree:
    """Return a tree of that many commands, in memory."""
    settings = SourceFile.of("settings.yaml", b"services: {plex: {}, files: {}, deezer: {}}\n")
    commands = [SourceFile.of(f"commands/c{number:04}.yaml", command_file(number)) for number in range(count)]
    return Tree(folder, {source.name: source for source in (settings, *commands)})


def change_one(tree: Tree, number: int) -> Tree:
    """Return the tree with another description in one command."""
    name = f"commands/c{number:04}.yaml"
    data = command_file(number).replace(b"Hits of", f"Hits {time.monotonic_ns()} of".encode())
    return replace(tree, files={**tree.files, name: SourceFile.of(name, data)})


def make_loader() -> Loader:
    """Return a loader that has seen nothing yet."""
    return Loader(CATALOG, environ={}, clock=SystemClock())


def load_bare(tree: Tree) -> int:
    """Parse and validate the commands with the two libraries alone."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    options = [
        PlaylistSyncOptions.model_validate(_tuples(yaml.load(source.data, loader)))
        for name, source in tree.files.items()
        if name.startswith("commands/")
    ]
    return len(options)


def _tuples(value: object) -> object:
    if isinstance(value, dict):
        return {key: _tuples(each) for key, each in value.items()}
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()  # what the work before left behind is not part of this one
    started = time.process_time()
    work()
    return time.process_time() - started


def _load_cold(tree: Tree) -> None:
    snapshot = make_loader().load(tree)
    assert not snapshot.findings
    assert len(snapshot.commands) == len(tree.files) - 1


def _ratio(tree: Tree) -> tuple[float, float]:
    """Return cold load over bare libraries, measured in turns, and the cold load in milliseconds."""
    _load_cold(tree)
    pairs = [(_seconds(lambda: _load_cold(tree)), _seconds(lambda: load_bare(tree))) for _ in range(ROUNDS)]
    return statistics.median(own / bare for own, bare in pairs), statistics.median(
        own for own, _ in pairs
    ) * 1000


def _one_changed_ms(tree: Tree) -> float:
    loader = make_loader()
    loader.load(tree)
    times = []
    for round_number in range(3 * ROUNDS):
        changed = change_one(tree, round_number)
        times.append(_seconds(lambda tree=changed: loader.load(tree)))  # type: ignore[misc]
    return statistics.median(times) * 1000


def figures() -> list[Figure]:
    """Measure cold loads and the reload of one changed file."""
    gc.set_threshold(GARBAGE_THRESHOLD)
    with tempfile.TemporaryDirectory() as name:
        small, large = make_tree(200, Path(name)), make_tree(2000, Path(name))
        ratio, small_ms = _ratio(small)
        _, large_ms = _ratio(large)
        return [
            Figure("cold load of 200 command files / CSafeLoader + pydantic alone", ratio, GOAL_RATIO, "x"),
            Figure("cold load of 200 command files", small_ms, 80.0, "ms"),
            Figure("cold load of 2,000 command files", large_ms, GOAL_2000_MS, "ms"),
            Figure("reload, one changed of 200", _one_changed_ms(small), GOAL_ONE_CHANGED_MS, "ms"),
            Figure("reload, one changed of 2,000", _one_changed_ms(large), 15.0, "ms"),
        ]
