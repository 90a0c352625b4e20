"""`cmdarr run`: what runs, what it prints, and how it leaves."""

import os
import signal

import pytest
from fakes_cli import Installation

from cmdarr.cli.run_now import exit_code_of
from cmdarr.cli.stopping import cancel_on_signals
from cmdarr.engine.lock import CommandLocks
from cmdarr.errors import RunCancelled
from cmdarr.models.clock import SystemClock
from cmdarr.models.execution import Execution, Status, Trigger

NAME = "demo-favourites"
COMMAND = f"commands/{NAME}.yaml"
FIELDS = {
    "id", "command", "kind", "status", "dry_run", "started_at", "finished_at", "duration_s", "summary", "result",
    "error",
}  # fmt: skip
TARGET_FIELDS = {
    "server", "title", "playlist_id", "user", "matched", "unmatched", "added", "removed", "moved", "unchanged",
    "held", "writes",
}  # fmt: skip


def test_the_document_has_the_fields_that_are_promised(installed: Installation) -> None:
    (execution,) = installed.json("run", NAME, "--json")["executions"]
    assert set(execution) >= FIELDS
    assert execution["started_at"].endswith("Z")
    assert execution["result"]["source"] == {"title": "demo-favourites", "tracks": 12}
    (target,) = execution["result"]["targets"]
    assert set(target) == TARGET_FIELDS
    assert set(target["unmatched"][0]) == {"artist", "title", "album", "reason", "candidates"}
    assert installed.json("history", "--json")["executions"] == [execution]
    assert installed.json("history", "--json", "show", "1") == execution
    assert installed.json("history", "show", "1", "--json") == execution


def test_a_dry_run_with_changes_leaves_with_3_and_writes_nothing(installed: Installation) -> None:
    called = installed.call("run", NAME, "--dry-run")
    assert called.code == 3
    assert "+ The Paper Lanterns – Harbour Lights (to 1)" in called.out
    assert not list(installed.data.glob("playlists/*"))
    assert installed.call("run", NAME).code == 0
    assert installed.call("run", NAME, "--dry-run").code == 0


def test_a_held_run_leaves_with_75_until_it_is_accepted(installed: Installation) -> None:
    installed.call("run", NAME)
    source = installed.config / "playlists/demo-favourites.csv"
    source.write_text(
        "".join(source.read_text(encoding="utf-8").splitlines(keepends=True)[:3]), encoding="utf-8"
    )
    installed.write(COMMAND, (installed.config / COMMAND).read_text() + "max_removals: 1\n")
    held = installed.call("run", NAME)
    assert held.code == 75
    assert "--accept-removals" in held.out
    assert installed.call("run", NAME, "--accept-removals").code == 0


def test_a_failed_run_tells_its_error_on_stderr_once(installed: Installation) -> None:
    (installed.config / "playlists/demo-favourites.csv").unlink()
    called = installed.call("run", NAME)
    assert called.code == 1
    assert called.out.startswith(f"{NAME}: failed in ")
    (sentence,) = [line for line in called.err.splitlines() if "does not exist" in line]
    assert sentence.startswith(f"cmdarr: {NAME} failed: file: ")
    (execution,) = installed.json("run", NAME, "--json", code=1)["executions"]
    assert (execution["status"], execution["error"] in sentence) == ("failed", True)


def test_a_name_given_twice_runs_once(installed: Installation) -> None:
    assert len(installed.json("run", NAME, NAME, "--json")["executions"]) == 1


def test_nothing_runs_when_one_of_the_commands_cannot(installed: Installation) -> None:
    installed.write("commands/later.yaml", "kind: mood\n")
    installed.write("commands/over.yaml", (installed.config / COMMAND).read_text() + "expires: 2020-01-01\n")
    for name, code, text in (
        ("nobody", 2, f"the commands are {NAME}, later, over."),
        ("later", 1, "has no kind 'mood'"),
        ("over", 1, "expired on 2020-01-01"),
    ):
        document = installed.json("run", NAME, name, "--json", code=code)
        assert document["executions"] == []
        assert text in document["error"]["message"]
    assert installed.json("history", "--json") == {"executions": []}


def test_a_command_that_runs_elsewhere_is_skipped_with_75(installed: Installation) -> None:
    installed.call("run", NAME)
    with CommandLocks(installed.data / "locks").hold(NAME):
        (execution,) = installed.json("run", NAME, "--json", code=75)["executions"]
    assert (execution["status"], execution["summary"]) == ("skipped", "already running in another process.")


def test_a_command_that_is_disabled_may_be_run(installed: Installation) -> None:
    installed.write(COMMAND, (installed.config / COMMAND).read_text() + "enabled: false\n")
    assert installed.call("run", NAME).code == 0


def test_a_new_title_renames_the_playlist(installed: Installation) -> None:
    installed.call("run", NAME)
    text = (installed.config / COMMAND).read_text()
    installed.write(COMMAND, text.replace("title: Demo favourites", "title: Favourites"))
    planned = installed.call("run", NAME, "--dry-run")
    assert (planned.code, "renamed to “Favourites”" in planned.out) == (3, True)
    assert "renamed to “Favourites”" in installed.call("run", NAME).out
    assert [path.name for path in (installed.data / "playlists").glob("*.m3u8")] == ["Favourites.m3u8"]
    assert installed.call("run", NAME, "--dry-run").code == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_cancels_and_the_handlers_come_back(number: int) -> None:
    before = signal.getsignal(number)
    with cancel_on_signals() as cancel:
        os.kill(os.getpid(), number)
        with pytest.raises(RunCancelled):
            cancel.wait(20)
    assert signal.getsignal(number) is before


def ended(status: Status, error_class: str | None = None, *, changes: int = 0) -> Execution:
    return Execution(
        id=1,
        command="x",
        kind="k",
        status=status,
        trigger=Trigger.MANUAL,
        dry_run=bool(changes),
        queued_at=SystemClock().now(),
        error_class=error_class,
        changes=changes,
    )


GOOD, HELD = ended(Status.SUCCEEDED), ended(Status.HELD)
DOWN, WRONG = ended(Status.FAILED, "ServiceUnavailable"), ended(Status.FAILED, "PlaylistConflict")


@pytest.mark.parametrize(
    ("executions", "code"),
    [
        ([GOOD], 0),
        ([GOOD, ended(Status.SUCCEEDED, changes=3)], 3),
        ([HELD, GOOD], 75),
        ([DOWN, HELD, ended(Status.SKIPPED)], 75),
        ([DOWN, WRONG], 1),
        ([ended(Status.CANCELLED, "RunCancelled")], 1),
        ([ended(Status.FAILED, "no_such_class")], 1),
    ],
)
def test_exit_codes(executions: list[Execution], code: int) -> None:
    assert exit_code_of(executions) == code
