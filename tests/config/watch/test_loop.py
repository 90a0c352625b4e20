"""The watcher's loop on a clock that the test moves: nothing here sleeps."""

import errno
import logging
import shutil
from pathlib import Path

import pytest
from fakes_watch import BROKEN, COMMAND, Watched, run_git

from cmdarr.config.reload import ReloadOutcome
from cmdarr.config.tree import read_tree
from cmdarr.config.watch.observation import RETRY_S

APPLIED, REJECTED, HELD = ReloadOutcome.APPLIED, ReloadOutcome.REJECTED, ReloadOutcome.HELD
NEW = "kind: refresh\ndescription: new\n"


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    """Return a watched folder with the commands c0 and c1, after its first scan."""
    watched = Watched(tmp_path).begin()
    watched.run(0.1)
    return watched


def test_a12_a_save_is_applied_after_the_quiet_period(watched: Watched) -> None:
    watched.save("commands/c0.yaml", NEW)
    watched.run(0.29)
    assert watched.outcomes == []
    watched.run(0.02)
    assert watched.outcomes == [APPLIED]
    assert watched.description("c0") == "new"
    watched.run(600)
    assert watched.outcomes == [APPLIED]


def test_w10_w21_a_save_without_any_event_is_applied_within_ten_seconds(watched: Watched) -> None:
    watched.write("commands/c0.yaml", NEW)
    watched.run(5.2)
    assert watched.outcomes == [APPLIED]


def test_w10_w21_a_burst_without_any_event_is_one_reload(watched: Watched) -> None:
    watched.write_commands(50)
    watched.run(10)
    assert watched.outcomes == [APPLIED]
    assert len(watched.commands) == 50


def test_w11_b11_a_change_that_no_event_announced_sets_the_status(watched: Watched) -> None:
    assert watched.reloader.status().watch.events_arrive
    watched.write("commands/c0.yaml", NEW)
    watched.run(6)
    status = watched.reloader.status()
    assert status.watch.mode == "inotify"
    assert not status.watch.events_arrive
    assert "not arriving" in status.warnings[0]
    watched.save("commands/c0.yaml")
    watched.run(1)
    assert watched.reloader.status().watch.events_arrive


def test_w11_an_event_that_comes_just_after_the_scan_counts(watched: Watched) -> None:
    watched.run(4.85)
    watched.write("commands/c0.yaml", NEW)
    watched.run(0.06)  # the scan at five seconds found it
    assert watched.outcomes == []
    watched.event()
    watched.run(1)
    assert watched.outcomes == [APPLIED]
    assert watched.reloader.status().watch.events_arrive


def test_w11_what_changes_before_the_first_scan_needs_no_event(tmp_path: Path) -> None:
    watched = Watched(tmp_path).begin()
    watched.write("commands/c0.yaml", NEW)
    watched.run(1)
    assert watched.outcomes == [APPLIED]
    assert watched.reloader.status().watch.events_arrive


def test_w11_a_changed_mode_or_referenced_file_needs_no_event(watched: Watched, tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("first-secret")
    watched.save("settings.yaml", f"services: {{lidarr: {{api_key: '${{file:{secret}}}'}}}}\n")
    watched.run(1)
    secret.write_text("second-secret")
    watched.run(6)
    assert watched.outcomes == [APPLIED, APPLIED]
    assert watched.reloader.status().watch.events_arrive


@pytest.mark.parametrize("code", [errno.EMFILE, errno.ENOSPC, errno.EACCES])
def test_w12_an_observer_that_cannot_start_leaves_a_polling_daemon(tmp_path: Path, code: int) -> None:
    watched = Watched(tmp_path).begin()
    watched.observers.failure = OSError(code, "too many watches")
    watched.run(0.1)
    status = watched.reloader.status()
    assert status.watch.mode == "polling"
    assert status.watch.reason == "inotify gives no watch (too many watches)"
    assert any("by a scan" in warning for warning in status.warnings)
    assert status.is_healthy
    watched.write("commands/c0.yaml", NEW)
    watched.run(6)
    assert watched.outcomes == [APPLIED]
    assert watched.reloader.status().watch.events_arrive  # nobody expects any


def test_w12_inotify_is_tried_again_after_a_while(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    watched = Watched(tmp_path).begin()
    watched.observers.failure = OSError(errno.EMFILE, "too many watches")
    watched.run(3 * RETRY_S + 5)
    assert len(watched.observers.made) == 4
    assert caplog.text.count("too many watches") == 1
    watched.observers.failure = None
    watched.run(RETRY_S)
    assert watched.reloader.status().watch.mode == "inotify"


def test_w02_a_dead_observer_is_replaced(watched: Watched) -> None:
    watched.observers.last.alive = False
    watched.write("commands/c0.yaml", NEW)  # while nobody listens
    watched.run(1.4)
    assert len(watched.observers.made) == 2
    assert watched.outcomes == [APPLIED]
    status = watched.reloader.status().watch
    assert (status.mode, status.rebuilt, status.events_arrive) == ("inotify", 1, True)


def test_w02_a_dead_observer_without_a_successor_is_polling(watched: Watched) -> None:
    watched.observers.last.alive = False
    watched.observers.failure = OSError(errno.EMFILE, "too many watches")
    watched.run(1.1)
    assert watched.reloader.status().watch.mode == "polling"


def test_w05_only_directories_are_watched(watched: Watched) -> None:
    assert watched.observers.last.folders == (watched.path, watched.path / "commands")
    assert all(folder.is_dir() for made in watched.observers.made for folder in made.folders)


def test_w06_a_recreated_commands_folder_is_watched_again(watched: Watched) -> None:
    shutil.rmtree(watched.path / "commands")
    watched.run(1.1)
    assert list(watched.observers.last.folders) == [watched.path]
    (watched.path / "commands").mkdir()
    watched.run(1.1)
    assert watched.observers.last.folders == (watched.path, watched.path / "commands")


def test_w06_a_missing_config_folder_is_polled_for(watched: Watched) -> None:
    shutil.move(watched.path, watched.path.parent / "elsewhere")
    watched.run(20)
    status = watched.reloader.status()
    assert status.watch.mode == "polling"
    assert not status.is_healthy
    assert watched.outcomes == [HELD]
    shutil.move(watched.path.parent / "elsewhere", watched.path)
    watched.run(6)
    status = watched.reloader.status()
    assert (status.watch.mode, status.is_healthy) == ("inotify", True)
    assert watched.outcomes == [HELD]


def test_w07_an_exchanged_folder_is_watched_and_the_old_one_is_not(watched: Watched) -> None:
    old = watched.path.parent / "config.old"
    shutil.move(watched.path, old)
    shutil.copytree(old, watched.path)
    watched.run(1.1)
    assert len(watched.observers.made) == 2
    (old / "commands/c0.yaml").write_text(NEW)
    watched.event()
    watched.run(10)
    assert watched.outcomes == []
    watched.save("commands/c1.yaml", NEW)
    watched.run(1)
    assert watched.outcomes == [APPLIED]


def test_w20_a_folder_that_was_moved_in_is_like_one_that_was_made(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    (watched.path / "commands").rmdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/x.yaml").write_text(COMMAND)
    watched.begin(commands=0)
    watched.run(1)
    shutil.move(tmp_path / "outside", watched.path / "commands")
    watched.event("moved", "commands")
    watched.run(1.5)
    assert list(watched.commands) == ["x"]
    assert watched.observers.last.folders == (watched.path, watched.path / "commands")


def test_w07_a_linked_config_folder_is_followed(tmp_path: Path) -> None:
    watched = Watched(tmp_path / "one")
    (tmp_path / "etc").symlink_to(tmp_path / "one")
    watched.path = tmp_path / "etc/config"
    watched.make()
    watched.begin()
    watched.run(1)
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    (tmp_path / "two/config/commands/c0.yaml").write_text(NEW)
    (tmp_path / "etc").unlink()
    (tmp_path / "etc").symlink_to(tmp_path / "two")
    watched.run(1.5)  # no event: the supervision saw another folder
    assert watched.outcomes == [APPLIED]
    assert watched.description("c0") == "new"


def test_w09_b11_a_file_mounted_alone_is_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    line = f"1 0 8:1 /x {tmp_path}/config/settings.yaml rw - ext4 /dev/sda1 rw"
    watched = Watched(tmp_path).begin(line)
    watched.run(0.1)
    assert "mount the directory instead" in watched.reloader.status().warnings[0]
    watched.run(600)
    assert caplog.text.count("mount the directory instead") == 1


def test_w14_a_slow_writer_never_makes_a_prefix_effective(watched: Watched) -> None:
    text = "kind: refresh\ndescription: a text that is written slowly\nenabled: true\n"
    seen = set()
    for end in range(len(text) + 1):
        watched.write("commands/c0.yaml", text[:end])
        watched.event("modified")
        watched.run(0.4)  # longer than the quiet period: only the missing close tells
        seen.add(watched.description("c0"))
    assert seen == {"c0"}
    watched.event("closed")
    watched.run(0.31)
    assert watched.description("c0") == "a text that is written slowly"
    assert watched.outcomes == [APPLIED]


def test_w14_a_slow_writer_without_events_is_read_until_it_stands_still(watched: Watched) -> None:
    text = "kind: refresh\ndescription: a text that is written slowly\nenabled: true\n"
    for end in range(len(text) + 1):
        watched.write("commands/c0.yaml", text[:end])
        watched.run(0.14)
    assert watched.outcomes == []
    watched.run(6)
    assert watched.outcomes == [APPLIED]
    assert watched.description("c0") == "a text that is written slowly"


def test_w14_an_emptied_file_keeps_its_last_good_version(watched: Watched) -> None:
    watched.save("commands/c0.yaml", "")
    watched.run(10)
    assert watched.outcomes == [REJECTED]
    assert watched.commands["c0"] == "last_good"


def test_w15_deleted_and_created_again_is_no_removal(watched: Watched) -> None:
    counts = []
    watched.reloader.add_listener(lambda before, after, result: counts.append(len(after.commands)))
    for name in ("c0", "c1"):
        (watched.path / f"commands/{name}.yaml").unlink()
        watched.event("deleted", f"commands/{name}.yaml")
        watched.run(0.01)
        watched.save(f"commands/{name}.yaml", NEW)
        watched.run(0.01)
    watched.run(5)
    assert watched.outcomes == [APPLIED]
    assert counts == [2]


def test_w16_b07_no_reload_starts_while_git_is_writing(watched: Watched) -> None:
    run_git(watched.path, "init", "-q")
    lock = watched.path / ".git/index.lock"
    lock.touch()
    watched.save("commands/c0.yaml", NEW)
    watched.run(5)
    assert watched.outcomes == []
    watched.write("commands/c1.yaml", NEW)
    lock.unlink()
    watched.run(0.5)
    assert watched.outcomes == [APPLIED]
    assert watched.results[0].warnings == ()
    assert watched.results[0].changes.changed == ("c0", "c1")


def test_w16_b07_after_ten_seconds_the_lock_is_ignored_with_a_warning(watched: Watched) -> None:
    run_git(watched.path, "init", "-q")
    (watched.path / ".git/index.lock").touch()
    watched.save("commands/c0.yaml", NEW)
    watched.run(9.9)
    assert watched.outcomes == []
    watched.run(0.8)
    assert watched.outcomes == [APPLIED]
    assert "index.lock" in watched.results[0].warnings[0]
    assert watched.reloader.status().warnings == watched.results[0].warnings


def test_w16_b07_the_quiet_period_begins_when_the_lock_goes(watched: Watched) -> None:
    run_git(watched.path, "init", "-q")
    (watched.path / ".git/index.lock").touch()
    watched.save("commands/c0.yaml", NEW)
    watched.run(2.001)
    (watched.path / ".git/index.lock").unlink()
    watched.run(0.25)
    assert watched.outcomes == []
    watched.run(0.2)
    assert watched.outcomes == [APPLIED]


def test_w16_b07_every_reload_waits_for_the_lock(watched: Watched) -> None:
    run_git(watched.path, "init", "-q")
    (watched.path / ".git/index.lock").touch()
    watched.save("commands/c0.yaml", NEW)
    watched.run(11)
    watched.save("commands/c1.yaml", NEW)
    watched.run(9.9)
    assert watched.outcomes == [APPLIED]
    watched.run(1)
    assert watched.outcomes == [APPLIED, APPLIED]


def test_w17_a_steady_stream_gives_one_reload_per_longest_wait(watched: Watched) -> None:
    for step in range(200):
        if step % 60 == 0:
            watched.write("commands/c0.yaml", f"kind: refresh\ndescription: step {step}\n")
        watched.event("modified", "commands/.c0.yaml.swp")
        watched.run(0.05)
    assert 3 <= len(watched.outcomes) <= 4


def test_w17_an_event_during_a_reload_gives_exactly_one_more(watched: Watched) -> None:
    def save_once(before: object, after: object, result: object) -> None:
        if len(watched.results) == 1:
            watched.save("commands/c1.yaml", NEW)

    watched.reloader.add_listener(save_once)
    watched.save("commands/c0.yaml", NEW)
    watched.run(20)
    assert watched.outcomes == [APPLIED, APPLIED]
    assert [result.changes.changed for result in watched.results] == [("c0",), ("c1",)]


def test_w18_a19_touch_and_chmod_are_no_reload_and_no_log_line(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    loads = watched.loader.loads
    with caplog.at_level(logging.INFO):
        for _ in range(20):
            (watched.path / "commands/c0.yaml").touch()
            (watched.path / "settings.yaml").chmod(0o644)
            watched.event("modified")
            watched.event("closed")
            watched.run(1)
    assert watched.outcomes == []
    assert watched.loader.loads == loads
    assert caplog.messages == []


def test_w25_a13_bad_and_good_ten_times_in_a_row(watched: Watched) -> None:
    for round_ in range(10):
        watched.save("commands/c0.yaml", BROKEN)
        watched.save("settings.yaml", "web: [\n")
        watched.run(1)
        watched.save("commands/c0.yaml", f"kind: refresh\ndescription: round {round_}\n")
        watched.save("settings.yaml", f"web: {{port: {9000 + round_}}}\n")
        watched.run(1)
        assert watched.description("c0") == f"round {round_}"
    assert watched.outcomes == [REJECTED, APPLIED] * 10


def test_w25_a_broken_file_is_reported_once_and_not_loaded_again_and_again(watched: Watched) -> None:
    watched.save("commands/c0.yaml", BROKEN)
    watched.run(1)
    loads = watched.loader.loads
    watched.run(600)
    assert watched.outcomes == [REJECTED]
    assert watched.loader.loads == loads


def test_w26_a_failed_apply_is_retried_at_the_next_scan(watched: Watched) -> None:
    watched.loader.failure = RuntimeError("loader")
    watched.save("commands/c0.yaml", NEW)
    with pytest.raises(RuntimeError):
        watched.run(1)
    watched.loop.postpone()
    watched.loader.failure = None
    watched.run(6)
    assert watched.outcomes == [APPLIED]


def test_b06_a_mass_removal_is_held_for_ten_seconds_and_then_applied(tmp_path: Path) -> None:
    watched = Watched(tmp_path).begin(commands=6)
    watched.run(0.1)
    for index in range(4):
        (watched.path / f"commands/c{index}.yaml").unlink()
        watched.event("deleted", f"commands/c{index}.yaml")
    watched.run(9.9)
    assert watched.outcomes == [HELD]
    assert len(watched.commands) == 6
    watched.run(0.8)
    assert watched.outcomes == [HELD, APPLIED]
    assert list(watched.commands) == ["c4", "c5"]


def test_b06_a_mass_removal_that_is_taken_back_is_forgotten(tmp_path: Path) -> None:
    watched = Watched(tmp_path).begin(commands=6)
    watched.run(0.1)
    shutil.move(watched.path / "commands", tmp_path / "commands")
    watched.event("moved", "commands")
    watched.run(30)
    assert not watched.reloader.status().is_healthy
    shutil.move(tmp_path / "commands", watched.path / "commands")
    watched.run(6)
    assert watched.reloader.status().is_healthy
    assert watched.outcomes == [HELD]


def test_a_reload_that_somebody_else_asked_for_is_not_repeated(watched: Watched) -> None:
    watched.save("commands/c0.yaml", NEW)
    watched.reloader.apply(read_tree(watched.path), "api")
    watched.run(30)
    assert watched.outcomes == [APPLIED]


def test_the_loop_sleeps_at_least_a_moment_when_nothing_happens(watched: Watched) -> None:
    ticks = 0
    while watched.clock.elapsed < 60:
        watched.clock.advance(max(watched.loop.tick(), 0.0001))
        ticks += 1
    assert ticks <= 150
