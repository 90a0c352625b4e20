"""Rooms of the web tests: one that is open and one behind a password."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes_web import DEMO, PROTECTED, Waiting, WebRoom, make_room, wait_until


@pytest.fixture
def room(tmp_path: Path) -> Iterator[WebRoom]:
    """A daemon without a password, on the loopback address."""
    with make_room(tmp_path).serve() as room:
        yield room


@pytest.fixture
def protected(tmp_path: Path) -> Iterator[WebRoom]:
    """A daemon with a password and an API key."""
    with make_room(tmp_path, PROTECTED).serve() as room:
        yield room


@pytest.fixture(scope="module")
def one_open(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebRoom]:
    """One daemon without a password for a whole module."""
    with make_room(tmp_path_factory.mktemp("open")).serve() as room:
        yield room


@pytest.fixture(scope="module")
def one_protected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebRoom]:
    """One daemon with a password for a whole module."""
    with make_room(tmp_path_factory.mktemp("protected"), PROTECTED).serve() as room:
        yield room


@pytest.fixture
def shared(one_open: WebRoom) -> Iterator[WebRoom]:
    """The module's open daemon, idle; for tests that change nothing for good."""
    settle(one_open)
    yield one_open
    settle(one_open)


@pytest.fixture
def guarded(one_protected: WebRoom) -> Iterator[WebRoom]:
    """The module's daemon with a password, idle and with nobody logged in; for tests that send right passwords."""
    settle(one_protected)
    yield one_protected
    settle(one_protected)


def settle(room: WebRoom) -> None:
    """End what a test left running, and forget its cookies."""
    Waiting.let_go.set()
    wait_until(lambda: not room.control.active())
    Waiting.let_go.clear()
    Waiting.entered.clear()
    room.jar.clear()


@pytest.fixture
def music(tmp_path: Path) -> Iterator[WebRoom]:
    """A daemon over a small library of demo audio."""
    with make_room(tmp_path, DEMO).serve() as room:
        yield room
