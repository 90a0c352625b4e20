"""Files appear whole or not at all."""

from pathlib import Path

import pytest

from cmdarr.clients.files.atomic import create_file, replace_file


def test_a_file_is_created_once(tmp_path: Path) -> None:
    assert create_file(tmp_path / "x", b"first")
    assert not create_file(tmp_path / "x", b"second")
    assert (tmp_path / "x").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_a_link_that_leads_nowhere_is_a_file_too(tmp_path: Path) -> None:
    (tmp_path / "x").symlink_to("nowhere")
    assert not create_file(tmp_path / "x", b"data")
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_only_what_exists_is_replaced(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        replace_file(tmp_path / "x", b"data")
    create_file(tmp_path / "x", b"old")
    replace_file(tmp_path / "x", b"new")
    assert (tmp_path / "x").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_what_a_killed_process_left_is_no_obstacle(tmp_path: Path) -> None:
    import os
    import threading

    (tmp_path / f".cmdarr-{os.getpid()}-{threading.get_ident()}.tmp").write_bytes(b"half")
    assert create_file(tmp_path / "x", b"data")
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
