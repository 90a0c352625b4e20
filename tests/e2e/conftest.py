"""A fresh installation with the starter configuration."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from forked import ForkedProgram, Forks, ForkServer
from program import Program


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """An empty folder to install into."""
    return Program(tmp_path)


@pytest.fixture
def forks(tmp_path: Path, fork_server: ForkServer) -> Iterator[Forks]:
    """An empty folder to install into, with quick verbs over it."""
    with Forks(tmp_path, fork_server) as forks:
        yield forks


@pytest.fixture
def starter(tmp_path: Path, fork_server: ForkServer) -> Iterator[ForkedProgram]:
    """The installation that `cmdarr config init` makes."""
    with ForkedProgram(tmp_path, fork_server) as program:
        done = program.run("config", "init")
        assert done.returncode == 0, done.stderr
        yield program
