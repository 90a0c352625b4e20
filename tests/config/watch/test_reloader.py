"""The reloader: what is in force after which change on disk, and what stays as it was."""

import logging
import shutil
import threading
from pathlib import Path

import pytest
from fakes_watch import BROKEN, Configured, run_git

from cmdarr.config.reload import FileState, ReloadOutcome, ReloadResult
from cmdarr.config.snapshot import Snapshot
from cmdarr.errors import ConfigError, NothingFound, StoreUnavailable

APPLIED, REJECTED, HELD, UNCHANGED = (
    ReloadOutcome.APPLIED,
    ReloadOutcome.REJECTED,
    ReloadOutcome.HELD,
    ReloadOutcome.UNCHANGED,
)


@pytest.fixture
def config(tmp_path: Path) -> Configured:
    """A started configuration with the commands c0 to c3."""
    config = Configured(tmp_path)
    config.write("settings.yaml", "web: {port: 8080}\n")
    config.write_commands(4)
    config.reloader.start()
    return config


# What is in force.


def test_a_changed_file_is_applied_and_the_result_says_what_differs(config: Configured) -> None:
    config.write("commands/c0.yaml", "kind: refresh\ndescription: new\n")
    config.write("commands/added.yaml")
    (config.path / "commands/c1.yaml").unlink()
    config.write("settings.yaml", "web: {port: 9090}\nlog: {level: debug}\n")
    result = config.reloader.reload("api")
    assert result.outcome is APPLIED
    assert (result.changes.added, result.changes.changed, result.changes.removed) == (
        ("added",),
        ("c0",),
        ("c1",),
    )
    assert result.changes.settings == ("log.level", "web.port")
    assert result.reason == "api"
    assert config.description("c0") == "new"
    assert config.reloader.current.settings.log.level == "debug"


def test_d04_a_broken_command_file_keeps_only_that_command(config: Configured) -> None:
    config.write("commands/c0.yaml", BROKEN)
    config.write("commands/c1.yaml", "kind: refresh\ndescription: new\n")
    result = config.reloader.reload("api")
    assert result.outcome is APPLIED
    assert result.changes.changed == ("c1",)
    assert [finding.file for finding in result.errors] == ["commands/c0.yaml"]
    assert config.commands == {"c0": "last_good", "c1": "ok", "c2": "ok", "c3": "ok"}
    assert (config.description("c0"), config.description("c1")) == ("c0", "new")


def test_d04_a_new_broken_file_does_not_run(config: Configured) -> None:
    config.write("commands/new.yaml", BROKEN)
    assert config.reloader.reload("api").outcome is REJECTED
    assert config.commands["new"] == "broken"
    assert config.reloader.current.commands["new"].options is None
    assert [finding.code for finding in config.reloader.current.commands["new"].findings]


def test_d04_a_broken_settings_file_keeps_all_settings_and_commands_go_on(config: Configured) -> None:
    config.write("settings.yaml", "web: {port: nine}\nlog: {level: debug}\n")
    config.write("commands/c0.yaml", "kind: refresh\ndescription: new\n")
    result = config.reloader.reload("api")
    assert result.outcome is APPLIED
    assert {finding.file for finding in result.errors} == {"settings.yaml"}
    assert result.changes.settings == ()
    assert (config.reloader.current.settings.web.port, config.reloader.current.settings.log.level) == (
        8080,
        "info",
    )
    assert config.description("c0") == "new"


def test_d04_settings_whose_secret_is_gone_stay_as_they_were(config: Configured) -> None:
    config.environ["KEY"] = "s3cret-value"
    config.write("settings.yaml", "services: {lidarr: {api_key: '${env:KEY}'}}\n")
    assert config.reloader.reload("api").outcome is APPLIED
    del config.environ["KEY"]
    config.write("commands/c0.yaml", "kind: refresh\ndescription: new\n")
    result = config.reloader.reload("api")
    assert {finding.file for finding in result.errors} == {"settings.yaml"}
    assert "lidarr" in config.reloader.current.settings.services
    assert config.description("c0") == "new"


def test_d04_a_command_whose_service_was_removed_is_broken(config: Configured) -> None:
    (config.path.parent / "music").mkdir()
    sync = "kind: sync\nsource: {service: file, playlist: a.csv}\ntargets: [{server: folder}]\n"
    config.write("settings.yaml", "services: {folder: {}}\n")
    config.write("commands/sync.yaml", sync)
    config.reloader.reload("api")
    assert config.commands["sync"] == "ok"
    config.write("settings.yaml", "")
    config.write("settings.yaml", "# none\n")
    config.reloader.reload("api")
    assert config.commands["sync"] == "broken"


def test_d04_a_command_whose_reference_is_gone_goes_on_as_it_was_loaded(config: Configured) -> None:
    config.environ["TEXT"] = "from the environment"
    config.write("commands/c0.yaml", "kind: refresh\ndescription: ${env:TEXT}\n")
    config.reloader.reload("api")
    del config.environ["TEXT"]
    config.write("commands/c1.yaml", "kind: refresh\ndescription: new\n")
    config.reloader.reload("api")
    assert config.commands["c0"] == "last_good"
    assert config.description("c0") == "from the environment"


def test_a_secret_in_a_broken_file_is_masked_beside_the_one_in_force(config: Configured) -> None:
    sync = "kind: sync\nsource: {service: file, playlist: a.csv}\npassword: "
    config.write("commands/sync.yaml", f"{sync}first-secret-value\n")
    config.reloader.reload("api")
    config.write("commands/sync.yaml", f"{sync}second-secret-value\nunknown: 1\n")
    config.reloader.reload("api")
    assert config.commands["sync"] == "last_good"
    redacted = config.reloader.current.redactor("first-secret-value second-secret-value")
    assert "secret-value" not in redacted


def test_d04_a_second_file_of_the_same_command_does_not_stop_the_first(config: Configured) -> None:
    config.write("commands/c0.yml", "kind: refresh\ndescription: twin\n")
    assert config.reloader.reload("api").errors
    assert config.commands["c0"] == "last_good"
    assert config.description("c0") == "c0"


@pytest.mark.parametrize("damage", ["large", "link", "folder"])
def test_w13_a_file_that_cannot_be_read_keeps_its_last_good_version(config: Configured, damage: str) -> None:
    path = config.path / "commands/c0.yaml"
    path.unlink()
    if damage == "large":
        path.write_bytes(b"#" * 2_000_000)
    elif damage == "link":
        path.symlink_to("nowhere")
    else:
        path.mkdir()
    assert config.reloader.reload("api").outcome is REJECTED
    assert config.commands["c0"] == "last_good"
    assert config.description("c0") == "c0"
    assert config.commands["c1"] == "ok"


@pytest.mark.parametrize("name", ["settings.yaml", "commands/c0.yaml"])
def test_w14_an_emptied_file_keeps_its_last_good_version(config: Configured, name: str) -> None:
    config.write("settings.yaml", "log: {level: debug}\n")
    config.reloader.reload("api")
    config.write(name, "")
    result = config.reloader.reload("api")
    assert result.outcome is REJECTED
    assert {finding.file for finding in result.errors} == {name}
    assert config.reloader.current.settings.log.level == "debug"
    assert config.description("c0") == "c0"


def test_w14_an_empty_settings_file_at_start_is_a_working_configuration(config: Configured) -> None:
    config.write("settings.yaml", "")
    assert config.restart().settings.web.port == 8080
    config.write("commands/c0.yaml", "kind: refresh\ndescription: new\n")
    assert config.reloader.reload("api").errors == ()


def test_a13_a_later_valid_save_is_applied(config: Configured) -> None:
    before = config.reloader.current
    config.write("commands/c0.yaml", BROKEN)
    assert config.reloader.reload("api").outcome is REJECTED
    assert config.reloader.current.generation == before.generation
    assert config.reloader.current.commands["c0"].digest == before.commands["c0"].digest
    config.write("commands/c0.yaml", "kind: refresh\ndescription: new\n")
    assert config.reloader.reload("api").outcome is APPLIED
    assert config.description("c0") == "new"
    assert config.commands["c0"] == "ok"


def test_a13_going_back_to_the_good_version_is_applied(config: Configured) -> None:
    config.write("commands/c0.yaml", BROKEN)
    config.reloader.reload("api")
    config.write("commands/c0.yaml")
    result = config.reloader.reload("api")
    assert result.outcome is APPLIED
    assert str(result.changes) == "nothing that runs differs"
    assert config.commands["c0"] == "ok"


def test_w25_bad_and_good_ten_times_in_a_row(config: Configured) -> None:
    for round_ in range(10):
        config.write("commands/c0.yaml", BROKEN)
        config.write("settings.yaml", "web: [\n")
        assert config.reloader.reload("api").outcome is REJECTED
        config.write("commands/c0.yaml", f"kind: refresh\ndescription: round {round_}\n")
        config.write("settings.yaml", f"web: {{port: {9000 + round_}}}\n")
        assert config.reloader.reload("api").outcome is APPLIED
        assert config.description("c0") == f"round {round_}"
        assert config.reloader.current.settings.web.port == 9000 + round_


# Identical content, and the order of things.


def test_a19_identical_content_is_no_reload_and_no_log_line(
    config: Configured, caplog: pytest.LogCaptureFixture
) -> None:
    before, loads = config.reloader.current, config.loader.loads
    (config.path / "commands/c0.yaml").touch()
    (config.path / "settings.yaml").chmod(0o600)
    with caplog.at_level(logging.INFO):
        assert config.reloader.reload("api").outcome is UNCHANGED
    assert config.reloader.current is before
    assert config.loader.loads == loads
    assert config.results == []
    assert caplog.messages == []


def test_w26_a_failure_before_the_swap_leaves_everything_and_is_retried(config: Configured) -> None:
    before, kept = config.reloader.current, dict(config.good.documents)
    config.write("commands/c0.yaml", "kind: refresh\ndescription: new\n")
    config.loader.failure = MemoryError("no memory")
    with pytest.raises(MemoryError):
        config.reloader.reload("api")
    assert config.reloader.current is before
    assert config.good.documents == kept
    assert config.results == []
    assert "could not be finished" in config.reloader.status().warnings[0]
    config.loader.failure = None
    assert config.reloader.reload("api").outcome is APPLIED
    assert config.description("c0") == "new"
    assert config.reloader.status().warnings == ()


def test_w26_listeners_are_told_after_the_swap(config: Configured) -> None:
    told: list[tuple[Snapshot, Snapshot, ReloadResult]] = []
    in_force: list[Snapshot] = []

    def listen(before: Snapshot, after: Snapshot, result: ReloadResult) -> None:
        in_force.append(config.reloader.current)
        told.append((before, after, result))

    before = config.reloader.current
    config.reloader.add_listener(listen)
    config.write("commands/c0.yaml", "kind: refresh\ndescription: new\n")
    result = config.reloader.reload("api")
    assert told == [(before, config.reloader.current, result)]
    assert in_force == [config.reloader.current]


def test_w26_a_failing_listener_stops_neither_the_swap_nor_the_others(
    config: Configured, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[ReloadOutcome] = []

    def fail(before: Snapshot, after: Snapshot, result: ReloadResult) -> None:
        raise RuntimeError("listener")

    config.reloader.add_listener(fail)
    config.reloader.add_listener(lambda before, after, result: told.append(result.outcome))
    config.write("commands/c0.yaml", "kind: refresh\ndescription: new\n")
    assert config.reloader.reload("api").outcome is APPLIED
    assert told == [APPLIED]
    assert config.description("c0") == "new"
    assert "A listener failed" in caplog.text


def test_a15_reloads_from_many_threads_are_serialised(config: Configured) -> None:
    config.write("commands/c0.yaml", "kind: refresh\ndescription: new\n")
    results: list[ReloadResult] = []
    threads = [
        threading.Thread(target=lambda: results.append(config.reloader.reload("api"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(result.outcome for result in results) == [APPLIED] + [UNCHANGED] * 7
    assert config.outcomes == [APPLIED]


def test_w16_a_requested_reload_waits_for_git_and_says_when_that_took_too_long(config: Configured) -> None:
    run_git(config.path, "init", "-q")
    (config.path / ".git/index.lock").touch()
    config.write("commands/c0.yaml", "kind: refresh\ndescription: new\n")
    result = config.reloader.reload("api")
    assert config.clock.elapsed == pytest.approx(10, abs=0.5)
    assert result.outcome is APPLIED
    assert "index.lock" in result.warnings[0]


def test_w14_a_requested_reload_reads_until_two_reads_agree(tmp_path: Path) -> None:
    config = Configured(tmp_path)
    config.write_commands(1)
    config.reloader.start()
    texts = iter(["kind: refresh\ndescription: n\n", "kind: refresh\ndescription: new\n"])

    def write_on(seconds: float) -> None:
        config.clock.advance(seconds)
        if (text := next(texts, None)) is not None:
            config.write("commands/c0.yaml", text)

    config.reloader._wait = write_on
    config.write("commands/c0.yaml", "kind: refresh\n")
    assert config.reloader.reload("api").outcome is APPLIED
    assert config.description("c0") == "new"


# The start.


def test_a16_a_broken_settings_file_at_start_is_refused_with_its_findings(tmp_path: Path) -> None:
    config = Configured(tmp_path)
    config.write("settings.yaml", "web: {port: nine}\n")
    with pytest.raises(ConfigError, match=r"settings\.yaml:1:13: ") as caught:
        config.reloader.start()
    assert [finding.file for finding in caught.value.findings] == ["settings.yaml"]
    assert config.good.generations == []


def test_a16_a_broken_settings_file_at_start_gets_no_last_good_version(config: Configured) -> None:
    config.write("settings.yaml", "web: {port: nine}\n")
    with pytest.raises(ConfigError):
        config.restart()


def test_a16_a_broken_command_file_at_start_is_marked(tmp_path: Path) -> None:
    config = Configured(tmp_path)
    config.write("commands/good.yaml")
    config.write("commands/bad.yaml", BROKEN)
    config.reloader.start()
    assert config.commands == {"bad": "broken", "good": "ok"}


def test_a16_a_missing_folder_at_start_is_nothing_found(tmp_path: Path) -> None:
    config = Configured(tmp_path)
    shutil.rmtree(config.path)
    with pytest.raises(NothingFound):
        config.reloader.start()


# Last good versions across a restart.


def test_b04_a_file_that_broke_while_running_runs_its_last_good_version_after_a_restart(
    config: Configured,
) -> None:
    config.clock.advance(3600)
    config.write("commands/c0.yaml", "kind: refresh\ndescription: one hour later\n")
    config.reloader.reload("api")
    loaded_at = config.reloader.current.loaded_at
    config.clock.advance(3600)
    config.write("commands/c0.yaml", BROKEN)
    config.reloader.reload("api")
    assert config.reloader.current.commands["c0"].good_since == loaded_at
    config.clock.advance(3600)
    config.restart()
    entry = config.reloader.current.commands["c0"]
    assert (str(entry.state), entry.good_since) == ("last_good", loaded_at)
    assert config.description("c0") == "one hour later"
    assert entry.findings
    assert config.commands["c1"] == "ok"


def test_b04_the_last_good_version_lasts_over_several_restarts_until_the_file_is_fixed(
    config: Configured,
) -> None:
    config.write("commands/c0.yaml", BROKEN)
    since = config.reloader.current.loaded_at
    for _ in range(3):
        config.clock.advance(60)
        config.restart()
        assert config.commands["c0"] == "last_good"
        assert config.reloader.current.commands["c0"].good_since == since
    config.write("commands/c0.yaml")
    config.reloader.reload("api")
    assert config.commands["c0"] == "ok"


def test_b04_a_file_that_changed_while_nothing_ran_is_good_since_the_start(config: Configured) -> None:
    started = config.clock.now()
    config.clock.advance(60)
    config.write("commands/c0.yaml", "kind: refresh\ndescription: new\n")
    config.restart()
    files = config.reloader.status().files
    assert files["commands/c0.yaml"].good_since == config.clock.now()
    assert files["commands/c1.yaml"].good_since == started


def test_b04_no_last_good_starts_without_them(config: Configured) -> None:
    config.write("commands/c0.yaml", BROKEN)
    config.restart(no_last_good=True)
    assert config.commands["c0"] == "broken"


def test_b04_a_deleted_file_does_not_come_back_after_a_restart(config: Configured) -> None:
    (config.path / "commands/c0.yaml").unlink()
    config.restart()
    assert "c0" not in config.commands


def test_b04_nothing_that_was_never_good_is_kept(config: Configured) -> None:
    config.write("commands/bad.yaml", BROKEN)
    config.write("commands/c0.yaml", "kind: refresh\ndescription: new\n")
    config.reloader.reload("api")
    assert sorted(config.good.documents) == ["commands/c0.yaml", "commands/c1.yaml", "commands/c2.yaml",
                                             "commands/c3.yaml", "settings.yaml"]  # fmt: skip


def test_b04_a_masked_document_is_not_used(config: Configured) -> None:
    sync = "kind: sync\nsource: {service: file, playlist: a.csv}\npassword: plain-secret-value\n"
    config.write("commands/sync.yaml", sync)
    config.reloader.reload("api")
    assert config.commands["sync"] == "ok"
    assert "plain-secret-value" not in str(config.good.documents)
    config.write("commands/sync.yaml", "kind: sync\n")
    config.reloader.reload("api")
    assert config.commands["sync"] == "last_good"  # in the same process the bytes are known
    config.restart()
    assert config.commands["sync"] == "broken"


@pytest.mark.parametrize("failure", [StoreUnavailable("The disk is full."), OSError("no space")])
def test_b04_a_store_that_fails_is_a_warning(config: Configured, failure: Exception) -> None:
    config.good.failure = failure
    config.write("commands/c0.yaml", "kind: refresh\ndescription: new\n")
    result = config.reloader.reload("api")
    assert result.outcome is APPLIED
    assert str(failure) in result.warnings[0]
    assert config.reloader.status().warnings == result.warnings
    config.good.failure = None
    config.write("commands/c0.yaml", "kind: refresh\ndescription: newer\n")
    assert config.reloader.reload("api").warnings == ()


# Restart-only keys, status, references.


def test_d06_a_restart_only_key_is_listed_until_it_is_taken_back(config: Configured) -> None:
    config.write("settings.yaml", "web: {port: 9090}\nlog: {level: debug}\n")
    assert config.reloader.reload("api").pending_restart == ("web.port",)
    config.write("commands/c0.yaml", "kind: refresh\ndescription: new\n")
    assert config.reloader.reload("api").pending_restart == ("web.port",)
    assert config.reloader.status().pending_restart == ("web.port",)
    config.write("settings.yaml", "web: {port: 8080}\n")
    assert config.reloader.reload("api").pending_restart == ()
    config.write("settings.yaml", "web: {port: 9090}\n")
    config.reloader.reload("api")
    config.restart()
    assert config.reloader.status().pending_restart == ()


def test_a14_status_tells_of_every_file(config: Configured) -> None:
    started = config.clock.now()
    config.clock.advance(60)
    config.write("commands/c0.yaml", BROKEN)
    config.write("commands/bad.yaml", BROKEN)
    config.reloader.reload("api")
    broken_at = config.clock.now()
    config.clock.advance(60)
    config.write("commands/c1.yaml", "kind: refresh\ndescription: new\n")
    config.reloader.reload("api")
    status = config.reloader.status()
    assert {file: str(found.state) for file, found in status.files.items()} == {
        "commands/bad.yaml": "broken",
        "commands/c0.yaml": "last_good",
        "commands/c1.yaml": "ok",
        "commands/c2.yaml": "ok",
        "commands/c3.yaml": "ok",
        "settings.yaml": "ok",
    }
    assert status.files["commands/c0.yaml"].good_since == started
    assert status.files["commands/c0.yaml"].broken_since == broken_at
    assert status.files["commands/bad.yaml"].broken_since == broken_at
    assert status.last_success == started
    assert status.last_attempt == status.loaded_at == config.clock.now()
    assert status.generation == config.reloader.current.generation
    assert status.is_healthy
    assert status.git is None
    config.write("commands/c0.yaml")
    (config.path / "commands/bad.yaml").unlink()
    config.reloader.reload("api")
    assert config.reloader.status().last_success == config.clock.now()
    assert {found.state for found in config.reloader.status().files.values()} == {FileState.OK}


def test_b07_status_shows_head_and_the_changed_files(config: Configured) -> None:
    run_git(config.path, "init", "-q")
    run_git(config.path, "add", "-A")
    run_git(config.path, "commit", "-q", "-m", "first")
    config.write("commands/c1.yaml", "kind: refresh\n")
    head = run_git(config.path, "rev-parse", "--short", "HEAD")
    assert str(config.reloader.status().git) == f"HEAD {head} (dirty: commands/c1.yaml)"


def test_a_changed_referenced_file_is_applied(config: Configured, tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("first-secret\n")
    config.write("settings.yaml", f"services: {{lidarr: {{api_key: '${{file:{secret}}}'}}}}\n")
    config.reloader.reload("api")
    assert config.reloader.current.referenced_files == (secret,)
    assert config.reloader.reload("api").outcome is UNCHANGED
    secret.write_text("second-secret\n")
    result = config.reloader.reload("api")
    assert result.outcome is APPLIED
    assert result.changes.settings == ("services.lidarr.api_key",)
    assert "secret" not in repr(result.changes).replace("services", "")
    config.restart()
    assert config.reloader.reload("api").outcome is UNCHANGED


def test_a_changed_secrets_file_is_applied_although_another_file_is_broken(config: Configured) -> None:
    config.write("secrets.yaml", "key: first-secret\n").chmod(0o600)
    config.write("settings.yaml", "services: {lidarr: {api_key: '${secret:key}'}}\n")
    config.write("commands/c0.yaml", BROKEN)
    config.reloader.reload("api")
    config.write("secrets.yaml", "key: second-secret\n")
    result = config.reloader.reload("api")
    assert result.outcome is APPLIED
    assert result.changes.settings == ("services.lidarr.api_key",)


# What the log says.


def test_the_log_names_what_changed_and_what_is_broken(
    config: Configured, caplog: pytest.LogCaptureFixture
) -> None:
    config.write("commands/c0.yaml", "kind: refresh\ndescription: new\n")
    with caplog.at_level(logging.INFO):
        config.reloader.reload("api")
    generation = config.reloader.current.generation[:12]
    assert caplog.messages == [f"Configuration reloaded: 1 changed (c0), generation {generation}."]
    caplog.clear()
    config.write("commands/c0.yaml", BROKEN)
    with caplog.at_level(logging.INFO):
        config.reloader.reload("api")
    (message,) = caplog.messages
    assert message.startswith("Configuration rejected, what ran before goes on: commands/c0.yaml:2:1: ")
    caplog.clear()
    config.write("commands/c1.yaml", "kind: refresh\ndescription: new\n")
    config.write("commands/c2.yaml", BROKEN)
    with caplog.at_level(logging.INFO):
        config.reloader.reload("api")
    assert caplog.messages[0].startswith("Configuration reloaded: 1 changed (c1), generation ")
    assert caplog.messages[1].startswith(
        "commands/c2.yaml is broken, the version of 2020-01-01 12:00 UTC goes on: commands/c2.yaml:2:1: "
    )
    assert len(caplog.messages) == 2  # c0 was reported before


# Removals that are held.


def test_b06_a_mass_removal_is_announced_and_held_for_ten_seconds(
    config: Configured, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("c0", "c1", "c2"):
        (config.path / f"commands/{name}.yaml").unlink()
    result = config.reloader.reload("api")
    assert result.outcome is HELD
    assert result.held is not None
    assert result.held.removed == ("commands/c0.yaml", "commands/c1.yaml", "commands/c2.yaml")
    assert "3 of 4 command files are gone at once" in caplog.text
    assert len(config.commands) == 4
    status = config.reloader.status()
    assert not status.is_healthy
    assert status.problems == (
        "The configuration on disk is not applied: more than half of the command files are gone at once.",
    )
    config.clock.advance(9)
    caplog.clear()
    assert config.reloader.reload("api").outcome is HELD
    assert caplog.text == ""
    config.clock.advance(1)
    assert config.reloader.reload("api").outcome is APPLIED
    assert list(config.commands) == ["c3"]
    assert config.reloader.status().is_healthy
    assert config.outcomes == [HELD, APPLIED]


def test_b06_a_mass_removal_that_is_taken_back_changes_nothing(config: Configured) -> None:
    shutil.move(config.path / "commands", config.path / "elsewhere")
    (config.path / "commands").mkdir()
    assert config.reloader.reload("api").outcome is HELD
    (config.path / "commands").rmdir()
    shutil.move(config.path / "elsewhere", config.path / "commands")
    config.clock.advance(60)
    assert config.reloader.reload("api").outcome is UNCHANGED
    assert config.reloader.status().is_healthy
    assert len(config.commands) == 4


def test_b06_half_of_the_files_and_few_files_are_removed_at_once(config: Configured) -> None:
    (config.path / "commands/c0.yaml").unlink()
    (config.path / "commands/c1.yaml").unlink()
    assert config.reloader.reload("api").outcome is APPLIED
    (config.path / "commands/c2.yaml").unlink()
    (config.path / "commands/c3.yaml").unlink()
    assert config.reloader.reload("api").outcome is APPLIED
    assert config.commands == {}


def test_b06_a_mass_removal_under_a_git_lock_is_not_held(config: Configured) -> None:
    run_git(config.path, "init", "-q")
    (config.path / ".git/index.lock").touch()
    for name in ("c0", "c1", "c2"):
        (config.path / f"commands/{name}.yaml").unlink()
    assert config.reloader.reload("api").outcome is APPLIED


def test_b06_a_missing_commands_folder_is_never_applied(config: Configured) -> None:
    shutil.rmtree(config.path / "commands")
    config.write("settings.yaml", "log: {level: debug}\n")
    for _ in range(3):
        assert config.reloader.reload("api").outcome is HELD
        config.clock.advance(600)
    assert len(config.commands) == 4
    assert config.reloader.current.settings.log.level == "info"
    assert not config.reloader.status().is_healthy
    assert config.outcomes == [HELD]
    (config.path / "commands").mkdir()
    config.write_commands(4)
    assert config.reloader.reload("api").outcome is APPLIED
    assert config.reloader.status().is_healthy


def test_b06_the_cure_for_a_commands_folder_that_shall_be_gone_is_an_empty_one(config: Configured) -> None:
    shutil.rmtree(config.path / "commands")
    result = config.reloader.reload("api")
    assert result.held is not None
    assert result.held.reason.endswith(
        "commands is missing; create it, empty when there shall be no commands"
    )
    (config.path / "commands").mkdir()
    assert config.reloader.reload("api").outcome is HELD
    config.clock.advance(10)
    assert config.reloader.reload("api").outcome is APPLIED
    assert config.commands == {}


def test_b06_a_missing_config_folder_is_never_applied(config: Configured) -> None:
    shutil.move(config.path, config.path.parent / "elsewhere")
    for _ in range(3):
        assert config.reloader.reload("api").outcome is HELD
        config.clock.advance(600)
    assert not config.reloader.status().is_healthy
    shutil.move(config.path.parent / "elsewhere", config.path)
    assert config.reloader.reload("api").outcome is UNCHANGED
    assert config.reloader.status().is_healthy


def test_b06_settings_that_vanish_are_held(config: Configured) -> None:
    (config.path / "settings.yaml").unlink()
    assert config.reloader.reload("api").outcome is HELD
    config.clock.advance(10)
    assert config.reloader.reload("api").outcome is APPLIED


def test_b06_a_missing_commands_folder_at_start_uses_the_last_good_commands(config: Configured) -> None:
    shutil.move(config.path / "commands", config.path / "elsewhere")
    config.restart()
    assert set(config.commands.values()) == {"last_good"}
    assert len(config.commands) == 4
    assert not config.reloader.status().is_healthy
    config.clock.advance(600)
    assert config.reloader.reload("api").outcome is HELD
    shutil.move(config.path / "elsewhere", config.path / "commands")
    assert config.reloader.reload("api").outcome is APPLIED
    assert set(config.commands.values()) == {"ok"}
    assert config.reloader.status().is_healthy


def test_b06_an_unreadable_commands_folder_turns_health_red_even_when_nothing_is_known(
    tmp_path: Path,
) -> None:
    config = Configured(tmp_path)
    (config.path / "commands").rmdir()
    (config.path / "commands").write_text("no folder")
    config.reloader.start()
    assert not config.reloader.status().is_healthy
    (config.path / "commands").unlink()
    (config.path / "commands").mkdir()
    config.write_commands(1)
    assert config.reloader.reload("api").outcome is APPLIED
    assert config.reloader.status().is_healthy


def test_b06_no_commands_folder_and_no_last_good_commands_is_a_valid_start(tmp_path: Path) -> None:
    config = Configured(tmp_path)
    (config.path / "commands").rmdir()
    config.write("settings.yaml", "")
    config.reloader.start()
    assert config.reloader.status().is_healthy
    config.write("settings.yaml", "log: {level: debug}\n")
    assert config.reloader.reload("api").outcome is APPLIED


def test_b06_another_file_system_is_held_and_an_empty_one_never_applied(config: Configured) -> None:
    from dataclasses import replace

    from cmdarr.config.tree import CommandsState, read_tree

    config.write("commands/c0.yaml", "kind: refresh\ndescription: new\n")
    tree = read_tree(config.path)
    elsewhere = replace(tree, devices=(tree.devices[0], tree.devices[1] + 1))
    assert config.reloader.apply(elsewhere, "files changed").outcome is HELD
    config.clock.advance(10)
    assert config.reloader.apply(elsewhere, "files changed").outcome is APPLIED
    files = {"settings.yaml": tree.files["settings.yaml"]}
    unmounted = replace(tree, files=files, commands_state=CommandsState.EMPTY)
    for _ in range(3):
        assert config.reloader.apply(unmounted, "files changed").outcome is HELD
        config.clock.advance(600)
    assert len(config.commands) == 4


def test_b06_another_file_system_with_the_same_files_is_taken_at_once(config: Configured) -> None:
    from dataclasses import replace

    from cmdarr.config.tree import read_tree

    tree = read_tree(config.path)
    elsewhere = replace(tree, devices=(7, 7))
    assert not config.reloader.is_current(elsewhere)
    assert config.reloader.apply(elsewhere, "files changed").outcome is UNCHANGED
    assert config.reloader.is_current(elsewhere)
