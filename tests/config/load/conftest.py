"""The config folder that every test of loading writes into."""

from pathlib import Path

import pytest
from fakes_loading import ConfigFolder


@pytest.fixture
def folder(tmp_path: Path) -> ConfigFolder:
    return ConfigFolder(tmp_path)
