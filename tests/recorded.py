"""Recorded answers of services, which lie outside the repository."""

from pathlib import Path

import pytest

_FOLDER = Path(__file__).resolve().parents[2] / "shared/data/recorded"


def recorded(service: str, name: str) -> bytes:
    """Return a recorded answer, or skip the test."""
    path = _FOLDER / service / name
    if not path.is_file():
        pytest.skip(f"the recorded answer {service}/{name} is not there")
    return path.read_bytes()
