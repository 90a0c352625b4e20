"""What every test shares."""

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the slow runs out unless `-m` asks for them."""
    if "slow" in (config.getoption("-m") or ""):
        return
    skip = pytest.mark.skip(reason="slow: runs with `make soak`")
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(skip)
