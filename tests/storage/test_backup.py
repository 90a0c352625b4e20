"""Backup, restore, reset: whole or not at all, verified, repeatable."""

import gzip
import hashlib
import io
import json
import shutil
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes_storage import START, HandClock, batches_of, keyer, open_cache, open_config, record_run

from cmdarr.errors import FolderInUse, StorageError, StoreDamaged, StoreUnavailable
from cmdarr.storage.archive import unpack
from cmdarr.storage.backup import Manifest, finish_restore, read_manifest, restore_backup, write_backup
from cmdarr.storage.lock import FolderLock
from cmdarr.storage.migrations import SCHEMA_NUMBER
from cmdarr.storage.reset import reset_all


@pytest.fixture
def config_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    (folder / "commands").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_text("ref")
    (folder / "settings.yaml").write_text("timezone: UTC\n")
    (folder / "secrets.yaml").write_text("canary: hunter2-canary\n")
    (folder / "commands" / "hits.yaml").write_text("kind: demo\n")
    return folder


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    with open_config(tmp_path / "data") as store:
        record_run(store, "before")
    return tmp_path / "data"


def back_up(tmp_path: Path, *, with_secrets: bool = False) -> Manifest:
    return write_backup(
        tmp_path / "b.tar.gz",
        config_dir=tmp_path / "config",
        data_dir=tmp_path / "data",
        with_secrets=with_secrets,
        version="1.2.3",
        clock=HandClock(),
    )


def restore(tmp_path: Path) -> Path | None:
    return restore_backup(
        tmp_path / "b.tar.gz", config_dir=tmp_path / "config", data_dir=tmp_path / "data", clock=HandClock()
    )


def commands(data_dir: Path) -> list[str]:
    with open_config(data_dir) as store:
        return [run.command for run in store.history.recent()]


def content(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_an_archive_holds_config_db_and_the_config_folder_but_no_secret(
    tmp_path: Path, config_dir: Path, data_dir: Path
) -> None:
    manifest = back_up(tmp_path)
    assert manifest == read_manifest(tmp_path / "b.tar.gz")
    assert (manifest.version, manifest.created_at, manifest.schema) == ("1.2.3", START, SCHEMA_NUMBER)
    assert list(manifest.members) == ["config.db", "config/commands/hits.yaml", "config/settings.yaml"]
    with tarfile.open(tmp_path / "b.tar.gz") as tar:
        assert tar.getnames() == ["manifest.json", *manifest.members]
        for name, digest in manifest.members.items():
            member = tar.extractfile(name)
            assert member is not None
            assert hashlib.sha256(member.read()).hexdigest() == digest
    assert b"hunter2-canary" not in gzip.decompress((tmp_path / "b.tar.gz").read_bytes())
    assert (tmp_path / "b.tar.gz").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.tar.gz", "config", "data"]


def test_secrets_go_in_only_when_asked(tmp_path: Path, config_dir: Path, data_dir: Path) -> None:
    assert "config/secrets.yaml" in back_up(tmp_path, with_secrets=True).members


def test_links_are_followed_only_inside_of_the_folder(
    tmp_path: Path, config_dir: Path, data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "outside.yaml").write_text("elsewhere")
    (config_dir / "..real").mkdir()
    (config_dir / "..real" / "pins.yaml").write_text("[]")
    (config_dir / "pins.yaml").symlink_to("..real/pins.yaml")
    (config_dir / "commands" / "out.yaml").symlink_to(tmp_path / "outside.yaml")
    (config_dir / "commands" / "circle").symlink_to(config_dir)
    (config_dir / "gone.yaml").symlink_to("nowhere.yaml")
    members = back_up(tmp_path).members
    assert "config/pins.yaml" in members
    assert not [name for name in members if "out" in name or "circle" in name or "gone" in name]
    assert "commands/out.yaml is not in the backup" in caplog.text


def test_a_backup_is_made_while_runs_write(tmp_path: Path, config_dir: Path, data_dir: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        with open_config(data_dir) as store:
            while not stop.is_set():
                record_run(store, "busy")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        manifests = [back_up(tmp_path) for _ in range(5)]
    finally:
        stop.set()
        writer.join()
    assert len({manifest.members["config.db"] for manifest in manifests}) > 1
    restore(tmp_path)
    assert commands(data_dir)[-1] == "before"


def test_without_config_db_the_folder_alone_is_kept(tmp_path: Path, config_dir: Path) -> None:
    (tmp_path / "data").mkdir()
    assert "config.db" not in back_up(tmp_path).members
    assert restore(tmp_path) is not None
    assert not (tmp_path / "data" / "config.db").exists()


def test_a_target_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, config_dir: Path, data_dir: Path
) -> None:
    with pytest.raises(StoreUnavailable, match="cannot be written"):
        write_backup(
            tmp_path / "nowhere" / "b.tar.gz", config_dir=config_dir, data_dir=data_dir, with_secrets=False,
            version="1", clock=HandClock(),
        )  # fmt: skip


def test_a_damaged_config_db_is_said_and_no_archive_is_written(
    tmp_path: Path, config_dir: Path, data_dir: Path
) -> None:
    (data_dir / "config.db").write_text("damaged" * 1000)
    with pytest.raises(StoreDamaged, match=r"config\.db cannot be read"):
        back_up(tmp_path)
    assert not (tmp_path / "b.tar.gz").exists()


def test_a_restore_brings_back_what_was_and_keeps_what_it_replaces(
    tmp_path: Path, config_dir: Path, data_dir: Path
) -> None:
    back_up(tmp_path)
    with open_config(data_dir) as store:
        record_run(store, "after")
    (config_dir / "settings.yaml").write_text("timezone: Europe/Berlin\n")
    (config_dir / "commands" / "later.yaml").write_text("kind: later\n")
    (config_dir / "notes.txt").write_text("mine")
    kept = restore(tmp_path)
    assert commands(data_dir) == ["before"]
    assert content(config_dir) == {
        ".git/HEAD": "ref",
        "commands/hits.yaml": "kind: demo\n",
        "notes.txt": "mine",
        "secrets.yaml": "canary: hunter2-canary\n",
        "settings.yaml": "timezone: UTC\n",
    }
    assert kept is not None
    assert kept.parent == data_dir / "backups"
    shutil.copy(kept, tmp_path / "b.tar.gz")
    restore(tmp_path)
    assert commands(data_dir) == ["after", "before"]
    assert (config_dir / "settings.yaml").read_text() == "timezone: Europe/Berlin\n"
    assert (config_dir / "commands" / "later.yaml").exists()


def test_restored_secrets_are_for_their_owner_only(tmp_path: Path, config_dir: Path, data_dir: Path) -> None:
    back_up(tmp_path, with_secrets=True)
    (config_dir / "secrets.yaml").unlink()
    restore(tmp_path)
    assert (config_dir / "secrets.yaml").stat().st_mode & 0o777 == 0o600


def test_a_restore_replaces_a_damaged_config_db_and_keeps_it(
    tmp_path: Path, config_dir: Path, data_dir: Path
) -> None:
    back_up(tmp_path)
    (data_dir / "config.db").write_text("damaged" * 1000)
    with pytest.raises(StoreDamaged, match="no backup"):
        open_config(data_dir)
    kept = restore(tmp_path)
    assert kept is not None
    assert kept.name.endswith("-damaged.tar.gz")
    assert commands(data_dir) == ["before"]


def test_a_restore_is_refused_while_a_daemon_runs(tmp_path: Path, config_dir: Path, data_dir: Path) -> None:
    back_up(tmp_path)
    with FolderLock(data_dir), pytest.raises(FolderInUse):
        restore(tmp_path)


def test_a_stale_wal_is_not_replayed_into_the_restored_file(
    tmp_path: Path, config_dir: Path, data_dir: Path
) -> None:
    back_up(tmp_path)
    store = open_config(data_dir)
    for _ in range(20):
        record_run(store, "after")
    wal = (data_dir / "config.db-wal").read_bytes()
    store.close()
    unpack(tmp_path / "b.tar.gz", data_dir / "restore")
    (data_dir / "config.db-wal").write_bytes(wal)
    finish_restore(data_dir=data_dir, config_dir=config_dir)
    assert commands(data_dir) == ["before"]


def rewrite(archive: Path, change: Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]) -> None:
    with tarfile.open(archive) as tar:
        members = []
        for info in tar:
            file = tar.extractfile(info)
            members.append((info, file.read() if file else b""))
    change(members)
    with tarfile.open(archive, "w:gz") as tar:
        for info, data in members:
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def add_member(
    name: str, kind: bytes = tarfile.REGTYPE
) -> Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]:
    """Add a member with a right digest, so that only its name or kind is wrong."""

    def change(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        info = tarfile.TarInfo(name)
        info.type = kind
        info.linkname = "/etc/passwd"
        data = b"evil" if kind == tarfile.REGTYPE else b""
        manifest = json.loads(members[0][1])
        manifest["members"][name] = hashlib.sha256(data).hexdigest()
        members[0] = (members[0][0], json.dumps(manifest).encode())
        members.append((info, data))

    return change


def change_byte(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    info, data = members[-1]
    members[-1] = (info, data[:-1] + b"!")


def drop_last(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    members.pop()


def drop_manifest(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    members.pop(0)


def repeat_last(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    members.append(members[-1])


def newer_schema(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    manifest = json.loads(members[0][1])
    manifest["format"] = 2
    members[0] = (members[0][0], json.dumps(manifest).encode())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (change_byte, "'config/settings.yaml' is damaged"),
        (drop_last, "'config/settings.yaml' is missing"),
        (drop_manifest, "it is no backup of Cmdarr"),
        (repeat_last, "does not belong in it"),
        (newer_schema, "made by a newer Cmdarr"),
        (add_member("config/../../evil"), "outside of its folders"),
        (add_member("/etc/evil"), "outside of its folders"),
        (add_member("cache.db"), "outside of its folders"),
        (add_member("config/a//b"), "outside of its folders"),
        (add_member("config/link.yaml", tarfile.SYMTYPE), "does not belong in it"),
        (add_member("config/hard.yaml", tarfile.LNKTYPE), "does not belong in it"),
        (add_member("config/fifo", tarfile.FIFOTYPE), "does not belong in it"),
    ],
)
def test_an_archive_that_was_changed_is_refused_and_nothing_is_touched(
    tmp_path: Path, config_dir: Path, data_dir: Path, change: Callable[..., None], message: str
) -> None:
    back_up(tmp_path)
    rewrite(tmp_path / "b.tar.gz", change)
    before = content(config_dir)
    with pytest.raises(StorageError, match=message):
        restore(tmp_path)
    assert content(config_dir) == before
    assert commands(data_dir) == ["before"]
    assert not (tmp_path / "evil").exists()
    assert sorted(path.name for path in data_dir.iterdir()) == ["cmdarr.lock", "config.db"]


@pytest.mark.parametrize("keep", [0, 30, 0.5, 0.9])
def test_a_cut_archive_is_refused(tmp_path: Path, config_dir: Path, data_dir: Path, keep: float) -> None:
    back_up(tmp_path)
    whole = (tmp_path / "b.tar.gz").read_bytes()
    (tmp_path / "b.tar.gz").write_bytes(whole[: int(keep * len(whole)) if keep < 1 else int(keep)])
    with pytest.raises(StorageError, match=r"b\.tar\.gz: "):
        restore(tmp_path)
    assert commands(data_dir) == ["before"]


def test_a_missing_archive_is_named(tmp_path: Path, config_dir: Path, data_dir: Path) -> None:
    with pytest.raises(StorageError, match="there is no such file"):
        read_manifest(tmp_path / "none.tar.gz")


def test_an_archive_of_a_newer_schema_is_refused(tmp_path: Path, config_dir: Path, data_dir: Path) -> None:
    with open_config(data_dir) as store, store._file.writing() as connection:
        connection.execute("INSERT INTO migration VALUES (999, 'future', 0)")
    back_up(tmp_path)
    with pytest.raises(StorageError, match="made by a newer Cmdarr"):
        restore(tmp_path)


def test_a_restore_that_was_decided_is_completed_at_the_next_start(
    tmp_path: Path, config_dir: Path, data_dir: Path
) -> None:
    (data_dir / "restore" / "config" / "commands").mkdir(parents=True)
    (data_dir / "restore" / "config" / "settings.yaml").write_text("timezone: Asia/Tokyo\n")
    (data_dir / "restore" / "remove.json").write_text('["commands/hits.yaml"]')
    with open_config(tmp_path / "other") as store:
        record_run(store, "restored")
    shutil.copy(tmp_path / "other" / "config.db", data_dir / "restore" / "config.db")
    assert finish_restore(data_dir=data_dir, config_dir=config_dir)
    assert commands(data_dir) == ["restored"]
    assert (config_dir / "settings.yaml").read_text() == "timezone: Asia/Tokyo\n"
    assert not (config_dir / "commands" / "hits.yaml").exists()
    assert not finish_restore(data_dir=data_dir, config_dir=config_dir)
    assert sorted(path.name for path in data_dir.iterdir()) == ["config.db"]


def test_a_restore_that_was_not_decided_is_undone_at_the_next_start(
    tmp_path: Path, config_dir: Path, data_dir: Path
) -> None:
    (data_dir / "restore.new" / "config").mkdir(parents=True)
    (data_dir / "restore.new" / "config" / "settings.yaml").write_text("half")
    (data_dir / "restore.done" / "config").mkdir(parents=True)
    (data_dir / "restore.done" / "config" / "settings.yaml").write_text("of long ago")
    assert not finish_restore(data_dir=data_dir, config_dir=config_dir)
    assert (config_dir / "settings.yaml").read_text() == "timezone: UTC\n"
    assert commands(data_dir) == ["before"]
    assert sorted(path.name for path in data_dir.iterdir()) == ["config.db"]


def test_reset_all_backs_up_then_empties_both(tmp_path: Path, config_dir: Path, data_dir: Path) -> None:
    with open_cache(data_dir) as cache:
        cache.library.replace_section("plex", "Music", batches_of(5), keyer, START)
    before = content(config_dir)
    saved = reset_all(data_dir, clock=HandClock())
    assert saved is not None
    assert commands(data_dir) == []
    with open_cache(data_dir) as cache:
        assert cache.library.info() == []
    assert content(config_dir) == before
    assert reset_all(data_dir, clock=HandClock()) not in (None, saved)
    shutil.copy(saved, tmp_path / "b.tar.gz")
    restore(tmp_path)
    assert commands(data_dir) == ["before"]
    assert content(config_dir) == before


def test_reset_all_of_nothing_makes_nothing(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    assert reset_all(tmp_path / "data", clock=HandClock()) is None
    assert list((tmp_path / "data").iterdir()) == []


def test_nothing_is_emptied_without_a_backup(tmp_path: Path, data_dir: Path) -> None:
    (data_dir / "backups").write_text("a file where the folder should be")
    with pytest.raises(StoreUnavailable):
        reset_all(data_dir, clock=HandClock())
    assert commands(data_dir) == ["before"]


def test_reset_all_beside_a_store_in_use(tmp_path: Path, data_dir: Path) -> None:
    with open_config(data_dir) as store:
        record_run(store)
        reset_all(data_dir, clock=HandClock())
        assert store.history.recent() == []
        record_run(store)
        assert store.problem() is None
