"""A new installation for each test of an import."""

from pathlib import Path

import pytest
from fakes_importing import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "new")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Where the legacy program kept its data."""
    return tmp_path / "old"
