"""How a call ends that cannot do its work: one sentence, one document for `--json`, an exit code, no traceback."""

import json
import os
import sys
from pathlib import Path

import pytest
from fakes_cli import Installation

from cmdarr.cli import run
from cmdarr.cli.ending import end_with
from cmdarr.cli.state import CliState


@pytest.mark.parametrize(
    "arguments",
    [("config", "migrate", "--write")],
)
def test_a_verb_of_a_later_release_says_so(installed: Installation, arguments: tuple[str, ...]) -> None:
    called = installed.call(*arguments)
    assert (called.code, called.out) == (2, "")
    assert called.err.startswith("cmdarr: Cmdarr ")
    assert called.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("srve",), "did you mean 'serve'?"),
        (("config", "chek"), "did you mean 'check'?"),
        (("zzz",), "`cmdarr --help`"),
        (("run",), "`cmdarr run --help`"),
        (("history", "show", "x"), "`cmdarr history show --help`"),
        (("history", "a", "b"), "`cmdarr history --help`"),
        (("list", "--jsn"), "Did you mean '--json'?"),
    ],
)
def test_a_wrong_call_is_one_sentence_with_its_cure(
    empty: Installation, arguments: tuple[str, ...], hint: str
) -> None:
    called = empty.call(*arguments)
    assert (called.code, called.out) == (2, "")
    assert called.err.startswith("cmdarr: ") and called.err.count("\n") == 1
    assert hint in called.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "--json"),
        ("run", "--json"),
        ("run", "x", "--json"),
        ("config", "diff", "--json"),
        ("match", "a", "b", "--json"),
        ("match", "a", "--json"),
        ("history", "show", "9", "--json"),
        ("history", "nobody", "--json"),
        ("match", "--wanted", "no", "--library", "no", "--json"),
    ],
)
def test_json_is_one_document_although_the_call_fails(
    empty: Installation, arguments: tuple[str, ...]
) -> None:
    document = empty.json(*arguments, code=2)
    assert document["error"]["message"]
    assert document["error"]["class"]


def test_the_findings_are_in_the_document_too(installed: Installation) -> None:
    installed.write("commands/demo-favourites.yaml", "kind: playlist_sync\n")
    document = installed.json("config", "diff", "--json", code=1)
    keys = {(finding["key"], finding["code"]) for finding in document["error"]["findings"]}
    assert keys == {("targets", "missing_key")}
    assert installed.json("run", "demo-favourites", "--json", code=1)["executions"] == []


def test_check_prints_a_list_for_programs_also_when_there_is_nothing_to_read(empty: Installation) -> None:
    assert empty.json("config", "check", "--format", "json", code=2) == []


@pytest.mark.parametrize("option", ["--config-dir", "--data-dir"])
def test_a_file_in_place_of_a_folder_is_one_sentence(
    empty: Installation, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = empty.root / "file"
    file.touch()
    assert run([option, str(file), "list"]) == 2
    assert option in capsys.readouterr().err


def test_a_data_folder_that_cannot_be_made_is_one_sentence(
    installed: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    (installed.root / "file").touch()
    below = str(installed.root / "file" / "data")
    code = run(["--config-dir", str(installed.config), "--data-dir", below, "run", "demo-favourites"])
    assert code == 2
    assert "choose another with --data-dir" in capsys.readouterr().err


def test_the_folders_may_come_from_the_environment(
    installed: Installation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CMDARR_CONFIG_DIR", str(installed.config))
    monkeypatch.setenv("CMDARR_DATA_DIR", str(installed.data))
    capsys.readouterr()
    assert run(["version"]) == 0
    out = capsys.readouterr().out
    assert str(installed.config) in out and str(installed.data) in out


@pytest.mark.parametrize("is_asked", [False, True])
def test_an_unexpected_error_shows_its_traceback_only_for_debug(
    is_asked: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert end_with(KeyError("x"), CliState(debug=is_asked), as_json=True) == 1
    printed = capsys.readouterr()
    assert ("KeyError: 'x'" in printed.err) is is_asked
    assert json.loads(printed.out)["error"]["class"] == "KeyError"
    assert printed.err.rstrip().endswith("report what it prints.")


def test_an_unreadable_file_is_a_sentence_with_its_path(capsys: pytest.CaptureFixture[str]) -> None:
    error = PermissionError(13, "Permission denied", "/x/y")
    assert end_with(error, CliState(), as_json=False) == 1
    assert capsys.readouterr().err == (
        "cmdarr: /x/y: Permission denied: check that it exists, its permissions and the free space.\n"
    )


def test_ctrl_c_is_130(capsys: pytest.CaptureFixture[str]) -> None:
    assert end_with(KeyboardInterrupt(), CliState(), as_json=False) == 130
    assert capsys.readouterr().err == "cmdarr: stopped.\n"


@pytest.mark.parametrize("arguments", [("list",), ("list", "--json"), ("config", "schema")])
def test_a_closed_pipe_is_silent(
    installed: Installation, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        monkeypatch.setattr(sys, "stderr", sys.stderr)  # click wraps it
        called = installed.call(*arguments)
    assert (called.code, called.err) == (1, "")


def test_a_full_disk_behind_stdout_is_one_sentence(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        called = installed.call("list", "--json")
    assert called.code == 1
    assert called.err == "cmdarr: the output cannot be written (No space left on device).\n"


def test_a_closed_stdout_is_no_error(installed: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    called = installed.call("list")
    sys.stdout.close()
    assert (called.code, called.err) == (0, "")


def test_a_letter_that_the_terminal_lacks_is_no_error(
    installed: Installation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    printed = tmp_path / "printed"
    with printed.open("w", encoding="ascii") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        assert installed.call("run", "demo-favourites").code == 0
    assert "?Demo favourites?" in printed.read_text()
