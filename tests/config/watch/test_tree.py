"""Reading the config folder: which files count, what cannot be read, and what a scan notices."""

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cmdarr.config.tree import (
    FULL_HASH_INTERVAL_S,
    LARGEST_FILE_BYTES,
    CommandsState,
    SourceFile,
    Tree,
    TreeScanner,
    is_config_file,
    read_tree,
)
from cmdarr.errors import NothingFound

FAR_AHEAD = datetime(2100, 1, 1, tzinfo=UTC)


class AheadClock:
    """A clock so far ahead that every file is old enough to be trusted by its stat."""

    def __init__(self) -> None:
        self.elapsed = 0.0

    def now(self) -> datetime:
        return FAR_AHEAD

    def monotonic(self) -> float:
        return self.elapsed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "commands").mkdir()
    (tmp_path / "settings.yaml").write_text("a: 1\n")
    (tmp_path / "commands/x.yaml").write_text("x: 1\n")
    return tmp_path


def only_problem(tree: Tree) -> tuple[str, str]:
    (problem,) = tree.problems
    assert (problem.line, problem.column, problem.severity) == (1, 1, "error")
    return problem.file, problem.code


@pytest.mark.parametrize(
    "name",
    [
        "settings.yaml", "settings.yml", "secrets.yaml", "secrets.yml", "pins.yaml",
        "commands/x.yaml", "commands/x.yml", "commands/settings.yaml", "commands/a~b.yaml", "commands/Ü.yaml",
    ],
)  # fmt: skip
def test_w22_files_that_are_read(name: str) -> None:
    assert is_config_file(name)


@pytest.mark.parametrize(
    "name",
    [
        "commands/4913", "commands/x.yaml~", "commands/.x.yaml.swp", "commands/.x.yaml", "commands/#x.yaml#",
        "commands/#x.yaml", "commands/.#x.yaml", "commands/x.yaml.tmp", "commands/x.YAML", "commands/x.json",
        "commands/sub/x.yaml", "schema/x.yaml", "x.yaml", "", "commands/", "commands", ".yaml", "commands/.yaml",
        "..data", "..2026_01_01/settings.yaml", ".settings.yaml", "settings.yaml~", "settings.yaml.bak",
        "commands/x.yamlx", "xcommands/x.yaml", "/commands/x.yaml",
    ],
)  # fmt: skip
def test_w04_w22_side_files_are_not_read(name: str) -> None:
    assert not is_config_file(name)


def test_files_come_with_bytes_and_digest_settings_first(folder: Path) -> None:
    for name in ("secrets.yaml", "pins.yaml", "commands/a.yaml", "commands/b.yml", "commands/.hidden.yaml"):
        (folder / name).write_text(name)
    tree = read_tree(folder)
    names = [
        "settings.yaml",
        "pins.yaml",
        "secrets.yaml",
        "commands/a.yaml",
        "commands/b.yml",
        "commands/x.yaml",
    ]
    assert list(tree.files) == names
    assert tree.files["settings.yaml"] == SourceFile.of("settings.yaml", b"a: 1\n")
    assert tree.problems == ()
    assert tree.commands_state is CommandsState.PRESENT


def test_a_missing_folder_is_nothing_found(tmp_path: Path) -> None:
    with pytest.raises(NothingFound, match=r"nowhere does not exist; `cmdarr config init` makes one"):
        read_tree(tmp_path / "nowhere")


def test_a_file_in_place_of_the_folder_is_nothing_found(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("")
    with pytest.raises(NothingFound, match="not a directory"):
        read_tree(tmp_path / "config")


def test_b06_missing_empty_and_unreadable_commands_folders_differ(folder: Path) -> None:
    (folder / "commands/x.yaml").unlink()
    assert read_tree(folder).commands_state is CommandsState.EMPTY
    (folder / "commands").rmdir()
    assert read_tree(folder).commands_state is CommandsState.MISSING
    (folder / "commands").write_text("no folder")
    tree = read_tree(folder)
    assert tree.commands_state is CommandsState.UNREADABLE
    assert only_problem(tree) == ("commands", "unreadable")


def test_b06_the_four_states_have_four_digests(folder: Path) -> None:
    digests = {read_tree(folder).digest}
    (folder / "commands/x.yaml").unlink()
    digests.add(read_tree(folder).digest)
    (folder / "commands").rmdir()
    digests.add(read_tree(folder).digest)
    (folder / "commands").write_text("no folder")
    digests.add(read_tree(folder).digest)
    assert len(digests) == 4


def test_y11_a_large_file_is_refused_unread(folder: Path) -> None:
    with (folder / "commands/big.yaml").open("wb") as stream:
        stream.truncate(10 * 1024**3)  # sparse: reading it would take seconds
    tree = read_tree(folder)
    assert only_problem(tree) == ("commands/big.yaml", "too_large")
    assert "10,737,418,240 bytes" in tree.problems[0].message
    assert "commands/big.yaml" not in tree.files
    assert "commands/x.yaml" in tree.files


def test_y11_a_file_of_exactly_the_largest_size_is_read(folder: Path) -> None:
    (folder / "commands/big.yaml").write_bytes(b"#" * LARGEST_FILE_BYTES)
    (folder / "commands/bigger.yaml").write_bytes(b"#" * (LARGEST_FILE_BYTES + 1))
    tree = read_tree(folder)
    assert only_problem(tree) == ("commands/bigger.yaml", "too_large")
    assert len(tree.files["commands/big.yaml"].data) == LARGEST_FILE_BYTES


def test_a_fifo_does_not_block(folder: Path) -> None:
    os.mkfifo(folder / "commands/pipe.yaml")
    trees: list[Tree] = []
    reader = threading.Thread(target=lambda: trees.append(read_tree(folder)), daemon=True)
    reader.start()
    reader.join(10)
    assert only_problem(trees[0]) == ("commands/pipe.yaml", "not_a_file")


def test_a_folder_with_the_name_of_a_file_is_a_problem(folder: Path) -> None:
    (folder / "commands/dir.yaml").mkdir()
    assert only_problem(read_tree(folder)) == ("commands/dir.yaml", "not_a_file")


def test_a_link_to_nowhere_is_a_problem_and_no_removal(folder: Path) -> None:
    (folder / "commands/x.yaml").unlink()
    (folder / "commands/x.yaml").symlink_to("gone.yaml")
    tree = read_tree(folder)
    assert only_problem(tree) == ("commands/x.yaml", "unreadable")
    assert "gone.yaml, which does not exist" in tree.problems[0].message


def test_w08_kubernetes_links_are_followed_by_content(tmp_path: Path) -> None:
    for version in ("..2026_1", "..2026_2"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "settings.yaml").write_text(f"v: '{version}'\n")
    (tmp_path / "..data").symlink_to("..2026_1")
    (tmp_path / "settings.yaml").symlink_to("..data/settings.yaml")
    scanner = TreeScanner(tmp_path, clock=AheadClock())
    before = scanner.scan()
    (tmp_path / "..data_tmp").symlink_to("..2026_2")
    (tmp_path / "..data_tmp").replace(tmp_path / "..data")
    after = scanner.scan()
    assert list(after.files) == ["settings.yaml"]
    assert before.files["settings.yaml"].data == b"v: '..2026_1'\n"
    assert after.files["settings.yaml"].data == b"v: '..2026_2'\n"


def test_a_scan_without_a_change_returns_the_same_tree(folder: Path) -> None:
    scanner = TreeScanner(folder, clock=AheadClock())
    assert scanner.scan() is scanner.scan()
    assert TreeScanner(folder).scan() is not scanner.scan()


def test_w18_touch_and_chmod_leave_the_digest(folder: Path) -> None:
    scanner = TreeScanner(folder, clock=AheadClock())
    before = scanner.scan()
    os.utime(folder / "commands/x.yaml", (1, 1))
    (folder / "settings.yaml").chmod(0o600)
    after = scanner.scan()
    assert after.digest == before.digest
    assert not after.is_same_read(before)  # another modification time means that somebody wrote in between


def test_w19_an_edit_that_restores_size_and_mtime_is_found(folder: Path) -> None:
    path = folder / "commands/x.yaml"
    scanner = TreeScanner(folder, clock=AheadClock())
    before, status = scanner.scan(), path.stat()
    replacement = folder / "commands/new"
    replacement.write_text("x: 2\n")
    os.utime(replacement, ns=(status.st_atime_ns, status.st_mtime_ns))
    replacement.replace(path)
    assert scanner.scan().digest != before.digest


def test_w19_every_file_is_hashed_again_after_five_minutes(folder: Path) -> None:
    clock = AheadClock()
    scanner = TreeScanner(folder, clock=clock)
    before = scanner.scan()
    known = scanner._known["commands/x.yaml"]
    (folder / "commands/x.yaml").write_text("x: 2\n")
    status = (folder / "commands/x.yaml").stat()
    forged = (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_mode,
    )
    object.__setattr__(known, "key", forged)  # as if nothing in the stat had told of the edit
    clock.elapsed = FULL_HASH_INTERVAL_S - 1
    assert scanner.scan().digest == before.digest
    clock.elapsed = FULL_HASH_INTERVAL_S
    assert scanner.scan().digest != before.digest


def test_w19_a_file_written_a_moment_ago_is_read_again(folder: Path) -> None:
    scanner = TreeScanner(folder)  # the real clock: the files are young
    scanner.scan()
    known = scanner._known["commands/x.yaml"]
    assert known.is_racy()
    patient = TreeScanner(folder, clock=AheadClock())
    patient.scan()
    assert not patient._known["commands/x.yaml"].is_racy()


def test_added_and_removed_files_are_noticed(folder: Path) -> None:
    scanner = TreeScanner(folder, clock=AheadClock())
    digests = [scanner.scan().digest]
    (folder / "commands/y.yaml").write_text("y: 1\n")
    digests.append(scanner.scan().digest)
    (folder / "commands/x.yaml").unlink()
    digests.append(scanner.scan().digest)
    assert len(set(digests)) == 3


def test_referenced_files_are_part_of_the_tree(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    secret = tmp_path_factory.mktemp("run") / "secret"
    scanner = TreeScanner(folder, clock=AheadClock())
    missing = scanner.scan([secret])
    secret.write_text("one")
    first = scanner.scan([secret])
    secret.write_text("three")
    second = scanner.scan([secret])
    assert len({missing.digest, first.digest, second.digest, scanner.scan().digest}) == 4
    assert missing.referenced == {str(secret): ""}
    assert scanner.scan([secret]).digest == second.digest


def test_the_devices_of_both_folders_are_known(folder: Path) -> None:
    device = folder.stat().st_dev
    assert read_tree(folder).devices == (device, device)
    (folder / "commands/x.yaml").unlink()
    (folder / "commands").rmdir()
    assert read_tree(folder).devices == (device,)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("name", ["commands/x.yaml", "commands"])
def test_w13_what_cannot_be_read_is_named_with_the_user_and_mode_it_needs(folder: Path, name: str) -> None:
    code = (
        "import os, sys; from pathlib import Path; from cmdarr.config.tree import read_tree\n"
        "os.setresuid(65534, 65534, 65534)\n"
        f"tree = read_tree(Path({str(folder)!r}))\n"
        "print(tree.commands_state, sorted(tree.files), *[problem.message for problem in tree.problems])"
    )
    for parent in (folder, *folder.parents[:4]):
        parent.chmod(0o755)
    (folder / name).chmod(0o700)
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (
        f"{name} cannot be read: {folder / name} belongs to user id 0, group id 0 with mode 0700"
        in answer.stdout
    )
    assert "Cmdarr runs as user id 65534; give that user" in answer.stdout
    assert "settings.yaml" in answer.stdout
    assert answer.stdout.startswith("unreadable" if name == "commands" else "present")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_w13_an_unreadable_config_folder_is_nothing_found(folder: Path) -> None:
    code = (
        "import os; from pathlib import Path; from cmdarr.config.tree import read_tree\n"
        "from cmdarr.errors import NothingFound\n"
        "os.setresuid(65534, 65534, 65534)\n"
        f"try: read_tree(Path({str(folder)!r}))\n"
        "except NothingFound as error: print(error)"
    )
    for parent in folder.parents[:4]:
        parent.chmod(0o755)
    folder.chmod(0o700)
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "cannot be read" in answer.stdout
    assert "with mode 0700" in answer.stdout
