"""Files that are opened, checked, saved and switched: what stays, what is refused, and what other disks make of it."""

import errno
import os
import stat
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cmdarr.app import App
from cmdarr.app.editing import (
    ABSENT,
    Editor,
    FileChanged,
    NotReadable,
    NotWritable,
    TooLargeToEdit,
    UnknownMark,
)
from cmdarr.app.editing import write as writing
from cmdarr.config.reload import ReloadOutcome, ReloadResult
from cmdarr.errors import ConfigError, NothingFound, UsageError

COMMAND = b"\xef\xbb\xbf# top\r\nkind: library_refresh # why\r\nschedule: manual\r\n"
SETTINGS = b"web: {api_key: a-key-of-16-bytes}\nservices: {files: {path: music}}\n"
FILE = "commands/refresh.yaml"


@dataclass
class Room:
    """An editor over a config folder, without a daemon; `reloads` counts what it asked for."""

    root: Path
    app: App = field(init=False)
    editor: Editor = field(init=False)
    reloads: int = 0

    def __post_init__(self) -> None:
        (self.config / "commands").mkdir(parents=True)
        self.put("settings.yaml", SETTINGS)
        self.put(FILE, COMMAND)
        self.app = App(
            config_dir=self.config, data_dir=self.root / "data", environ={"TZ": "UTC", "WORD": "from outside"}
        )
        in_force = self.app.read_configuration()
        self.editor = Editor(self.app, lambda: in_force, self._reload)

    @property
    def config(self) -> Path:
        return self.root / "config"

    def put(self, name: str, data: bytes) -> Path:
        path = self.config / name
        path.write_bytes(data)
        return path

    def bytes_of(self, name: str = FILE) -> bytes:
        return (self.config / name).read_bytes()

    def names(self) -> set[str]:
        return {str(path.relative_to(self.config)) for path in self.config.rglob("*") if not path.is_dir()}

    def save(self, file: str = FILE, **more: object) -> str:
        """Save a file with one line more, and return its new text."""
        found = self.editor.open(file)
        text = f"{found.text}description: new\r\n"
        self.editor.save(file, text, found.digest)
        return text

    def _reload(self) -> ReloadResult:
        self.reloads += 1
        return ReloadResult(outcome=ReloadOutcome.APPLIED, reason="api", generation="")


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path)
    yield room
    room.app.close()


def test_a_save_writes_what_was_given_and_reloads(room: Room) -> None:
    room.save()
    assert room.bytes_of() == COMMAND + b"description: new\r\n"
    assert room.reloads == 1
    assert room.names() == {"settings.yaml", FILE}


def test_a_text_that_was_not_touched_is_written_byte_for_byte(room: Room) -> None:
    for name in (FILE, "settings.yaml"):
        before = room.bytes_of(name)
        found = room.editor.open(name)
        room.editor.save(name, found.text, found.digest)
        assert room.bytes_of(name) == before


def test_secrets_are_behind_marks_and_come_back(room: Room) -> None:
    found = room.editor.open("settings.yaml")
    assert "a-key-of-16-bytes" not in found.text
    assert "a-key-of-16-bytes" not in repr(found)
    room.editor.save("settings.yaml", found.text.replace("music", "tunes"), found.digest)
    assert room.bytes_of("settings.yaml") == SETTINGS.replace(b"music", b"tunes")


def test_a_reference_is_shown_and_never_what_it_stands_for(room: Room) -> None:
    room.put("settings.yaml", b'web: {api_key: "${env:WORD}"}\nx-note: from outside\n')
    text = room.editor.open("settings.yaml").text
    assert "${env:WORD}" in text
    assert "from outside" not in text


def test_a_new_secret_is_masked_before_anything_was_reloaded(room: Room) -> None:
    room.put("settings.yaml", b"web: {api_key: another-key-of-16}\n")
    assert "another-key-of-16" not in room.editor.open("settings.yaml").text


def test_a_mark_that_stands_for_nothing_is_refused(room: Room) -> None:
    found = room.editor.open(FILE)
    with pytest.raises(UnknownMark, match="line 2"):
        room.editor.save(FILE, "kind: library_refresh\ndescription: •••00000000•••\n", found.digest)
    assert room.bytes_of() == COMMAND


def test_w24_b9_a_file_that_changed_on_disk_is_not_overwritten(room: Room) -> None:
    found = room.editor.open(FILE)
    room.put(FILE, COMMAND + b"description: theirs\r\n")
    with pytest.raises(FileChanged):
        room.editor.save(FILE, found.text, found.digest)
    assert room.bytes_of().endswith(b"theirs\r\n")
    assert room.reloads == 0
    conflict = room.editor.conflict(FILE, found.text + "description: mine\r\n", found.digest)
    assert "+description: theirs" in conflict.theirs
    assert "-description: theirs\r\n+description: mine" in conflict.mine


def test_a_file_that_came_or_went_meanwhile_is_a_conflict_too(room: Room) -> None:
    found = room.editor.open("commands/new.yaml")
    assert (found.digest, found.text) == (ABSENT, "")
    room.put("commands/new.yaml", b"kind: library_refresh\n")
    with pytest.raises(FileChanged):
        room.editor.save("commands/new.yaml", "kind: library_refresh\n", ABSENT)
    gone = room.editor.open(FILE)
    (room.config / FILE).unlink()
    with pytest.raises(FileChanged):
        room.editor.save(FILE, gone.text, gone.digest)
    assert not (room.config / FILE).exists()


def test_of_two_saves_at_once_one_wins_and_the_other_is_told(room: Room) -> None:
    found = room.editor.open(FILE)
    outcomes: list[str] = []

    def save(word: str) -> None:
        try:
            room.editor.save(FILE, f"{found.text}description: {word}\r\n", found.digest)
            outcomes.append(word)
        except FileChanged:
            outcomes.append("refused")

    threads = [threading.Thread(target=save, args=(f"word{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = [word for word in outcomes if word != "refused"]
    assert len(winner) == 1
    assert room.bytes_of() == COMMAND + f"description: {winner[0]}\r\n".encode()


def test_errors_must_be_accepted(room: Room) -> None:
    found = room.editor.open(FILE)
    with pytest.raises(ConfigError) as refused:
        room.editor.save(FILE, "kind: library_refresh\nbogus: 1\n", found.digest)
    assert [(one.line, one.code) for one in refused.value.findings] == [(2, "unknown_key")]
    assert room.bytes_of() == COMMAND
    room.editor.save(FILE, "kind: library_refresh\nbogus: 1\n", found.digest, anyway=True)
    assert room.bytes_of() == b"kind: library_refresh\nbogus: 1\n"


def test_what_a_file_would_break_in_others_is_found(room: Room) -> None:
    room.put(FILE, b"kind: library_refresh\nservers: [files]\n")
    draft = room.editor.check("settings.yaml", "services: {}\n")
    assert {one.file for one in draft.errors} == {FILE}
    assert draft.diff.startswith("--- a/settings.yaml\n+++ b/settings.yaml\n")


def test_a_check_writes_nothing_and_knows_of_what_is_on_disk(room: Room) -> None:
    before = room.names()
    assert not room.editor.check("commands/new.yaml", "kind: library_refresh\n").errors
    assert room.names() == before
    assert room.reloads == 0


def test_a_new_command_is_made_with_its_folder(room: Room) -> None:
    (room.config / FILE).unlink()
    (room.config / "commands").rmdir()
    room.editor.save("commands/new.yaml", "kind: library_refresh\n", ABSENT)
    assert room.bytes_of("commands/new.yaml") == b"kind: library_refresh\n"


@pytest.mark.parametrize(
    "name",
    [
        "secrets.yaml", "secrets.yml", "../config/settings.yaml", "commands/../settings.yaml", "/etc/passwd",
        "other.yaml", "commands/x.yml", "commands/.x.yaml", "commands/a/b.yaml", "commands/X.yaml", "",
        "commands/%2e.yaml", "commands/", "settings.yaml\n", "settings.yaml\0", ".git/config",
    ],
)  # fmt: skip
def test_no_other_file_is_shown_or_written(room: Room, name: str) -> None:
    for attempt in (
        lambda: room.editor.open(name),
        lambda: room.editor.check(name, "a: 1\n"),
        lambda: room.editor.save(name, "a: 1\n", ABSENT, anyway=True),
    ):
        with pytest.raises(NothingFound):
            attempt()
    assert room.names() == {"settings.yaml", FILE}


def test_a_link_to_the_secrets_is_not_followed(room: Room) -> None:
    room.put("secrets.yaml", b"word: secret\n").chmod(0o600)
    (room.config / "commands/x.yaml").symlink_to("../secrets.yaml")
    with pytest.raises(NothingFound, match="link"):
        room.editor.open("commands/x.yaml")


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"a: \xff\n", NotReadable),
        (b"a: \x07\n", NotReadable),
        (b"a: \xef\xbb\xbfb\n", NotReadable),
        (b"#" * 600_000, TooLargeToEdit),
    ],
)
def test_what_no_page_can_show_exactly_is_not_edited(room: Room, data: bytes, error: type[Exception]) -> None:
    room.put(FILE, data)
    with pytest.raises(error):
        room.editor.open(FILE)


def test_a_text_that_is_too_large_or_half_a_character_is_refused(room: Room) -> None:
    digest = room.editor.open(FILE).digest
    with pytest.raises(TooLargeToEdit):
        room.editor.save(FILE, "#" * 600_000, digest)
    with pytest.raises(UsageError):
        room.editor.save(FILE, "# \ud800", digest)
    assert room.bytes_of() == COMMAND


def test_a_folder_or_a_fifo_in_the_place_of_a_file_is_refused_at_once(room: Room) -> None:
    (room.config / "commands/folder.yaml").mkdir()
    os.mkfifo(room.config / "commands/fifo.yaml")
    (room.config / "commands/lost.yaml").symlink_to("nowhere.yaml")
    for name in ("folder", "fifo", "lost"):
        with pytest.raises(NotReadable):
            room.editor.open(f"commands/{name}.yaml")


def test_w23_mode_owner_and_link_stay(room: Room) -> None:
    real = room.root / "elsewhere.yaml"
    real.write_bytes(COMMAND)
    real.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(real, 1234, 2345)
    owner = (real.stat().st_uid, real.stat().st_gid)
    (room.config / FILE).unlink()
    (room.config / FILE).symlink_to(real)
    room.save()
    assert (room.config / FILE).is_symlink()
    assert real.read_bytes() == COMMAND + b"description: new\r\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert (real.stat().st_uid, real.stat().st_gid) == owner
    assert [path.name for path in room.root.iterdir() if path.is_file()] == ["elsewhere.yaml"]


def test_a_file_with_two_names_keeps_both(room: Room) -> None:
    other = room.root / "other-name.yaml"
    other.hardlink_to(room.config / FILE)
    room.save()
    assert other.read_bytes() == room.bytes_of() == COMMAND + b"description: new\r\n"
    assert (room.app.backups_dir / "commands-refresh.yaml.before-edit").read_bytes() == COMMAND


class Stuck(type(Path())):  # type: ignore[misc]  # the class of paths of this system
    """A path whose file is a mount of its own: nothing can be put in its place."""

    def replace(self, target: object) -> "Stuck":
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))


def test_w23_a_file_that_is_a_mount_of_its_own_is_written_in_place_after_a_copy(room: Room) -> None:
    path = Stuck(room.config / FILE)
    before = path.stat().st_ino
    assert not writing.exchange(path, FILE, b"new", writing.digest_of(COMMAND))
    writing.write_in_place(path, FILE, b"new", writing.digest_of(COMMAND), room.app.backups_dir)
    assert room.bytes_of() == b"new"
    assert path.stat().st_ino == before
    copy = room.app.backups_dir / "commands-refresh.yaml.before-edit"
    assert copy.read_bytes() == COMMAND
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert room.names() == {"settings.yaml", FILE}


def test_a_disk_that_is_full_leaves_what_was_there(room: Room) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("there is no /dev/full")
    with pytest.raises(OSError, match="No space"):
        writing.overwrite(full, b"new")
    (room.config / "commands").rename(room.config / "away")
    (room.config / "commands").write_bytes(b"a file in the place of the folder")
    with pytest.raises(NotWritable, match=r"commands/new\.yaml cannot be written"):
        writing.write_bytes(
            room.config / "commands/new.yaml", "commands/new.yaml", b"x", ABSENT, backups=room.app.backups_dir
        )


def test_the_switch_writes_one_place_and_nothing_when_it_is_so_already(room: Room) -> None:
    room.editor.switch("refresh", enabled=False)
    expected = COMMAND.replace(b"# why\r\n", b"# why\r\nenabled: false\r\n")
    assert room.bytes_of() == expected
    before = (room.config / FILE).stat().st_mtime_ns
    room.editor.switch("refresh", enabled=False)
    assert (room.config / FILE).stat().st_mtime_ns == before
    room.editor.switch("refresh", enabled=True)
    assert room.bytes_of() == expected.replace(b"false", b"true")
    with pytest.raises(NothingFound):
        room.editor.switch("nobody", enabled=True)


def test_a_folder_that_is_read_only_refuses_every_change() -> None:
    with tempfile.TemporaryDirectory() as folder:  # not below a folder of pytest, which nobody else may enter
        root = Path(folder)
        root.chmod(0o755)
        room = Room(root)
        (room.config / "commands").chmod(0o555)
        (room.config / FILE).chmod(0o444)
        try:
            with as_nobody():
                found = room.editor.open(FILE)
                assert found.refusal == "the configuration is read-only here"
                with pytest.raises(NotWritable):
                    room.editor.save(FILE, found.text, found.digest)
                with pytest.raises(NotWritable, match="enabled: false"):
                    room.editor.switch("refresh", enabled=False)
                _, text = room.editor.preview_switch("refresh", enabled=False)
        finally:
            (room.config / "commands").chmod(0o755)
        assert "enabled: false" in text
        assert room.bytes_of() == COMMAND
        room.app.close()


@contextmanager
def as_nobody() -> Iterator[None]:
    """Lose the rights of root, where the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
