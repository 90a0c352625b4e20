"""The verbs for whoever operates a daemon: `health`, `notify-test`; and JSON lines that name their run."""

import json
import logging
import signal
import threading
from collections.abc import Iterator
from contextvars import copy_context
from pathlib import Path

import pytest
from fakes_cli import Installation
from fakes_engine import MemoryHistory, Probe, make_entry, make_snapshot, succeed
from fakes_http import Answer, serving
from forked import Forks, ForkServer, wait_for_text
from forked import serving as daemon_of
from program import free_port

from cmdarr.app.address import ADDRESS_FILE, remove_address, write_address
from cmdarr.cli.logs import log_to_stderr
from cmdarr.engine.executor import Executor
from cmdarr.engine.launch import Launcher
from cmdarr.engine.lock import CommandLocks
from cmdarr.engine.request import RunRequest
from cmdarr.models.clock import SystemClock
from cmdarr.models.execution import Outcome, Trigger
from cmdarr.models.run_context import present_run, working_for


def healthy(status: str = "ok", *reasons: str) -> Answer:
    return Answer(body=json.dumps({"status": status, "reasons": reasons}).encode())


def test_health_is_0_when_the_daemon_is_well_wherever_it_listens(installed: Installation) -> None:
    installed.data.mkdir(exist_ok=True)
    with serving(lambda _: healthy()) as server:
        port = server.url.rpartition(":")[2]
        for host in ("127.0.0.1", "0.0.0.0"):
            write_address(installed.data, f"http://{host}:{port}")
            assert installed.call("health").code == 0
        assert [seen.path for seen in server.seen] == ["/health", "/health"]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (healthy("failing", "config.db is damaged."), "config.db is damaged."),
        (healthy("failing"), "the daemon says failing."),
        (Answer(body=b"<html>"), "does not answer"),
        (Answer(body=b"[]"), "does not answer"),
    ],
)
def test_health_is_1_with_the_reasons_else(installed: Installation, answer: Answer, says: str) -> None:
    installed.data.mkdir(exist_ok=True)
    with serving(lambda _: answer) as server:
        write_address(installed.data, server.url)
        called = installed.call("health")
    assert called.code == 1 and says in called.out


def test_health_without_a_daemon_or_after_its_crash_is_1(installed: Installation) -> None:
    assert "no daemon runs over" in installed.call("health").out
    installed.data.mkdir(exist_ok=True)
    write_address(installed.data, f"http://127.0.0.1:{free_port()}")
    called = installed.call("health")
    assert called.code == 1 and "look into its log" in called.out
    remove_address(installed.data)
    remove_address(installed.data)
    assert not (installed.data / ADDRESS_FILE).exists()


def test_an_address_that_cannot_be_written_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_address(tmp_path / "none", "http://127.0.0.1:1")
    assert "`cmdarr health` will not find this daemon" in caplog.text


def test_notify_test_says_how_each_url_took_it(installed: Installation) -> None:
    settings = installed.config / "settings.yaml"
    before = settings.read_text()
    called = installed.call("notify-test")
    assert called.code == 2 and "add one to `notifications.urls`" in called.err
    with serving(lambda _: Answer()) as good, serving(lambda _: Answer(status=401)) as bad:
        urls = [f"json://{server.url.removeprefix('http://')}/s3cr3t" for server in (good, bad)]
        settings.write_text(f"{before}\nnotifications: {{urls: {json.dumps(urls)}}}\n")
        called = installed.call("notify-test")
        document = installed.json("notify-test", "--json", code=1)
    assert called.code == 1
    assert called.out.splitlines()[0] == "`notifications.urls.0` (json): sent."
    assert "status 401" in called.out and "s3cr3t" not in called.out + called.err
    assert [answer["error"] is None for answer in document["urls"]] == [True, False]


@pytest.fixture
def json_log(capsys: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield capsys
    root.handlers[:], root.level = handlers, level
    logging.raiseExceptions = True


def lines(capture: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capture.readouterr().err.splitlines()]


def test_every_json_line_of_a_run_names_it_whoever_writes_it(
    tmp_path: Path, json_log: pytest.CaptureFixture[str]
) -> None:
    log_to_stderr(level="debug", form="json")
    client = logging.getLogger("cmdarr.transport.session")

    def body(run: object) -> Outcome:
        client.info("lastfm: is tried again in 3 s")
        helper = threading.Thread(target=copy_context().run, args=(client.info, "from a thread of a client"))
        helper.start()
        helper.join()
        return succeed(run)  # type: ignore[arg-type]  # it takes any run

    launcher = Launcher(
        history=MemoryHistory(),
        locks=CommandLocks(tmp_path),
        build=lambda _kind, _snapshot: Probe(body),
        clock=SystemClock(),
    )
    executor = Executor(launcher, clock=SystemClock())
    snapshot = make_snapshot(make_entry("friday"))
    executor.run_now(RunRequest(command="friday", trigger=Trigger.API, snapshot=snapshot))
    client.info("outside")
    *of_run, outside = lines(json_log)
    assert len(of_run) == 4  # started, the two of the client, finished
    assert {(line["run_id"], line["command"]) for line in of_run} == {(1, "friday")}
    assert "run_id" not in outside


def test_a_line_that_names_its_run_itself_is_believed(json_log: pytest.CaptureFixture[str]) -> None:
    log_to_stderr(level="debug", form="json")
    with working_for(3, "friday"), working_for(4, "monday"):
        logging.getLogger("x").info("of another", extra={"run_id": 9})
    assert present_run() is None
    (line,) = lines(json_log)
    assert (line["run_id"], line["command"]) == (9, "monday")


@pytest.mark.e2e
def test_the_real_daemon_is_found_behind_its_base_path_and_forgotten_at_its_end(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    with Forks(tmp_path, fork_server) as forks:
        assert forks.run("config", "init").returncode == 0
        settings = (forks.config / "settings.yaml").read_text()
        web = f"web: {{port: {free_port()}, base_path: /cmdarr}}\nlog: {{format: json, level: debug}}\n"
        forks.write("settings.yaml", f"{settings}\n{web}")
        with daemon_of(forks) as daemon:
            wait_for_text(daemon, "demo-favourites succeeded")
            called = forks.run("health")
            assert (called.returncode, called.stdout) == (0, "ok\n")
            forks.write("settings.yaml", "nonsense: [")  # the file that is broken by now does not matter
            assert forks.run("health").returncode == 0
            daemon.send_signal(signal.SIGTERM)
            assert daemon.wait() == 0
        assert not (forks.data / ADDRESS_FILE).exists()
        assert forks.run("health").returncode == 1
        written = [json.loads(line) for line in daemon.stderr.splitlines()]
    of_run = [line for line in written if line["message"].startswith("demo-favourites")]
    assert of_run and all(line["run_id"] for line in of_run)
