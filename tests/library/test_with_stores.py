"""The sync over the real stores: config.db and a cache.db that is deleted under it."""

from datetime import timedelta
from pathlib import Path

from fakes_library import FakeClock, FakeServer, RecordedProgress, song, wish
from fakes_sync import SyncRoom

from cmdarr.library.resolve import resolve_tracks
from cmdarr.models.cancel import CancelToken
from cmdarr.storage.cache_store import CacheStore
from cmdarr.storage.config_store import ConfigStore


def test_sync_change_and_second_run(tmp_path: Path) -> None:
    room = SyncRoom()
    clock = FakeClock()
    with (
        ConfigStore.open(tmp_path / "config.db", backups=tmp_path / "backups", clock=clock) as config,
        CacheStore.open(tmp_path / "cache.db", clock=clock, max_bytes=10**7) as cache,
    ):
        room.index, room.bindings = cache.library, config.bindings  # type: ignore[assignment]
        room.revisions, room.held = config.revisions, config.held  # type: ignore[assignment]
        room.want(*range(1, 13))
        assert room.run().targets[0].error is None
        room.want(*range(12, 0, -1), 13)
        for ending in ("", "-wal", "-shm"):
            (tmp_path / f"cache.db{ending}").unlink(missing_ok=True)
        assert room.run().targets[0].error is None
        assert room.numbers() == [*range(12, 0, -1), 13]
        assert [kept.reason for kept in config.revisions.list()] == ["after", "before", "after"]
        room.server.writes.clear()
        room.run()
        assert room.server.writes == []
        room.want(1)
        assert room.run().targets[0].held
        assert config.held.find("mix", "fake") is not None
        room.run(accept_removals=True)
        assert config.held.find("mix", "fake") is None


def test_the_real_index_and_reading_through_agree(tmp_path: Path) -> None:
    clock = FakeClock()
    server = FakeServer(
        sections={"Music": [song(number, f"Artist {number % 7}") for number in range(300)]}, batch=50
    )
    wanted = [wish(number, f"Artist {number % 5}") for number in range(300)]
    with CacheStore.open(tmp_path / "cache.db", clock=clock, max_bytes=10**7) as cache:
        results = [
            resolve_tracks(
                wanted,
                server,
                index,
                (),
                ttl=timedelta(days=30),
                clock=clock,
                cancel=CancelToken(),
                progress=RecordedProgress(),
            )
            for index in (cache.library, cache.library)
        ]
        assert results[0] == results[1]
        assert sum(decision.match is not None for decision in results[0]) == 45
