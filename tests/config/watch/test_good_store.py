"""Last good versions in the real config.db."""

import threading
from pathlib import Path

from fakes_watch import BROKEN, Configured

from cmdarr.config.reload import Reloader, ReloadOutcome
from cmdarr.storage.config_store import ConfigStore


def test_b04_the_last_good_version_comes_back_from_config_db(tmp_path: Path) -> None:
    config = Configured(tmp_path)
    config.write("settings.yaml", "log: {level: debug}\n")
    config.write_commands(2)
    database, backups = tmp_path / "config.db", tmp_path / "backups"
    store = ConfigStore.open(database, backups=backups, clock=config.clock)
    try:
        reloader = Reloader(config.path, config.loader, store.good, config.clock, wait=config.clock.advance)
        reloader.start()
        config.write("commands/c0.yaml", "kind: refresh\ndescription: 'kept: 2:54'\n")

        def reload() -> None:
            assert reloader.reload("api").outcome is ReloadOutcome.APPLIED

        thread = threading.Thread(target=reload)
        thread.start()
        thread.join()
        since = reloader.current.loaded_at
    finally:
        store.close()
    config.write("commands/c0.yaml", BROKEN)
    config.clock.advance(3600)
    store = ConfigStore.open(database, backups=backups, clock=config.clock)
    try:
        reloader = Reloader(config.path, config.loader, store.good, config.clock)
        entry = reloader.start().commands["c0"]
    finally:
        store.close()
    assert (str(entry.state), entry.good_since) == ("last_good", since)
    assert entry.options is not None
    assert entry.options.description == "kept: 2:54"
