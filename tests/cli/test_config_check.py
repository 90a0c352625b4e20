"""`cmdarr config check`: what it finds, how it says so, and how it leaves."""

import json
import re
import shutil

import pytest
from fakes_cli import Installation

from cmdarr.config.report import as_record

COMMAND = "commands/demo-favourites.yaml"
BROKEN = {
    "settings.yaml": "timezone: Europe/Berln\nweb: {port: 99999}\nlogg: {}\n",
    COMMAND: "kind: playlist_sync\nenabled: yes\nsource: {service: file}\ntargets: [{server: files}]\n",
}


def break_it(installation: Installation) -> None:
    for name, text in BROKEN.items():
        installation.write(name, text)


def test_a1_a_valid_tree_leaves_with_0(installed: Installation) -> None:
    called = installed.call("config", "check")
    assert (called.code, called.out, called.err) == (0, "no findings: the configuration is valid.\n", "")


@pytest.mark.parametrize("options", [(), ("--strict",)])
def test_a1_an_error_leaves_with_1(installed: Installation, options: tuple[str, ...]) -> None:
    break_it(installed)
    assert installed.call("config", "check", *options).code == 1


def test_a1_a_warning_leaves_with_1_only_when_it_is_strict(installed: Installation) -> None:
    installed.write("notes.yaml", "a: b\n")
    assert installed.call("config", "check").code == 0
    strict = installed.call("config", "check", "--strict")
    assert strict.code == 1
    assert "notes.yaml:1:1: warning: " in strict.out


def test_a1_nothing_to_read_leaves_with_2(empty: Installation) -> None:
    missing = empty.call("config", "check")
    empty.config.mkdir()
    without_files = empty.call("config", "check")
    for called in (missing, without_files):
        assert (called.code, called.out) == (2, "")
        assert "cmdarr config init" in called.err
    shutil.rmtree(empty.config)
    empty.config.write_text("no folder")
    assert empty.call("config", "check").code == 2


def test_a2_check_diff_run_and_reload_find_the_same(installed: Installation) -> None:
    with installed.reloader() as reloader:
        break_it(installed)
        found = [as_record(finding) for finding in reloader.reload("api").findings]
    assert len(found) == 5
    assert json.loads(installed.call("config", "check", "--format", "json").out) == found
    places = [f"{record['file']}:{record['line']}:{record['column']}" for record in found]
    shown = installed.call("config", "diff").err
    assert re.findall(r"^(\S+): error: ", shown, re.MULTILINE) == places
    refused = installed.call("run", "demo-favourites").err
    assert re.findall(r"^(\S+): error: ", refused, re.MULTILINE) == places[:3], "those of settings.yaml"


def test_a3_json_and_github_have_every_finding(installed: Installation) -> None:
    break_it(installed)
    records = json.loads(installed.call("config", "check", "--format", "json").out)
    fields = {"file", "line", "column", "key", "code", "severity", "message", "hint"}
    assert all(set(record) == fields for record in records)
    lines = installed.call("config", "check", "--format", "github").out.splitlines()
    assert [line.partition("::error file=")[2].partition(",title=")[0] for line in lines] == [
        f"{record['file']},line={record['line']},col={record['column']}" for record in records
    ]


def test_a4_all_mistakes_of_all_files_come_at_once_and_in_file_order(installed: Installation) -> None:
    break_it(installed)
    records = json.loads(installed.call("config", "check", "--format", "json").out)
    assert [(record["file"], record["line"]) for record in records] == [
        ("settings.yaml", 1),
        ("settings.yaml", 2),
        ("settings.yaml", 3),
        (COMMAND, 2),
        (COMMAND, 3),
    ]


def test_b18_online_asks_each_service_and_has_its_own_say(installed: Installation) -> None:
    installed.call("demo", installed.data / "demo-music")
    good = installed.call("config", "check", "--online")
    data = installed.data
    assert (good.code, good.err) == (
        0, f"files: ok (music in {data}/demo-music, playlists in {data}/playlists)\n",
    )  # fmt: skip
    assert good.out == installed.call("config", "check").out
    services = "files: {path: nowhere}, lidarr: {url: 'http://127.0.0.1:1', api_key: y}, file: {}"
    installed.write("settings.yaml", f"services: {{{services}}}\n")
    assert installed.call("config", "check").code == 0
    bad = installed.call("config", "check", "--online")
    assert bad.code == 1
    assert set(bad.err.splitlines()) == {
        f"files: the folder {installed.root}/nowhere is missing: check that it is mounted.",
        "lidarr: nothing listens at 127.0.0.1:1: check `services.lidarr.url` and that it runs.",
        "file: not asked: it is on this machine",
    }


def test_b18_a_disabled_service_is_not_asked(installed: Installation) -> None:
    installed.write("settings.yaml", "services:\n  files: {path: nowhere, enabled: false}\n")
    (installed.config / COMMAND).unlink()
    called = installed.call("config", "check", "--online")
    assert (called.code, called.err) == (0, "")
