"""The daemon's parts together: start, refuse, follow, stop; over real folders, stores and threads."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cmdarr.app import App
from cmdarr.app.daemon import Daemon
from cmdarr.config.snapshot import Snapshot
from cmdarr.config.starter import write_starter
from cmdarr.engine.lock import CommandLocks
from cmdarr.errors import ConfigError, FolderInUse, NothingFound, StoreDamaged
from cmdarr.storage.lock import FolderLock

NAME = "demo-favourites"
COMMAND = f"commands/{NAME}.yaml"


class Room:
    """One installation, and the daemons over it."""

    def __init__(self, root: Path) -> None:
        self.config = root / "config"
        self.data = root / "data"
        self.followed: list[Snapshot] = []
        self.started: list[tuple[Daemon, App]] = []

    def app(self) -> App:
        return App(config_dir=self.config, data_dir=self.data, environ={"TZ": "UTC"})

    def daemon(self) -> Daemon:
        app = self.app()
        daemon = Daemon(app, follow_settings=self.followed.append)
        self.started.append((daemon, app))
        return daemon

    def serve(self) -> Daemon:
        daemon = self.daemon()
        daemon.prepare()
        daemon.start()
        return daemon

    def write(self, name: str, text: str) -> None:
        (self.config / name).write_text(text, encoding="utf-8")

    def command(self) -> str:
        return (self.config / COMMAND).read_text(encoding="utf-8")

    def executions(self) -> list[Any]:
        app = self.app()
        try:
            return list(app.store.history.recent(limit=100))
        finally:
            app.close()

    def stop(self) -> None:
        for daemon, app in self.started:
            if hasattr(daemon, "_reloader"):
                daemon.stop_now()
                daemon.stop()
            app.close()


def wait_until(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path)
    app = room.app()
    write_starter(room.config, app.catalog)
    room.write(COMMAND, room.command().replace("run_at_start: true", "run_at_start: false"))
    yield room
    room.stop()


def is_free(room: Room) -> bool:
    try:
        with FolderLock(room.data):
            return True
    except FolderInUse:
        return False


def test_it_runs_follows_a_reload_and_stops_whole(room: Room) -> None:
    room.write(COMMAND, room.command().replace("run_at_start: false", "run_at_start: true"))
    daemon = room.serve()
    wait_until(lambda: [one for one in room.executions() if one.status.is_final])
    assert daemon.find_problems() == []
    assert not is_free(room)
    room.write("settings.yaml", "cache: {max_size: 64MB}\nservices: {files: {path: data/demo-music}}\n")
    daemon.reload()
    assert room.followed[-1].settings.cache.max_size == 64_000_000
    threads = threading.active_count()
    daemon.stop()
    daemon.stop()
    assert is_free(room)
    assert daemon.find_problems() == ["Cmdarr is stopping."]
    assert threading.active_count() < threads


def broken_settings(room: Room) -> None:
    room.write("settings.yaml", "webb: {}\n")


def damaged_store(room: Room) -> None:
    room.data.mkdir()
    (room.data / "config.db").write_bytes(b"no database" * 1000)


def no_config(room: Room) -> None:
    for path in sorted(room.config.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    room.config.rmdir()


@pytest.mark.parametrize(
    ("spoil", "error"),
    [(broken_settings, ConfigError), (damaged_store, StoreDamaged), (no_config, NothingFound)],
)
def test_a_start_that_is_refused_leaves_nothing_open(
    room: Room, spoil: Callable[[Room], None], error: type[Exception]
) -> None:
    spoil(room)
    before = threading.active_count()
    daemon = room.daemon()
    with pytest.raises(error):
        daemon.prepare()
    room.started.clear()
    assert is_free(room)
    assert threading.active_count() == before


def test_a_start_that_fails_in_the_middle_leaves_nothing_open(room: Room) -> None:
    def refuse(snapshot: Snapshot) -> None:
        raise RuntimeError

    daemon = Daemon(room.app(), follow_settings=refuse)
    with pytest.raises(RuntimeError):
        daemon.prepare()
    assert is_free(room)


def test_a_second_one_is_refused_and_the_first_goes_on(room: Room) -> None:
    first = room.serve()
    second = Daemon(room.app(), follow_settings=room.followed.append)
    with pytest.raises(FolderInUse):
        second.prepare()
    assert first.find_problems() == []


def test_what_is_prepared_and_never_started_stops(room: Room) -> None:
    daemon = room.daemon()
    daemon.prepare()
    daemon.stop()
    assert is_free(room)


def test_an_empty_folder_is_served_with_a_warning(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    no_config(room)
    room.config.mkdir()
    room.serve()
    assert "cmdarr config init" in caplog.text


def bound(room: Room) -> list[str]:
    app = room.app()
    try:
        return [binding.command for binding in app.store.bindings.list()]
    finally:
        app.close()


def remove_command(room: Room, daemon: Daemon) -> None:
    (room.config / COMMAND).unlink()
    daemon.reload()


@pytest.fixture
def synced(room: Room) -> Daemon:
    """Return a daemon whose command has made its playlist and deletes it when its file goes away."""
    room.write(
        COMMAND,
        room.command().replace("run_at_start: false", "run_at_start: true") + "on_delete: delete\n",
    )
    daemon = room.serve()
    wait_until(lambda: [one for one in room.executions() if one.status.is_final])
    wait_until(lambda: not CommandLocks(room.data / "locks").is_held(NAME))  # it outlives the record
    return daemon


def playlists(room: Room) -> list[Path]:
    return list((room.data / "playlists").glob("*.m3u8"))


def test_the_playlist_of_a_removed_command_goes_only_when_no_run_of_it_goes_on(
    room: Room, synced: Daemon
) -> None:
    with CommandLocks(room.data / "locks").hold(NAME):
        remove_command(room, synced)
        time.sleep(0.1)
        assert playlists(room)
    wait_until(lambda: not playlists(room))
    wait_until(lambda: bound(room) == [])


def test_a_command_that_is_back_in_time_keeps_its_playlist(
    room: Room, synced: Daemon, caplog: pytest.LogCaptureFixture
) -> None:
    text = room.command()
    with CommandLocks(room.data / "locks").hold(NAME):
        remove_command(room, synced)
        room.write(COMMAND, text)
        synced.reload()
    wait_until(lambda: not [one for one in threading.enumerate() if one.name == "orphans"])
    assert playlists(room)
    assert bound(room) == [NAME]


def test_a_stop_waits_for_no_deletion(room: Room, synced: Daemon, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with CommandLocks(room.data / "locks").hold(NAME):
        remove_command(room, synced)
        synced.stop()
    assert playlists(room)
    assert "are left stay on their servers" in caplog.text
