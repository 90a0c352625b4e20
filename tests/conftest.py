"""What every test shares."""

from collections.abc import Iterator

import pytest
from forked import ForkServer


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the slow runs out unless `-m` asks for them: `make soak`."""
    if "slow" in (config.getoption("-m") or ""):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if item not in slow]


@pytest.fixture(scope="session")
def fork_server() -> Iterator[ForkServer]:
    """Where quick copies of the program come from."""
    server = ForkServer()
    yield server
    server.close()
