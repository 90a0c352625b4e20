"""What every test shares."""

from collections.abc import Iterator

import pytest
from forked import ForkServer


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what `-m` does not ask for: the slow runs (`make soak`) and the pictures (`make screenshots`)."""
    asked = config.getoption("-m") or ""
    unasked = [name for name in ("slow", "pictures") if name not in asked]
    left_out = [item for item in items if any(item.get_closest_marker(name) for name in unasked)]
    config.hook.pytest_deselected(items=left_out)
    gone = set(map(id, left_out))
    items[:] = [item for item in items if id(item) not in gone]


@pytest.fixture(scope="session")
def fork_server() -> Iterator[ForkServer]:
    """Where quick copies of the program come from."""
    server = ForkServer()
    yield server
    server.close()
