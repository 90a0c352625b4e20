"""Events: told to everyone who watches, caught up on after a break, and never waited for."""

import http.client
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from fakes_engine import NOON, FakeClock
from fakes_web import WAITING, Waiting, WebRoom, make_room, wait_until

from cmdarr.app.event_board import MOST_WATCHERS, REMEMBERED, EventBoard
from cmdarr.models.clock import SystemClock
from cmdarr.models.execution import Execution, Status, Trigger


class Stream:
    """An open event stream that is read in a thread."""

    def __init__(self, room: WebRoom, path: str = "/api/events", **headers: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", room.port, timeout=30)
        self.connection.request("GET", path, headers=headers)
        self.answer = self.connection.getresponse()
        self.events: list[tuple[str, str, Any]] = []
        self.is_over = False
        self.thread = threading.Thread(target=self._read)
        self.thread.start()

    def kinds(self) -> list[str]:
        return [kind for _, kind, _ in self.events]

    def wait_for(self, kind: str) -> Any:
        wait_until(lambda: kind in self.kinds())
        return next(data for _, found, data in self.events if found == kind)

    def close(self) -> None:
        if self.connection.sock is not None:
            self.connection.sock.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.answer.close()
        self.connection.close()

    def _read(self) -> None:
        number = kind = ""
        try:
            for line in self.answer:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "id":
                    number = value
                elif name == "event":
                    kind = value
                elif name == "data":
                    self.events.append((number, kind, json.loads(value)))
        except (OSError, ValueError, http.client.HTTPException):
            pass
        self.is_over = True


@contextmanager
def streaming(room: WebRoom, path: str = "/api/events", **headers: str) -> Iterator[Stream]:
    stream = Stream(room, path, **headers)
    try:
        yield stream
    finally:
        stream.close()


def run(room: WebRoom, name: str = "waits") -> int:
    return int(room.post(f"/api/commands/{name}/run", body={}).json()["id"])


def test_what_happens_between_a_page_and_its_stream_is_not_missed(room: WebRoom) -> None:
    found = re.search(r'data-events="([^"]+)"', room.get("/").text)
    assert found
    number = run(room)
    assert Waiting.entered.wait(20)
    with streaming(room, found.group(1)) as stream:
        assert stream.wait_for("run_started")["id"] == number
    last = room.control.board.last_id
    with streaming(room, found.group(1), **{"Last-Event-ID": last}) as stream:  # a reconnect knows better
        Waiting.let_go.set()
        stream.wait_for("run_finished")
        assert "run_started" not in stream.kinds()


def test_a_run_is_followed_from_the_queue_to_its_end(room: WebRoom) -> None:
    with streaming(room) as stream:
        assert stream.answer.getheader("content-type") == "text/event-stream; charset=utf-8"
        number = run(room)
        assert stream.wait_for("run_progress") == {
            "id": number, "command": "waits", "step": "counting tracks", "done": 0, "total": 10,
        }  # fmt: skip
        Waiting.let_go.set()
        assert stream.wait_for("run_finished")["status"] == "succeeded"
        assert [kind for kind in stream.kinds() if kind != "run_progress"] == [
            "run_queued", "run_started", "run_finished",
        ]  # fmt: skip


def test_reloads_and_resets_are_told(room: WebRoom) -> None:
    room.control.daemon._watcher.stop()
    with streaming(room) as stream:
        room.write("commands/more.yaml", WAITING)
        room.post("/api/config/reload")
        assert stream.wait_for("config_reloaded")["commands"] == ["more"]
        room.write("commands/more.yaml", "kind: waiting\nbogus: 1\n")
        room.post("/api/config/reload")
        assert stream.wait_for("config_rejected")["errors"] == 1
        room.post("/api/cache/reset", body={})
        assert stream.wait_for("cache_reset") == {"source": None}


def test_who_comes_back_gets_what_was_missed(room: WebRoom) -> None:
    Waiting.let_go.set()
    with streaming(room) as stream:
        room.wait_for_run(run(room))
        stream.wait_for("run_finished")
        seen = next(event[0] for event in stream.events if event[1] == "run_queued")
        every = [event[0] for event in stream.events]
    with streaming(room, **{"Last-Event-ID": seen}) as again:
        wait_until(lambda: "run_finished" in again.kinds())
        assert [event[0] for event in again.events] == every[every.index(seen) + 1 :]


def test_who_missed_too_much_is_told_to_ask_again(room: WebRoom) -> None:
    with streaming(room, **{"Last-Event-ID": "another-process-7"}) as stream:
        stream.wait_for("resync")


def test_a_stop_ends_the_streams_at_once(tmp_path: Path) -> None:
    with make_room(tmp_path).serve() as room:
        stream = Stream(room)
        begun = time.monotonic()
        room.server.stop()
        stream.thread.join()
        assert time.monotonic() - begun < 1.5
        stream.close()


def test_a_client_that_reads_nothing_is_dropped_and_holds_nobody(room: WebRoom) -> None:
    """Its receive buffer is tiny and never read; events go on to others without a wait."""
    lazy = socket.socket()
    lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    lazy.connect(("127.0.0.1", room.port))
    lazy.sendall(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    board = room.control.board
    wait_until(lambda: board._watches)
    slowest = 0.0
    for number in range(20_000):
        begun = time.perf_counter()
        board.publish("cache_reset", {"source": f"{number:0200}"})
        slowest = max(slowest, time.perf_counter() - begun)
        if not board._watches:
            break
    assert slowest < 0.5
    wait_until(lambda: not board._watches)
    assert room.get("/api/version").status == 200
    lazy.close()


def test_streams_have_a_bound(room: WebRoom) -> None:
    watches = [room.control.board.watch(lambda: None) for _ in range(MOST_WATCHERS)]
    answer = room.get("/api/events")
    assert answer.status == 503
    assert answer.headers["retry-after"]
    assert None not in watches


def execution(number: int = 1) -> Execution:
    return Execution(
        id=number,
        command="x",
        kind="probe",
        status=Status.RUNNING,
        trigger=Trigger.API,
        dry_run=False,
        queued_at=NOON,
    )


def test_progress_is_told_a_few_times_a_second_at_most_and_the_newest_is_known() -> None:
    clock = FakeClock()
    board = EventBoard(clock, str)
    found = board.watch(lambda: None)
    assert found is not None
    for done in range(1001):
        board.progress(execution(), "step", done, 1000)
        clock.advance(timedelta(milliseconds=1))
    told = [event.data["done"] for event in found[0].take()]
    assert told[0] == 0
    assert told[-1] == 1000
    assert len(told) < 8
    progress = board.progress_of(1)
    assert progress is not None
    assert progress.done == 1000
    board.run_finished(execution())
    assert board.progress_of(1) is None


def test_the_memory_of_the_board_is_bounded() -> None:
    board = EventBoard(SystemClock(), str)
    first = board.watch(lambda: None)
    assert first is not None
    board.publish("cache_reset", {})
    oldest = first[0].take()[0].id
    for _ in range(2 * REMEMBERED + 1):
        board.publish("cache_reset", {})
    assert first[0].is_over
    taken = first[0].take()
    assert len(taken) == 2 * REMEMBERED
    again = board.watch(lambda: None, after=taken[REMEMBERED + 1].id)
    assert again is not None
    assert (again[1], len(again[0].take())) == (True, REMEMBERED - 1)
    lost = board.watch(lambda: None, after=oldest)
    assert lost is not None
    assert lost[1] is False


def test_secrets_are_masked_in_events() -> None:
    board = EventBoard(SystemClock(), lambda text: text.replace("secret", "•••"))
    found = board.watch(lambda: None)
    assert found is not None
    from dataclasses import replace

    board.run_finished(replace(execution(), summary="the secret is out", error="secret"))
    data = found[0].take()[0].data
    assert (data["summary"], data["error"]) == ("the ••• is out", "•••")
