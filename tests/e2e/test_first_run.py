"""The main job on a machine with nothing else: a playlist file, demo audio, an .m3u8."""

import pytest
from forked import Forks
from program import Program

pytestmark = pytest.mark.e2e
PLAYLIST = "playlists/Demo favourites.m3u8"


def test_the_starter_command_matches_nine_of_twelve_and_names_the_others(program: Program) -> None:
    assert program.run("config", "init").returncode == 0
    document = program.json("run", "demo-favourites", "--json")
    (execution,) = document["executions"]
    assert execution["status"] == "succeeded"
    (target,) = execution["result"]["targets"]
    assert (target["server"], target["title"], target["matched"], target["added"]) == (
        "files",
        "Demo favourites",
        9,
        9,
    )
    assert [track["title"] for track in target["unmatched"]] == [
        "The Long Way Down",
        "Cartographer's Daughter",
        "Winterreise ohne Koffer",
    ]
    assert "(Live)" in target["unmatched"][0]["reason"]
    lines = (program.data / PLAYLIST).read_text(encoding="utf-8").splitlines()
    paths = [line for line in lines if not line.startswith("#")]
    assert len(paths) == 9
    assert all((program.data / "playlists" / path).resolve().is_file() for path in paths)


def test_a_second_run_writes_nothing(starter: Forks) -> None:
    starter.json("run", "demo-favourites", "--json")
    written = (starter.data / PLAYLIST).stat()
    (execution,) = starter.json("run", "demo-favourites", "--json")["executions"]
    assert execution["result"]["targets"][0]["writes"] == 0
    assert (starter.data / PLAYLIST).stat().st_mtime_ns == written.st_mtime_ns


def test_a_dry_run_prints_the_plan_leaves_with_3_and_writes_nothing(starter: Forks) -> None:
    done = starter.run("run", "demo-favourites", "--dry-run")
    assert done.returncode == 3, done.stderr
    assert "9 added" in done.stdout
    assert not (starter.data / PLAYLIST).exists()
    assert starter.json("playlists", "--json") == {"playlists": []}
    (execution,) = starter.json("history", "--json")["executions"]
    assert execution["dry_run"] is True


def test_history_tells_what_ran(starter: Forks) -> None:
    starter.json("run", "demo-favourites", "--json")
    (listed,) = starter.json("history", "demo-favourites", "--json")["executions"]
    shown = starter.json("history", "show", str(listed["id"]), "--json")
    assert shown == listed
    assert shown["generation"] and '"playlist_sync"' in shown["document"]
    assert starter.json("history", "--status", "failed", "--json") == {"executions": []}


def test_list_shows_the_next_and_the_last_run(starter: Forks) -> None:
    (before,) = starter.json("list", "--json")["commands"]
    assert before["last"] is None and before["next_run"].endswith("Z") and before["state"] == "ok"
    (execution,) = starter.json("run", "demo-favourites", "--json")["executions"]
    (after,) = starter.json("list", "--json")["commands"]
    assert after["last"] == {
        "id": execution["id"],
        "status": "succeeded",
        "finished_at": execution["finished_at"],
    }


def test_a_revision_is_kept_and_can_be_put_back(starter: Forks) -> None:
    starter.json("run", "demo-favourites", "--json")
    playlist = starter.data / PLAYLIST
    source = starter.config / "playlists/demo-favourites.csv"
    lines = source.read_text(encoding="utf-8").splitlines()
    source.write_text("\n".join([lines[0], *lines[2:]]), encoding="utf-8")
    starter.json("run", "demo-favourites", "--json")
    assert "01 - Harbour Lights" not in playlist.read_text(encoding="utf-8")
    revisions = starter.json("playlists", "revisions", "demo-favourites", "--json")["revisions"]
    first = next(revision for revision in revisions if len(revision["entries"]) == 9)
    done = starter.run("playlists", "restore", str(first["id"]), "--yes")
    assert done.returncode == 0, done.stderr
    assert "01 - Harbour Lights" in playlist.read_text(encoding="utf-8")


def test_removing_more_than_a_quarter_is_held_until_it_is_accepted(starter: Forks) -> None:
    source = starter.config / "playlists/demo-favourites.csv"
    header, *rows = source.read_text(encoding="utf-8").splitlines()
    source.write_text("\n".join([header, *rows[:9], *rows[:3]]), encoding="utf-8")
    (full,) = starter.json("run", "demo-favourites", "--json")["executions"]
    assert full["result"]["targets"][0]["matched"] == 12
    before = (starter.data / PLAYLIST).read_bytes()
    source.write_text("\n".join([header, *rows[:4]]), encoding="utf-8")
    (held,) = starter.json("run", "demo-favourites", "--json", code=75)["executions"]
    assert held["status"] == "held"
    assert (starter.data / PLAYLIST).read_bytes() == before
    (accepted,) = starter.json("run", "demo-favourites", "--accept-removals", "--json")["executions"]
    assert accepted["status"] == "succeeded"
    assert accepted["result"]["targets"][0]["removed"] == 8


def test_match_explains_the_decision(starter: Forks) -> None:
    found = starter.run("match", "the paper lanterns", "HARBOUR LIGHTS", "--album", "Harbour Lights")
    assert "Harbour Lights" in found.stdout and "stage" in found.stdout
    missed = starter.json("match", "The Paper Lanterns", "The Long Way Down", "--json")["files"]
    assert missed["decision"] == "abstained"
    assert missed["candidates"][0]["track"]["title"] == "The Long Way Down (Live)"


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (("run", "nobody"), 2, "there is no command 'nobody'"),
        (("rnu",), 2, "did you mean 'run'?"),
        (("history", "show", "99"), 2, "99"),
        (("cache", "reset", "--source", "nobody", "--yes"), 2, "'nobody'"),
        (("cache", "reset"), 2, "--yes"),
        (("config", "explain", "executor.max_paralel"), 2, "max_parallel"),
        (("restore", "nothing.tar.gz", "--yes"), 2, "nothing.tar.gz"),
        (("match", "only-an-artist"), 2, "ARTIST and TITLE"),
    ],
)
def test_a_wrong_call_is_one_sentence_with_its_exit_code(
    starter: Forks, arguments: tuple[str, ...], code: int, part: str
) -> None:
    done = starter.run(*arguments)
    assert done.returncode == code, (done.stdout, done.stderr)
    assert part in done.stderr
    assert "Traceback" not in done.stderr


def test_without_any_configuration_the_cure_is_named(forks: Forks) -> None:
    for verb in (("list",), ("config", "check"), ("run", "x"), ("serve",)):
        done = forks.run(*verb)
        assert done.returncode == 2, (verb, done.stderr)
        assert "cmdarr config init" in done.stderr
