"""The executor: one outcome for each way to end, a bound that holds, no command twice, and a stop that stops."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes_engine import (
    Body,
    FakeClock,
    Gate,
    MemoryHistory,
    Probe,
    RecordingListener,
    make_entry,
    make_snapshot,
    succeed,
)

from cmdarr.config.snapshot import CommandState, Snapshot
from cmdarr.engine.command import Run
from cmdarr.engine.executor import STUBBORN_AFTER_S, Executor, Stopping
from cmdarr.engine.launch import Launcher
from cmdarr.engine.lock import CommandLocks
from cmdarr.engine.ports import Listener
from cmdarr.engine.request import RunRequest
from cmdarr.errors import (
    CmdarrError,
    CommandError,
    ConfigError,
    NothingFound,
    RunCancelled,
    RunHeld,
    ServiceUnavailable,
    StoreUnavailable,
)
from cmdarr.models.cancel import CancelToken
from cmdarr.models.clock import Clock, SystemClock
from cmdarr.models.execution import Execution, Outcome, Status, Trigger

SECRET = "hunter2-token"
PATIENCE_S = 10.0


class Bench:
    """An executor over a history in memory; `bodies` says what each command does."""

    def __init__(
        self,
        folder: Path,
        bodies: dict[str, Body] | None = None,
        *,
        listeners: tuple[Listener, ...] = (),
        clock: Clock | None = None,
        history: MemoryHistory | None = None,
        max_parallel: int = 2,
        **options: Any,
    ) -> None:
        self.bodies = bodies or {"x": succeed}
        self.snapshot = make_snapshot(
            *(make_entry(name, **options) for name in self.bodies),
            secrets=(SECRET,),
            max_parallel=max_parallel,
        )
        self.history = history or MemoryHistory()
        self.clock = clock or SystemClock()
        self.threads_ended: list[str] = []
        launcher = Launcher(
            history=self.history,
            locks=CommandLocks(folder / "locks"),
            build=lambda kind, snapshot: Probe(self._dispatch),
            clock=self.clock,
            listeners=listeners,
        )
        self.executor = Executor(
            launcher,
            clock=self.clock,
            max_parallel=max_parallel,
            thread_ends=lambda: self.threads_ended.append(threading.current_thread().name),
        )

    def _dispatch(self, run: Run[Any]) -> Outcome:
        return self.bodies[run.name](run)

    def request(self, command: str = "x", **changes: Any) -> RunRequest:
        return RunRequest(
            **{"command": command, "trigger": Trigger.MANUAL, "snapshot": self.snapshot, **changes}
        )

    def submit(self, command: str = "x", **changes: Any) -> int:
        return self.executor.submit(self.request(command, **changes))

    def run(self, command: str = "x", **changes: Any) -> Execution:
        """Submit, wait for the end, and return the record."""
        execution_id = self.submit(command, **changes)
        self.settle()
        return self.history.rows[execution_id]

    def settle(self) -> None:
        assert self.executor.wait_idle(timedelta(seconds=PATIENCE_S))


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


def raising(error: BaseException) -> Body:
    def body(run: Run[Any]) -> Outcome:
        raise error

    return body


def test_a_run_goes_from_queued_over_running_to_its_outcome(tmp_path: Path) -> None:
    listener = RecordingListener()

    def body(run: Run[Any]) -> Outcome:
        assert bench.history.rows[run.execution_id].status is Status.RUNNING
        return Outcome(status=Status.SUCCEEDED, summary="3 added", result={"added": 3}, changes=3)

    bench = Bench(tmp_path, {"x": body}, listeners=(listener,))
    done = bench.run(dry_run=True)
    assert (done.status, done.summary, done.result, done.changes) == (
        Status.SUCCEEDED,
        "3 added",
        {"added": 3},
        3,
    )
    assert done.generation == "g1"
    assert done.document == bench.snapshot.commands["x"].document
    assert done.dry_run
    assert done.started_at is not None
    assert done.finished_at is not None
    assert listener.told == [("queued", "x"), ("started", "x"), ("finished", "x")]
    assert listener.finished == [done]


def test_a_command_gets_what_was_asked_and_the_snapshot_of_the_request(tmp_path: Path) -> None:
    seen: list[Run[Any]] = []

    def body(run: Run[Any]) -> Outcome:
        seen.append(run)
        return succeed(run)

    bench = Bench(tmp_path, {"x": body})
    done = bench.run(dry_run=True, accept_removals=True)
    (run,) = seen
    assert (run.name, run.execution_id, run.dry_run, run.accept_removals) == ("x", done.id, True, True)
    assert run.snapshot is bench.snapshot
    assert run.options is bench.snapshot.commands["x"].options


@pytest.mark.parametrize(
    ("error", "status", "sentence", "error_class"),
    [
        (
            RunHeld("it would remove 40 of 50 tracks."),
            Status.HELD,
            "it would remove 40 of 50 tracks.",
            "RunHeld",
        ),
        (RunCancelled("enough."), Status.CANCELLED, "enough.", "RunCancelled"),
        (ServiceUnavailable("plex", "it is down."), Status.FAILED, "plex: it is down.", "ServiceUnavailable"),
        (
            KeyError("artist"),
            Status.FAILED,
            "an unexpected KeyError stopped the run; the log has its traceback at level debug.",
            "KeyError",
        ),
        (
            SystemExit(3),
            Status.FAILED,
            "an unexpected SystemExit stopped the run; the log has its traceback at level debug.",
            "SystemExit",
        ),
    ],
)
def test_each_class_of_exception_becomes_one_status_and_one_sentence(
    tmp_path: Path, error: BaseException, status: Status, sentence: str, error_class: str
) -> None:
    done = Bench(tmp_path, {"x": raising(error)}).run()
    assert (done.status, done.summary, done.error_class) == (status, sentence, error_class)
    assert done.error == (None if status is Status.HELD else sentence)


def test_each_end_of_a_run_is_one_line_of_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    done = Bench(tmp_path, {"x": raising(CommandError("the playlist is gone."))}).run()
    (line,) = [record for record in caplog.records if getattr(record, "action", "") == "run_finished"]
    assert line.levelno == logging.ERROR
    assert "x failed" in line.getMessage()
    assert "the playlist is gone." in line.getMessage()
    assert (vars(line)["run_id"], vars(line)["command"]) == (done.id, "x")


@pytest.mark.parametrize("error", [RuntimeError(f"token={SECRET}"), CommandError(f"{SECRET} was refused")])
def test_a_secret_in_an_exception_reaches_neither_record_nor_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    caplog.set_level(logging.DEBUG)

    error.__cause__ = ValueError(f"http://alice:{SECRET}@host/?apikey={SECRET}")
    done = Bench(tmp_path, {"x": raising(error)}).run()
    assert SECRET not in repr(done)
    assert SECRET not in caplog.text
    assert "Traceback" in caplog.text
    assert "ValueError" in caplog.text


def test_a_traceback_is_only_in_the_log_at_level_debug(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    done = Bench(tmp_path, {"x": raising(KeyError("artist"))}).run()
    assert "Traceback" not in caplog.text
    assert "Traceback" not in repr(done)


def test_a_secret_in_an_outcome_does_not_reach_the_record(tmp_path: Path) -> None:
    def body(run: Run[Any]) -> Outcome:
        result = {"targets": [{"url": f"x?{SECRET}", SECRET: ({SECRET},), "path": Path(SECRET), "n": 3}]}
        return Outcome(status=Status.FAILED, summary=f"s {SECRET}", error=f"e {SECRET}", result=result)

    done = Bench(tmp_path, {"x": body}).run()
    assert SECRET not in repr(done)
    assert done.result == {"targets": [{"url": "x?•••", "•••": [["•••"]], "path": "•••", "n": 3}]}


def test_a_command_that_returns_nonsense_fails(tmp_path: Path) -> None:
    def nothing(run: Run[Any]) -> Any:
        return None

    def running(run: Run[Any]) -> Outcome:
        return Outcome(status=Status.RUNNING, summary="")

    bench = Bench(tmp_path, {"x": nothing, "y": running})
    assert bench.run("x").status is Status.FAILED
    assert bench.run("y").status is Status.FAILED


def test_never_more_than_max_parallel_at_once_and_in_order(tmp_path: Path) -> None:
    lock, now, most, order = threading.Lock(), [0], [0], list[str]()

    def body(run: Run[Any]) -> Outcome:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
            order.append(run.name)
        time.sleep(0.003)
        with lock:
            now[0] -= 1
        return succeed(run)

    names = [f"c{number:02}" for number in range(24)]
    bench = Bench(tmp_path, dict.fromkeys(names, body), max_parallel=3)
    for name in names:
        bench.submit(name)
    bench.settle()
    assert most[0] == 3
    assert sorted(order) == names
    assert all(abs(names.index(name) - place) < 3 for place, name in enumerate(order))
    assert {row.status for row in bench.history.rows.values()} == {Status.SUCCEEDED}
    assert len(bench.threads_ended) == 24


def test_a_reload_changes_the_number_of_parallel_runs_at_once(tmp_path: Path) -> None:
    gates = {name: Gate() for name in ("a", "b", "c")}
    bench = Bench(tmp_path, dict(gates), max_parallel=1)
    for name in gates:
        bench.submit(name)
    assert gates["a"].entered.wait(PATIENCE_S)
    assert not gates["b"].entered.is_set()
    bench.executor.reload(with_parallel(bench.snapshot, 3))
    assert gates["b"].entered.wait(PATIENCE_S)
    assert gates["c"].entered.wait(PATIENCE_S)
    for gate in gates.values():
        gate.opened.set()
    bench.settle()


def test_a_reload_to_fewer_lets_the_running_ones_end(tmp_path: Path) -> None:
    gates = {name: Gate() for name in ("a", "b", "c")}
    bench = Bench(tmp_path, dict(gates), max_parallel=2)
    for name in gates:
        bench.submit(name)
    wait_for(lambda: gates["a"].entered.is_set() and gates["b"].entered.is_set())
    bench.executor.reload(with_parallel(bench.snapshot, 1))
    gates["a"].opened.set()
    wait_for(lambda: not bench.executor.is_active("a"))
    assert not gates["c"].entered.is_set()
    gates["b"].opened.set()
    assert gates["c"].entered.wait(PATIENCE_S)
    gates["c"].opened.set()
    bench.settle()


def with_parallel(snapshot: Snapshot, number: int) -> Snapshot:
    return make_snapshot(*snapshot.commands.values(), max_parallel=number)


def test_a_command_never_runs_twice_at_once(tmp_path: Path) -> None:
    gate = Gate()
    bench = Bench(tmp_path, {"x": gate})
    first = bench.submit()
    assert gate.entered.wait(PATIENCE_S)
    second = bench.submit()
    row = bench.history.rows[second]
    assert (row.status, row.started_at, row.error) == (Status.SKIPPED, None, None)
    assert row.summary == f"already running: execution {first} of it is running."
    gate.opened.set()
    bench.settle()
    assert bench.history.rows[first].status is Status.SUCCEEDED
    assert bench.run().status is Status.SUCCEEDED


def test_a_command_is_not_queued_twice(tmp_path: Path) -> None:
    gate = Gate()
    bench = Bench(tmp_path, {"a": gate, "x": succeed}, max_parallel=1)
    bench.submit("a")
    first = bench.submit("x")
    second = bench.submit("x")
    assert bench.history.rows[second].summary == f"already running: execution {first} of it waits."
    gate.opened.set()
    bench.settle()
    assert [row.status for row in bench.history.of("x")] == [Status.SUCCEEDED, Status.SKIPPED]


def test_due_times_that_fall_into_one_run_are_recorded_once(tmp_path: Path) -> None:
    gate = Gate()
    bench = Bench(tmp_path, {"x": gate})
    bench.submit(trigger=Trigger.SCHEDULE)
    skips = {bench.submit(trigger=Trigger.SCHEDULE) for _ in range(5)}
    assert len(skips) == 1
    assert len(bench.history.rows) == 2
    gate.opened.set()
    bench.settle()
    bench.bodies["x"] = gate = Gate()
    bench.submit(trigger=Trigger.SCHEDULE)
    bench.submit(trigger=Trigger.SCHEDULE)
    assert len(bench.history.rows) == 4
    gate.opened.set()
    bench.settle()


def test_a_run_in_another_process_keeps_this_one_from_starting(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    with CommandLocks(tmp_path / "locks").hold("x"):
        done = bench.run()
    assert (done.status, done.started_at) == (Status.SKIPPED, None)
    assert done.summary == "already running in another process."
    assert (done.error, done.error_class) == (None, None)
    assert bench.run().status is Status.SUCCEEDED


def test_many_threads_submitting_one_command_start_it_once(tmp_path: Path) -> None:
    class SlowHistory(MemoryHistory):
        def queue(self, **values: Any) -> int:
            time.sleep(0.002)
            return super().queue(**values)

    gate = Gate()
    bench = Bench(tmp_path, {"x": gate}, history=SlowHistory())
    threads = [threading.Thread(target=bench.submit) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = [row.status for row in bench.history.rows.values()]
    assert statuses.count(Status.SKIPPED) == 15
    gate.opened.set()
    bench.settle()


def test_cancel_stops_a_running_run_and_the_record_says_so(tmp_path: Path) -> None:
    gate = Gate()
    bench = Bench(tmp_path, {"x": gate})
    execution_id = bench.submit()
    assert gate.entered.wait(PATIENCE_S)
    assert bench.executor.cancel(execution_id)
    bench.settle()
    row = bench.history.rows[execution_id]
    assert (row.status, row.error) == (Status.CANCELLED, "the run was cancelled.")


def test_cancel_takes_a_waiting_run_out_of_the_queue(tmp_path: Path) -> None:
    gate = Gate()
    bench = Bench(tmp_path, {"a": gate, "x": raising(AssertionError("it must not start"))}, max_parallel=1)
    bench.submit("a")
    waiting = bench.submit("x")
    assert bench.executor.cancel(waiting, RunCancelled("not now."))
    row = bench.history.rows[waiting]
    assert (row.status, row.started_at, row.error) == (Status.CANCELLED, None, "not now.")
    assert not bench.executor.is_active("x")
    gate.opened.set()
    bench.settle()
    bench.executor.reload(bench.snapshot)
    bench.settle()
    assert bench.history.rows[waiting] == row


def test_cancel_of_a_run_that_is_over_or_unknown_says_so(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    done = bench.run()
    assert not bench.executor.cancel(done.id)
    assert not bench.executor.cancel(99)


def test_the_time_limit_stops_the_work_and_the_record_says_so(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {"x": Gate()}, time_limit=timedelta(seconds=0.05))
    done = bench.run()
    assert (done.status, done.error_class) == (Status.CANCELLED, "TimeLimitReached")
    assert done.error == "the time limit of 0.05s was reached."


def test_a_run_within_its_time_limit_is_left_alone(tmp_path: Path) -> None:
    bench = Bench(tmp_path, time_limit=timedelta(minutes=30))
    assert bench.run().status is Status.SUCCEEDED
    assert not [
        thread for thread in threading.enumerate() if thread.name == "time limit of x" and wait_dead(thread)
    ]


def wait_dead(thread: threading.Thread) -> bool:
    thread.join(PATIENCE_S)
    return thread.is_alive()


def test_a_run_that_ignores_its_cancel_is_reported_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    entered, let_go = threading.Event(), threading.Event()

    def deaf(run: Run[Any]) -> Outcome:
        entered.set()
        let_go.wait(PATIENCE_S)
        return succeed(run)

    clock = FakeClock()
    bench = Bench(tmp_path, {"x": deaf}, clock=clock)
    execution_id = bench.submit()
    assert entered.wait(PATIENCE_S)
    bench.executor.cancel(execution_id)
    bench.executor.report_stubborn()
    assert bench.executor.problem() is None
    clock.advance(timedelta(seconds=STUBBORN_AFTER_S))
    bench.executor.report_stubborn()
    bench.executor.report_stubborn()
    sentence = f"x (execution {execution_id}) was asked to stop and still runs."
    assert bench.executor.problem() == sentence
    assert caplog.messages.count(sentence) == 1
    let_go.set()
    bench.settle()
    assert bench.executor.problem() is None
    assert bench.history.rows[execution_id].status is Status.SUCCEEDED  # it did all its work


class BrokenListener(RecordingListener):
    def run_queued(self, execution: Execution) -> None:
        raise RuntimeError("queued")

    def run_started(self, execution: Execution) -> None:
        raise RuntimeError("started")

    def progress(self, execution: Execution, step: str, done: int, total: int | None) -> None:
        raise RuntimeError("progress")

    def run_finished(self, execution: Execution) -> None:
        raise RuntimeError("finished")


def reporting(run: Run[Any]) -> Outcome:
    run.progress.step(f"reading with {SECRET}", 3)
    run.progress.advance(2)
    run.progress.advance()
    return succeed(run)


def test_a_listener_that_fails_breaks_neither_the_run_nor_the_other_listeners(tmp_path: Path) -> None:
    good = RecordingListener()
    bench = Bench(tmp_path, {"x": reporting}, listeners=(BrokenListener(), good))
    assert bench.run().status is Status.SUCCEEDED
    assert good.told == [("queued", "x"), ("started", "x"), ("finished", "x")]


def test_progress_reaches_listeners_with_its_count_and_without_secrets(tmp_path: Path) -> None:
    listener = RecordingListener()
    Bench(tmp_path, {"x": reporting}, listeners=(listener,)).run()
    text = "reading with •••"
    assert listener.steps == [(text, 0, 3), (text, 2, 3), (text, 3, 3)]


def test_run_now_runs_here_with_progress_and_returns_the_record(tmp_path: Path) -> None:
    steps: list[str] = []

    class Steps:
        def step(self, text: str, total: int | None = None) -> None:
            steps.append(text)

        def advance(self, count: int = 1) -> None:
            raise BrokenPipeError

    def body(run: Run[Any]) -> Outcome:
        assert threading.current_thread() is threading.main_thread()
        return reporting(run)

    bench = Bench(tmp_path, {"x": body})
    done = bench.executor.run_now(bench.request(), progress=Steps())
    assert done == bench.history.rows[done.id]
    assert done.status is Status.SUCCEEDED
    assert steps == ["reading with •••"]


def test_run_now_ends_when_its_token_is_cancelled(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {"x": Gate()})
    token = CancelToken()
    threading.Timer(0.02, token.cancel).start()
    done = bench.executor.run_now(bench.request(), cancel=token)
    assert done.status is Status.CANCELLED


def test_run_now_with_a_cancelled_token_starts_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {"x": raising(AssertionError("it must not start"))})
    token = CancelToken()
    token.cancel()
    done = bench.executor.run_now(bench.request(), cancel=token)
    assert (done.status, done.started_at) == (Status.CANCELLED, None)


def test_run_now_records_a_keyboard_interrupt_and_passes_it_on(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {"x": raising(KeyboardInterrupt())})
    with pytest.raises(KeyboardInterrupt):
        bench.executor.run_now(bench.request())
    assert bench.history.rows[1].status is Status.CANCELLED
    assert bench.executor.active() == ()


def test_run_now_of_a_command_that_runs_is_skipped(tmp_path: Path) -> None:
    gate = Gate()
    bench = Bench(tmp_path, {"x": gate})
    bench.submit()
    done = bench.executor.run_now(bench.request())
    assert done.status is Status.SKIPPED
    gate.opened.set()
    bench.settle()


@pytest.mark.parametrize(
    ("state", "options", "error", "sentence"),
    [
        (CommandState.BROKEN, {}, ConfigError, "x cannot run until commands/x.yaml is corrected."),
        (
            CommandState.UNAVAILABLE,
            {},
            CommandError,
            "x cannot run: this version of Cmdarr has no kind 'probe'.",
        ),
        (
            CommandState.EXPIRED,
            {"expires": "2026-01-31"},
            CommandError,
            "x expired on 2026-01-31; change `expires` in commands/x.yaml to run it again.",
        ),
    ],
)
def test_a_command_that_cannot_run_is_refused_with_its_reason(
    tmp_path: Path, state: CommandState, options: dict[str, Any], error: type[CmdarrError], sentence: str
) -> None:
    bench = Bench(tmp_path)
    bench.snapshot = make_snapshot(make_entry("x", state=state, **options))
    with pytest.raises(error) as caught:
        bench.submit()
    assert str(caught.value) == sentence
    assert bench.history.rows == {}


def test_a_command_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NothingFound, match="no command 'y'"):
        Bench(tmp_path).submit("y")


def test_a_disabled_command_may_be_run_by_hand(tmp_path: Path) -> None:
    assert Bench(tmp_path, enabled=False).run().status is Status.SUCCEEDED


@pytest.mark.parametrize(
    ("trigger", "status"), [(Trigger.SCHEDULE, Status.SKIPPED), (Trigger.API, Status.SUCCEEDED)]
)
def test_a_scheduled_run_that_was_disabled_while_it_waited_does_not_start(
    tmp_path: Path, trigger: Trigger, status: Status
) -> None:
    gate = Gate()
    bench = Bench(tmp_path, {"a": gate, "x": succeed}, max_parallel=1)
    bench.submit("a")
    waiting = bench.submit("x", trigger=trigger)
    bench.executor.reload(make_snapshot(make_entry("x", enabled=False), max_parallel=1))
    gate.opened.set()
    bench.settle()
    assert bench.history.rows[waiting].status is status


def test_a_run_that_cannot_be_recorded_does_not_happen(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {"x": raising(AssertionError("it must not start"))})
    bench.history.is_down = True
    with pytest.raises(StoreUnavailable):
        bench.submit()
    assert bench.executor.active() == ()


def test_a_run_whose_start_and_outcome_cannot_be_written_is_told_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    listener = RecordingListener()

    def body(run: Run[Any]) -> Outcome:
        bench.history.is_down = True
        return succeed(run)

    bench = Bench(tmp_path, {"x": body}, listeners=(listener,))
    bench.run()
    assert [execution.status for execution in listener.finished] == [Status.SUCCEEDED]
    assert "the outcome of x is not in the history: the disk is full." in caplog.messages


def test_stop_waits_for_runs_within_the_grace(tmp_path: Path) -> None:
    gate = Gate()
    bench = Bench(tmp_path, {"x": gate})
    execution_id = bench.submit()
    assert gate.entered.wait(PATIENCE_S)
    threading.Timer(0.05, gate.opened.set).start()
    assert bench.executor.stop(timedelta(seconds=PATIENCE_S)) == ()
    assert bench.history.rows[execution_id].status is Status.SUCCEEDED


def test_stop_cancels_what_outlasts_the_grace(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {"x": Gate()})
    execution_id = bench.submit()
    assert bench.executor.stop(timedelta(seconds=0.02)) == ()
    row = bench.history.rows[execution_id]
    assert (row.status, row.error) == (Status.CANCELLED, "Cmdarr was stopped.")


def test_stop_leaves_what_waits_as_queued_for_the_next_start(tmp_path: Path) -> None:
    gate = Gate()
    bench = Bench(tmp_path, {"a": gate, "x": raising(AssertionError("it must not start"))}, max_parallel=1)
    bench.submit("a")
    waiting = bench.submit("x")
    gate.opened.set()
    assert bench.executor.stop(timedelta(seconds=PATIENCE_S)) == ()
    assert bench.history.rows[waiting].status is Status.QUEUED


def test_nothing_starts_after_stop(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.executor.stop(timedelta())
    with pytest.raises(Stopping):
        bench.submit()


def test_stop_names_the_runs_that_do_not_stop(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    entered, let_go = threading.Event(), threading.Event()

    def deaf(run: Run[Any]) -> Outcome:
        entered.set()
        let_go.wait(PATIENCE_S)
        return succeed(run)

    bench = Bench(tmp_path, {"x": deaf})
    bench.submit()
    assert entered.wait(PATIENCE_S)
    assert bench.executor.stop(timedelta(), cancel_wait=timedelta(seconds=0.02)) == ("x",)
    assert "x does not stop; it is cut off." in caplog.messages
    let_go.set()
    bench.settle()


def test_a_second_signal_ends_the_waiting_of_a_stop(tmp_path: Path) -> None:
    gate = Gate()
    bench = Bench(tmp_path, {"x": gate})
    bench.submit()
    assert gate.entered.wait(PATIENCE_S)
    threading.Timer(0.05, bench.executor.stop_now).start()
    began = time.monotonic()
    bench.executor.stop(timedelta(minutes=5))
    assert time.monotonic() - began < 5
    gate.opened.set()


def test_no_thread_is_left_when_all_is_done(tmp_path: Path) -> None:
    bench = Bench(tmp_path, dict.fromkeys("abcdef", succeed))
    for name in "abcdef":
        bench.submit(name)
    bench.settle()
    wait_for(lambda: not [thread for thread in threading.enumerate() if thread.name.startswith("run ")])
