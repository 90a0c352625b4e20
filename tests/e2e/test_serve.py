"""The daemon as its user meets it: edit, break, fix, delete the cache, stop it, kill it."""

import os
import signal
import sqlite3
import threading
import time

import pytest
from forked import ForkedProgram
from program import Daemon, wait_until

pytestmark = pytest.mark.e2e
COMMAND = "commands/demo-favourites.yaml"
STARTED = "demo-favourites succeeded"


def state_of(program: ForkedProgram) -> str:
    (command,) = program.json("list", "--json")["commands"]
    return str(command["state"])


def edit(program: ForkedProgram, before: str, after: str) -> None:
    path = program.config / COMMAND
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_the_starter_runs_at_start_and_health_is_green(starter: ForkedProgram) -> None:
    with starter.serve() as daemon:
        daemon.wait_for_log(STARTED)
        assert "not on files: The Paper Lanterns – The Long Way Down" in daemon.log()
        assert daemon.health() == (200, {"status": "ok", "reasons": []})
        assert daemon.stop() == 0
    assert "Traceback" not in daemon.log()
    (execution,) = starter.json("history", "--json")["executions"]
    assert execution["trigger"] == "start"


def test_a_saved_change_is_live_a_broken_one_keeps_what_ran_and_a_fix_is_applied(
    starter: ForkedProgram,
) -> None:
    with starter.serve() as daemon:
        daemon.wait_for_log(STARTED)
        edit(starter, '"0 */6 * * *"', '"5 4 * * *"')
        daemon.wait_for_log("Configuration reloaded: 1 changed (demo-favourites)")
        edit(starter, "run_at_start: true", "run_at_start: yes")
        daemon.wait_for_log("Configuration rejected")
        assert f"{COMMAND}:8:15" in daemon.log()
        assert state_of(starter) == "last_good"
        edit(starter, "run_at_start: yes", "run_at_start: false")
        daemon.wait_for_log("Configuration reloaded", times=2)
        assert state_of(starter) == "ok"


def test_the_last_good_version_survives_a_restart(starter: ForkedProgram) -> None:
    with starter.serve() as daemon:
        daemon.wait_for_log(STARTED)
        daemon.stop()
    edit(starter, "kind: playlist_sync", "kind: playlist_snyc")
    with starter.serve() as daemon:
        daemon.wait_for_log(STARTED)
        daemon.stop()
    with starter.serve("--no-last-good") as daemon:
        daemon.wait_for_log("Cmdarr is running")
        time.sleep(0.5)
        assert STARTED not in daemon.log()
        assert state_of(starter) in {"broken", "last_good"}


def test_sighup_reloads(starter: ForkedProgram) -> None:
    with starter.serve() as daemon:
        daemon.wait_for_log(STARTED)
        edit(starter, '"0 */6 * * *"', '"5 4 * * *"')
        os.kill(daemon.process.pid, signal.SIGHUP)
        daemon.wait_for_log("Configuration reloaded")
        time.sleep(1)
        assert daemon.log().count("Configuration reloaded") == 1


def test_a_broken_settings_file_ends_the_start_with_78_and_the_findings(starter: ForkedProgram) -> None:
    starter.write("settings.yaml", "executor:\n  max_paralel: 3\n")
    done = starter.run("serve")
    assert done.returncode == 78
    assert "settings.yaml:2:3" in done.stderr
    assert "did you mean 'max_parallel'?" in done.stderr


def test_a_second_serve_says_who_holds_the_folder(starter: ForkedProgram) -> None:
    with starter.serve() as daemon:
        second = starter.run("serve")
        assert second.returncode == 1
        assert str(daemon.process.pid) in second.stderr


def test_a_taken_port_is_one_sentence(starter: ForkedProgram, tmp_path: object) -> None:
    with starter.serve() as daemon:
        starter.data.rename(starter.root / "elsewhere")
        second = starter.run("serve")
        assert second.returncode != 0
        assert f"port {daemon.port} " in second.stderr
        assert "web.port" in second.stderr


@pytest.mark.parametrize("suffixes", [("",), ("-wal",), ("-shm",), ("", "-wal", "-shm"), ("-wal", "-shm")])
def test_the_cache_is_deleted_under_a_running_daemon(
    starter: ForkedProgram, suffixes: tuple[str, ...]
) -> None:
    with starter.serve() as daemon:
        daemon.wait_for_log(STARTED)
        for suffix in suffixes:
            (starter.data / f"cache.db{suffix}").unlink(missing_ok=True)
        (execution,) = starter.json("run", "demo-favourites", "--json")["executions"]
        assert execution["result"]["targets"][0]["matched"] == 9
        assert daemon.health()[0] == 200
        assert daemon.stop() == 0


def test_the_cache_is_deleted_again_and_again_while_commands_run(starter: ForkedProgram) -> None:
    stopping = threading.Event()

    def keep_deleting() -> None:
        while not stopping.is_set():
            for path in starter.data.glob("cache.db*"):
                path.unlink(missing_ok=True)
            time.sleep(0.003)

    deleting = threading.Thread(target=keep_deleting)
    deleting.start()
    try:
        for _ in range(5):
            (execution,) = starter.json("run", "demo-favourites", "--json")["executions"]
            assert execution["status"] == "succeeded", execution
            assert execution["result"]["targets"][0]["matched"] == 9
    finally:
        stopping.set()
        deleting.join()


def test_a_deleted_config_db_turns_health_red_and_history_goes_on(starter: ForkedProgram) -> None:
    with starter.serve() as daemon:
        daemon.wait_for_log(STARTED)
        for path in starter.data.glob("config.db*"):
            path.unlink()
        wait_until(lambda: daemon.health()[0] == 503, "health to turn red")
        assert "config.db" in daemon.health()[1]["reasons"][0]


def test_a_damaged_config_db_is_refused_with_the_cure_and_left_alone(starter: ForkedProgram) -> None:
    starter.json("run", "demo-favourites", "--json")
    path = starter.data / "config.db"
    path.write_bytes(b"this is no database, and it is long enough to look like one" * 100)
    before = path.read_bytes()
    done = starter.run("serve")
    assert done.returncode == 78, done.stderr
    assert "cmdarr restore" in done.stderr
    assert path.read_bytes() == before


def test_a_damaged_cache_is_moved_aside(starter: ForkedProgram) -> None:
    starter.json("run", "demo-favourites", "--json")
    (starter.data / "cache.db").write_bytes(b"garbage " * 1000)
    (execution,) = starter.json("run", "demo-favourites", "--json")["executions"]
    assert execution["status"] == "succeeded"
    assert len(list(starter.data.glob("cache.db.corrupt-*"))) == 1


def test_backup_and_restore_bring_everything_back(starter: ForkedProgram) -> None:
    starter.write("secrets.yaml", "token: canary-not-in-the-backup\n").chmod(0o600)
    with starter.serve() as daemon:
        daemon.wait_for_log(STARTED)
        done = starter.run("backup", starter.root / "saved.tar.gz")
        assert done.returncode == 0, done.stderr
        refused = starter.run("restore", starter.root / "saved.tar.gz", "--yes")
        assert refused.returncode == 1
        assert str(daemon.process.pid) in refused.stderr
        daemon.stop()
    assert b"canary" not in (starter.root / "saved.tar.gz").read_bytes()
    history = starter.json("history", "--json")
    (starter.config / COMMAND).write_text("kind: nonsense\n", encoding="utf-8")
    for path in starter.data.glob("config.db*"):
        path.unlink()
    done = starter.run("restore", starter.root / "saved.tar.gz", "--yes")
    assert done.returncode == 0, done.stderr
    assert starter.json("history", "--json") == history
    assert starter.run("config", "check").returncode == 0
    assert (starter.config / "secrets.yaml").exists()


def test_reset_all_keeps_yaml_and_a_backup(starter: ForkedProgram) -> None:
    starter.json("run", "demo-favourites", "--json")
    with starter.serve() as daemon:
        daemon.wait_for_log(STARTED)
        refused = starter.run("reset", "--all", "--yes")
        assert refused.returncode == 1 and "in use by another Cmdarr" in refused.stderr
        daemon.stop()
    done = starter.run("reset", "--all", "--yes")
    assert done.returncode == 0, done.stderr
    assert starter.json("history", "--json") == {"executions": []}
    assert starter.json("cache", "stats", "--json")["libraries"] == []
    assert list((starter.data / "backups").iterdir())
    assert state_of(starter) == "ok"


def test_cache_reset_beside_a_daemon(starter: ForkedProgram) -> None:
    with starter.serve() as daemon:
        daemon.wait_for_log(STARTED)
        assert starter.json("cache", "stats", "--json")["libraries"][0]["tracks"] == 30
        assert starter.run("cache", "reset", "--source", "files").returncode == 0
        assert starter.json("cache", "stats", "--json")["libraries"] == []
        assert starter.run("cache", "reset", "--yes").returncode == 0
        assert starter.json("run", "demo-favourites", "--json")["executions"][0]["status"] == "succeeded"


def test_an_interrupted_run_is_marked_and_retried_once(starter: ForkedProgram) -> None:
    with starter.serve() as daemon:
        daemon.wait_for_log(STARTED)
        daemon.stop()
    with sqlite3.connect(starter.data / "config.db") as connection:
        connection.execute(
            "UPDATE execution SET status = 'running', finished_at = NULL WHERE id = (SELECT max(id) FROM execution)"
        )
    connection.close()
    with starter.serve() as daemon:
        daemon.wait_for_log("was interrupted")
        wait_until(lambda: len(executions(starter, daemon)) >= 2, "the retry")
        daemon.wait_for_log(STARTED)
        daemon.stop()
    triggers = [(row["trigger"], row["status"]) for row in starter.json("history", "--json")["executions"]]
    assert ("start", "interrupted") in triggers
    assert ("retry", "succeeded") in triggers


def executions(program: ForkedProgram, daemon: Daemon) -> list[object]:
    assert daemon.process.poll() is None
    return list(program.json("history", "--json")["executions"])


@pytest.mark.parametrize("is_running", [True, False])
def test_removing_a_command_deletes_its_playlist_only_where_the_file_said_so(
    starter: ForkedProgram, is_running: bool
) -> None:
    playlist = starter.data / "playlists/Demo favourites.m3u8"
    kept = starter.data / "playlists/Kept.m3u8"
    text = (starter.config / COMMAND).read_text(encoding="utf-8")
    starter.write("commands/keeper.yaml", text.replace("Demo favourites}", "Kept}"))
    starter.write(COMMAND, text + "on_delete: delete\n")
    with starter.serve() as daemon:
        wait_until(lambda: playlist.exists() and kept.exists(), "both playlists")
        daemon.wait_for_log(STARTED)
        daemon.wait_for_log("keeper succeeded")
        if not is_running:
            daemon.stop()
        (starter.config / COMMAND).unlink()
        (starter.config / "commands/keeper.yaml").unlink()
        if is_running:
            daemon.wait_for_log("“Demo favourites” was deleted")
    if not is_running:
        with starter.serve() as daemon:
            daemon.wait_for_log("“Demo favourites” was deleted")
    assert not playlist.exists()
    assert kept.exists()
    reasons = [row["reason"] for row in starter.json("playlists", "revisions", "--json")["revisions"]]
    assert reasons.count("before") == 1
