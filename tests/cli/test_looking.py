"""The verbs that only look, and those that keep house."""

import json
from pathlib import Path

import pytest
from fakes_cli import Installation

NAME = "demo-favourites"


@pytest.fixture
def ran(installed: Installation) -> Installation:
    assert installed.call("run", NAME).code == 0
    return installed


def test_list(ran: Installation) -> None:
    ran.write("commands/later.yaml", "kind: mood\n")
    ran.write("commands/wrong.yaml", "kind: playlist_sync\n")
    commands = {command["name"]: command for command in ran.json("list", "--json")["commands"]}
    assert {name: command["state"] for name, command in commands.items()} == {
        NAME: "ok",
        "later": "unavailable",
        "wrong": "broken",
    }
    fields = {"name", "kind", "description", "enabled", "schedule", "next_run", "state", "last"}
    assert all(set(command) == fields for command in commands.values())
    assert set(commands[NAME]["last"]) == {"id", "status", "finished_at"}
    assert commands["wrong"]["last"] is None
    lines = ran.call("list").out.splitlines()
    assert [line.split("\t")[0] for line in lines] == ["name", *commands]


def test_history_filters(ran: Installation) -> None:
    ran.call("run", NAME, "--dry-run")

    def ids(*arguments: str) -> list[int]:
        return [execution["id"] for execution in ran.json("history", *arguments, "--json")["executions"]]

    assert ids() == [2, 1]
    assert ids(NAME, "--limit", "1") == ids("--limit", "1", NAME) == ids("--limit=1", NAME) == [2]
    assert ids("--status", "failed") == []
    unknown = ran.call("history", "nobody")
    assert unknown.code == 2
    assert "cmdarr list" in unknown.err


def test_looking_makes_no_database(installed: Installation) -> None:
    for arguments in (
        ("list",),
        ("history",),
        ("playlists",),
        ("config", "diff"),
        ("playlists", "revisions"),
    ):
        installed.call(*arguments)
    assert not installed.data.exists()


def test_cache_stats_and_reset(ran: Installation) -> None:
    stats = ran.json("cache", "stats", "--json")
    assert set(stats) == {"size_bytes", "sources", "libraries"}
    (library,) = stats["libraries"]
    assert (library["server"], library["section"], library["tracks"]) == ("files", "music", 30)
    assert ran.call("cache", "reset", "--source", "nobody").code == 2
    assert ran.call("cache", "reset", "--source", "files").code == 0
    assert ran.json("cache", "stats", "--json")["libraries"] == []
    assert ran.call("cache", "reset", "--yes").code == 0


@pytest.mark.parametrize("arguments", [("cache", "reset"), ("reset", "--all"), ("playlists", "restore", "1")])
def test_without_a_terminal_a_question_is_refused(ran: Installation, arguments: tuple[str, ...]) -> None:
    refused = ran.call(*arguments)
    assert (refused.code, "--yes" in refused.err) == (2, True)


def test_playlists_revisions_and_restore(ran: Installation) -> None:
    (binding,) = ran.json("playlists", "--json")["playlists"]
    assert (binding["command"], binding["server"], binding["title"]) == (NAME, "files", "Demo favourites")
    (revision,) = ran.json("playlists", "revisions", NAME, "--json")["revisions"]
    file = ran.data / "playlists" / binding["playlist_id"]
    written = file.read_text(encoding="utf-8")
    file.unlink()
    restored = ran.call("playlists", "restore", str(revision["id"]), "--yes")
    assert restored.code == 0
    assert "9 added" in restored.out and f"The next run of {NAME}" in restored.out
    assert [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#")] == [
        line for line in written.splitlines() if not line.startswith("#")
    ]
    assert ran.call("playlists", "restore", "99", "--yes").code == 2


def test_revisions_are_compared_with_each_other_and_with_now(ran: Installation) -> None:
    source = ran.config / "playlists/demo-favourites.csv"
    lines = source.read_text(encoding="utf-8").splitlines()
    source.write_text("\n".join([lines[0], *lines[2:]]), encoding="utf-8")
    ran.call("run", NAME)
    newest, *_, oldest = ran.json("playlists", "revisions", NAME, "--json")["revisions"]
    assert (len(oldest["entries"]), len(newest["entries"])) == (9, 8)
    document = ran.json("playlists", "compare", str(oldest["id"]), "--json")
    assert [entry["title"] for entry in document["removed"]] == ["Harbour Lights"]
    assert document == ran.json("playlists", "compare", str(oldest["id"]), str(newest["id"]), "--json")
    told = ran.call("playlists", "compare", str(newest["id"]), str(oldest["id"]))
    assert "1 added, 0 removed" in told.out and "+ " in told.out and "Harbour Lights" in told.out
    next((ran.data / "playlists").glob("*.m3u8")).unlink()
    assert ran.call("playlists", "compare", str(oldest["id"])).code == 2


def test_a_revision_comes_back_although_every_file_was_moved(ran: Installation) -> None:
    (revision,) = ran.json("playlists", "revisions", NAME, "--json")["revisions"]
    music = ran.data / "demo-music"
    music.rename(ran.data / "moved")
    music.mkdir()
    (ran.data / "moved").rename(music / "sorted anew")
    restored = ran.call("playlists", "restore", str(revision["id"]), "--yes")
    assert (restored.code, "no longer has" in restored.out) == (0, False)
    lines = next((ran.data / "playlists").glob("*.m3u8")).read_text(encoding="utf-8").splitlines()
    paths = [line for line in lines if not line.startswith("#")]
    assert len(paths) == 9 and all("sorted anew" in path for path in paths)


def test_match_explains_and_runs_over_two_files(ran: Installation, tmp_path: Path) -> None:
    decision = ran.json("match", "The Paper Lanterns", "The Long Way Down", "--json")["files"]
    assert (decision["decision"], decision["match"]) == ("abstained", None)
    assert decision["candidates"][0]["reason"]
    found = ran.call("match", "The Paper Lanterns", "Harbour Lights", "--server", "files")
    assert found.out.startswith("files: The Paper Lanterns – Harbour Lights")
    columns = "id,title,artist,album,duration_s,isrc,recording_mbid\n"
    wanted, library = tmp_path / "wanted.csv", tmp_path / "library.csv"
    wanted.write_text(f"{columns}1,Love,Nick,,,,\n2,Stay,X,,200,,\n")
    library.write_text(f"{columns}a,Loveless,Nick,,,,\nb,Stay,X,,201,,\n")
    rows = ran.json("match", "--wanted", wanted, "--library", library, "--json")
    assert [(row["id"], row["decision"], row["match"]) for row in rows] == [
        ("1", "abstained", None),
        ("2", "matched", "b"),
    ]
    assert all(set(row) == {"id", "decision", "match", "stage", "score", "reason"} for row in rows)
    assert ran.call("match", "--wanted", wanted, "--library", library, "--album", "x").code == 2
    assert ran.call("match", "a", "b", "--server", "nobody").code == 2


def test_a_service_that_is_disabled_is_called_so(installed: Installation) -> None:
    installed.write("settings.yaml", "services: {files: {path: data/demo-music, enabled: false}}\n")
    called = installed.call("match", "a", "b", "--server", "files")
    assert "`services.files.enabled`" in called.err
    assert installed.call("match", "a", "b").code == 2


def test_backup_restore_and_reset(ran: Installation) -> None:
    archive = ran.root / "saved.tar.gz"
    assert ran.call("backup", ran.root / "nowhere" / "x.tar.gz").code == 2
    assert ran.call("backup", archive).code == 0
    reset = ran.call("reset", "--all", "--yes")
    assert reset.code == 0 and str(ran.data / "backups") in reset.out
    assert ran.json("history", "--json") == {"executions": []}
    (ran.config / "settings.yaml").write_text("logg: {}\n")
    assert ran.call("restore", archive, "--yes").code == 0
    assert len(ran.json("history", "--json")["executions"]) == 1
    assert ran.call("config", "check").code == 0
    assert ran.call("restore", ran.root / "nothing.tar.gz", "--yes").code == 2
    assert ran.call("reset").code == 2


def test_init_demo_schema_and_version(empty: Installation) -> None:
    assert "wrote " in empty.call("config", "init").out
    assert "nothing was written" in empty.call("config", "init").out
    assert empty.call("demo", empty.root / "music").out.endswith("holds 30 demo tracks.\n")
    assert set(json.loads(empty.call("config", "schema").out)) == {"settings.json", "command.json"}
    assert "up to date" in empty.call("config", "schema", "--write").out
    (empty.config / "schema/command.json").unlink()
    assert empty.call("config", "schema", "--write").out.count("wrote ") == 1
    names = [line.split()[0] for line in empty.call("version").out.splitlines()]
    assert names == ["cmdarr", "python", "sqlite", "config", "data"]
