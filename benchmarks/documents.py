"""Reading documents: beside the bare libraries on 200 command files, and on hostile input."""

import statistics
import time
from collections.abc import Callable
from functools import partial

import yaml

from benchmarks import Figure
from cmdarr.config.base import Model
from cmdarr.config.command import CommandOptions
from cmdarr.config.document import parse_document, validate
from cmdarr.config.fields import Removals

FILES = 200
ROUNDS = 15
GOAL_RATIO = 1.3
GOAL_HOSTILE_S = 0.1


class Source(Model):
    service: str
    playlist: str


class Target(Model):
    server: str
    title: str = ""
    users: tuple[str, ...] = ()


class Options(CommandOptions):
    source: Source
    targets: tuple[Target, ...]
    mode: str = "mirror"
    max_removals: Removals = Removals(25, is_percent=True)
    adopt: bool = False


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


HOSTILE: dict[str, bytes] = {
    "depth bomb, 30,000 brackets": b"[" * 30_000,
    "depth bomb, 30,000 dashes": b"- " * 30_000,
    "alias bomb": b"".join(
        [b"a: &a [x,x,x,x,x,x,x,x,x]\n"]
        + [b"%c: &%c [%s]\n" % (97 + n, 97 + n, b",".join([b"*%c" % (96 + n)] * 9)) for n in range(1, 9)]
    ),
    "alias cycle": b"a: &a [*a]\n",
    "1,000 x 1,000 merge keys": b"a: &a {%s}\nb:\n%s"
    % (
        b", ".join(b"k%d: 1" % n for n in range(1000)),
        b"".join(b"  m%d: {<<: *a}\n" % n for n in range(1000)),
    ),
    "5,000-digit integer": b"limit: " + b"1" * 5_000,
    "bad date": b"expires: 2024-13-45\n",
    "lone surrogate": b'title: "\\ud800"\n',
    "10 MB file": b"a: b\n" * 2_000_000,
    "Latin-1 file": "title: Bj\xf6rk\n".encode("latin-1") * 10_000,
}


def read_all(files: list[bytes]) -> None:
    """Read the files as Cmdarr does."""
    for number, data in enumerate(files):
        document = parse_document(f"commands/{number}.yaml", data)
        assert validate(document, Options).model is not None


def read_bare(files: list[bytes]) -> None:
    """Read the files with nothing but the libraries."""
    for data in files:
        value = yaml.load(data, yaml.CSafeLoader)
        value["targets"] = tuple(
            {**target, "users": tuple(target.get("users", ()))} for target in value["targets"]
        )
        Options.model_validate(value)


def seconds(work: Callable[[], object]) -> float:
    """Return how long the work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def figures() -> list[Figure]:
    """Measure both sides in turn, so that a busy machine slows both."""
    files = [command_file(number) for number in range(FILES)]
    read_all(files)
    read_bare(files)
    ratios = [seconds(lambda: read_all(files)) / seconds(lambda: read_bare(files)) for _ in range(ROUNDS)]
    name = f"{FILES} command files: parse+validate / (CSafeLoader + pydantic alone)"
    return [
        Figure(name, statistics.median(ratios), GOAL_RATIO, "x"),
        *(
            Figure(f"hostile YAML: {title}", seconds(partial(read_hostile, data)), GOAL_HOSTILE_S, "s")
            for title, data in HOSTILE.items()
        ),
    ]


def read_hostile(data: bytes) -> None:
    """Read hostile input, and see that it is refused with a place."""
    document = parse_document("hostile.yaml", data)
    found = [*document.findings, *validate(document, Options).findings]
    assert found
    assert all(finding.line > 0 and finding.column > 0 for finding in found)
