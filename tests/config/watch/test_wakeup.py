"""The wake-up flag and the handler that raises it."""

from pathlib import Path

import pytest
from watchdog import events

from cmdarr.config.watch.observer import FlagHandler
from cmdarr.config.watch.wakeup import WakeUp


@pytest.mark.parametrize(
    ("event", "wakes"),
    [
        (events.FileCreatedEvent("/c/x.yaml"), True),
        (events.FileModifiedEvent("/c/x.yaml"), True),
        (events.FileMovedEvent("/c/x.tmp", "/c/x.yaml"), True),
        (events.FileDeletedEvent("/c/x.yaml"), True),
        (events.FileClosedEvent("/c/x.yaml"), True),
        (events.DirMovedEvent("/c/..data_tmp", "/c/..data"), True),
        (events.FileOpenedEvent("/c/x.yaml"), False),
        (events.FileClosedNoWriteEvent("/c/x.yaml"), False),
        (events.FileAttribEvent("/c/x.yaml"), False),
    ],
)
def test_w01_only_the_allowed_events_wake(event: events.FileSystemEvent, *, wakes: bool) -> None:
    wake = WakeUp()
    FlagHandler(wake).dispatch(event)
    assert wake.take() is wakes


@pytest.mark.parametrize(
    "event",
    [
        events.FileModifiedEvent(b"/c/\xff.yaml"),
        events.FileModifiedEvent(""),
        events.FileMovedEvent("", "/c/x.yaml"),
        events.FileSystemEvent("/c/x.yaml"),
    ],
)
def test_w02_the_handler_raises_nothing(event: events.FileSystemEvent) -> None:
    FlagHandler(WakeUp()).dispatch(event)


def test_taking_lowers_the_flag_and_a_nudge_is_no_event() -> None:
    wake = WakeUp()
    wake.announce("modified", "/c/x.yaml", is_directory=False)
    assert wake.take()
    assert not wake.take()
    wake.nudge()
    wake.wait(60)  # returns at once
    assert not wake.take()


def test_w14_a_file_is_open_between_modified_and_closed() -> None:
    wake = WakeUp()
    for event_type, is_open in [
        ("created", False),
        ("modified", True),
        ("modified", True),
        ("closed", False),
    ]:
        wake.announce(event_type, "/c/x.yaml", is_directory=False)
        assert wake.has_open_file is is_open


@pytest.mark.parametrize("ending", ["deleted", "moved", "closed"])
def test_w14_a_file_that_is_gone_is_no_longer_open(ending: str) -> None:
    wake = WakeUp()
    wake.announce("modified", "/c/x.yaml", is_directory=False)
    wake.announce(ending, "/c/x.yaml", is_directory=False)
    assert not wake.has_open_file


@pytest.mark.parametrize("name", [".x.yaml.swp", "4913", "x.yaml~", "log.txt", "#x.yaml#"])
def test_w04_side_files_are_not_waited_for(name: str) -> None:
    wake = WakeUp()
    wake.announce("modified", str(Path("/c") / name), is_directory=False)
    assert wake.take()
    assert not wake.has_open_file


def test_folders_and_forgotten_files_are_not_open() -> None:
    wake = WakeUp()
    wake.announce("modified", "/c/dir.yaml", is_directory=True)
    assert not wake.has_open_file
    wake.announce("modified", "/c/x.yaml", is_directory=False)
    wake.forget_open_files()
    assert not wake.has_open_file
