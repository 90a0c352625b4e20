"""An installation with the starter configuration."""

from pathlib import Path

import pytest
from fakes_cli import Installation


@pytest.fixture
def empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Installation:
    """Return an empty folder to install into."""
    return Installation(tmp_path, capsys)


@pytest.fixture
def installed(empty: Installation) -> Installation:
    """Return the installation that `cmdarr config init` makes."""
    assert empty.call("config", "init").code == 0
    return empty
