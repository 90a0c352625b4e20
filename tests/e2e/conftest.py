"""A fresh installation with the starter configuration."""

from pathlib import Path

import pytest
from program import Program


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """An empty folder to install into."""
    return Program(tmp_path)


@pytest.fixture
def starter(program: Program) -> Program:
    """The installation that `cmdarr config init` makes."""
    done = program.run("config", "init")
    assert done.returncode == 0, done.stderr
    return program
