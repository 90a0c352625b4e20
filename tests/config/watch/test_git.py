"""What git tells about the config folder."""

from pathlib import Path

import pytest
from fakes_watch import MovableClock, run_git

from cmdarr.config.watch.git import GitProbe, find_git_folder, is_git_locked, read_git_status


@pytest.fixture
def work_tree(tmp_path: Path) -> Path:
    """Return the config folder inside a work tree with one commit."""
    root = tmp_path / "repo"
    config = root / "config"
    (config / "commands").mkdir(parents=True)
    (config / "commands/x.yaml").write_text("kind: refresh\n")
    run_git(tmp_path, "init", "-q", "repo")
    run_git(root, "add", "-A")
    run_git(root, "commit", "-q", "-m", "first")
    return config


def test_b07_the_lock_is_found_above_the_config_folder(work_tree: Path) -> None:
    assert find_git_folder(work_tree) == work_tree.parent / ".git"
    assert not is_git_locked(work_tree)
    (work_tree.parent / ".git/index.lock").touch()
    assert is_git_locked(work_tree)


def test_b07_the_lock_of_a_linked_work_tree_is_its_own(work_tree: Path, tmp_path: Path) -> None:
    run_git(work_tree.parent, "worktree", "add", "-q", str(tmp_path / "linked"))
    linked = tmp_path / "linked/config"
    (work_tree.parent / ".git/index.lock").touch()
    assert not is_git_locked(linked)
    (work_tree.parent / ".git/worktrees/linked/index.lock").touch()
    assert is_git_locked(linked)


def test_b07_a_linked_config_folder_is_followed(work_tree: Path, tmp_path: Path) -> None:
    (tmp_path / "etc").symlink_to(work_tree)
    (work_tree.parent / ".git/index.lock").touch()
    assert is_git_locked(tmp_path / "etc")


@pytest.mark.parametrize("text", ["", "nonsense", "gitdir: /nowhere", "gitdir:", "\xff\xfe"])
def test_b07_a_strange_git_file_is_no_lock(tmp_path: Path, text: str) -> None:
    (tmp_path / ".git").write_text(text, encoding="latin-1")
    assert not is_git_locked(tmp_path)


def test_b07_outside_of_a_work_tree_there_is_no_lock_and_no_status(tmp_path: Path) -> None:
    assert not is_git_locked(tmp_path)
    assert not is_git_locked(tmp_path / "gone/config")
    assert read_git_status(tmp_path) is None


def test_b07_status_shows_head_and_the_changed_files(work_tree: Path) -> None:
    head = run_git(work_tree, "rev-parse", "--short", "HEAD")
    status = read_git_status(work_tree)
    assert str(status) == f"HEAD {head}"
    (work_tree / "commands/x.yaml").write_text("kind: sync\n")
    (work_tree / "commands/ü y.yaml").write_text("kind: sync\n")
    (work_tree.parent / "elsewhere.txt").write_text("")
    assert str(read_git_status(work_tree)) == f"HEAD {head} (dirty: commands/x.yaml, commands/ü y.yaml)"


def test_b07_asking_for_the_status_takes_no_lock(work_tree: Path) -> None:
    before = (work_tree.parent / ".git/index").stat().st_mtime_ns
    (work_tree / "commands/x.yaml").touch()
    read_git_status(work_tree)
    assert (work_tree.parent / ".git/index").stat().st_mtime_ns == before


def test_a_probe_asks_again_only_after_some_seconds(work_tree: Path) -> None:
    clock = MovableClock()
    probe = GitProbe(work_tree, clock)
    first = probe.status()
    (work_tree / "commands/x.yaml").write_text("kind: sync\n")
    assert probe.status() is first
    clock.advance(5)
    assert probe.status() != first
