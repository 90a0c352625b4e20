"""`/metrics`: who may read it, that Prometheus can, and that the figures are those of the daemon."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes_web import API_KEY, PROTECTED, REFRESH, Answer, WebRoom, make_room, wait_until
from prometheus_client import parser
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.samples import Sample

from cmdarr.models.execution import Status, Trigger
from cmdarr.models.playlist import HeldChange

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
read_strictly: Callable[[str], Iterator[Metric]] = openmetrics.text_string_to_metric_families
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def samples(answer: Answer) -> list[Sample]:
    assert answer.status == 200
    families = parser.text_string_to_metric_families(answer.text)
    return [one for family in families for one in family.samples]


def scrape(room: WebRoom) -> list[Sample]:
    return samples(room.get("/metrics"))


def value(found: list[Sample], name: str, **labels: str) -> float:
    (one,) = [
        sample.value for sample in found if sample.name == name and labels.items() <= sample.labels.items()
    ]
    return one


def names(found: list[Sample], name: str) -> list[dict[str, str]]:
    return [dict(sample.labels) for sample in found if sample.name == name]


def run(room: WebRoom, name: str, **body: object) -> None:
    answer = room.post(f"/api/commands/{name}/run", body=body)
    assert answer.status == 202, answer.text
    room.wait_for_run(answer.json()["id"])


def record(room: WebRoom, command: str, status: Status, result: dict[str, object]) -> None:
    """Put a finished run into the history, as one of a process before would be."""
    with room.control.inside():
        history = room.control.store.history
        number = history.queue(
            command=command, kind="playlist_sync", trigger=Trigger.SCHEDULE, dry_run=False, generation="",
            document="{}", queued_at=NOON,
        )  # fmt: skip
        history.start(number, NOON)
        history.finish(
            number, status, NOON + timedelta(seconds=2), summary="", result=result, changes=0, error=None,
            error_class=None,
        )  # fmt: skip


def target(title: str, matched: int, unmatched: int, *, user: str | None = None) -> dict[str, object]:
    return {"server": "plex", "user": user, "title": title, "matched": matched, "unmatched": [{}] * unmatched}


def test_it_needs_the_login_of_the_api_unless_the_settings_say_it_is_public(guarded: WebRoom) -> None:
    assert guarded.get("/metrics").status == 401
    assert guarded.get("/metrics", headers={"X-API-Key": "wrong"}).status == 401
    assert guarded.get("/metrics", headers={"Authorization": f"Bearer {API_KEY}"}).status == 200
    guarded.log_in()
    assert guarded.get("/metrics").status == 200
    guarded.jar.clear()


def test_public_metrics_answer_without_a_login(tmp_path: Path) -> None:
    with make_room(tmp_path, PROTECTED.replace("web: {", "web: {public_metrics: true, ")).serve() as room:
        assert room.get("/metrics").status == 200
        assert room.get("/api/commands").status == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_it_is_only_read(shared: WebRoom, method: str) -> None:
    assert shared.ask(method, "/metrics", headers={"Origin": shared.url}).status == 405


def test_both_forms_of_the_text_can_be_read(shared: WebRoom) -> None:
    plain = shared.get("/metrics")
    assert plain.headers["content-type"].startswith("text/plain; version=")
    strict = shared.get("/metrics", headers={"Accept": OPENMETRICS})
    assert strict.headers["content-type"].startswith("application/openmetrics-text")
    families = list(read_strictly(strict.text))
    assert {family.name for family in families} >= {"cmdarr_build", "cmdarr_runs", "process_cpu_seconds"}


def test_names_units_and_helps_are_as_prometheus_wants_them(shared: WebRoom) -> None:
    text = shared.get("/metrics", headers={"Accept": OPENMETRICS}).text
    families = [family for family in read_strictly(text) if family.name.startswith("cmdarr_")]
    assert len(families) >= 25
    for family in families:
        assert re.fullmatch(r"[a-z][a-z0-9_]+[a-z0-9]", family.name)
        assert family.documentation.endswith(".")
        assert not re.search(r"_(ms|milliseconds|minutes|kb|mb|percent|count|sum|bucket)$", family.name)
        if family.type == "counter":
            assert all(sample.name.endswith("_total") for sample in family.samples)
        if family.type == "gauge":
            assert not family.name.endswith("_total")


def test_runs_are_counted_by_command_kind_and_status(music: WebRoom) -> None:
    room = music
    run(room, "refresh")
    run(room, "refresh")
    run(room, "refresh", dry_run=True)
    found = scrape(room)
    labels = {"command": "refresh", "kind": "library_refresh", "status": "succeeded"}
    assert value(found, "cmdarr_runs_total", **labels) == 2
    assert value(found, "cmdarr_runs_total", command="refresh", status="failed") == 0
    assert value(found, "cmdarr_run_duration_seconds_count", kind="library_refresh") == 2
    assert value(found, "cmdarr_run_duration_seconds_bucket", kind="library_refresh", le="+Inf") == 2
    assert value(found, "cmdarr_command_failing", command="refresh") == 0
    assert value(found, "cmdarr_library_tracks", server="files") > 10
    assert value(found, "cmdarr_cache_size_bytes") > 0


def test_what_goes_on_is_shown(room: WebRoom) -> None:
    answer = room.post("/api/commands/waits/run")
    wait_until(lambda: value(scrape(room), "cmdarr_runs_active", state="running") == 1)
    found = scrape(room)
    assert value(found, "cmdarr_run_start_timestamp_seconds", command="waits") > NOON.timestamp()
    assert value(found, "cmdarr_runs_stuck") == 0
    room.post(f"/api/runs/{answer.json()['id']}/cancel")
    room.wait_for_run(answer.json()["id"])
    assert value(scrape(room), "cmdarr_runs_total", command="waits", status="cancelled") == 1


def test_the_match_rate_of_each_playlist_is_known_right_after_a_start(tmp_path: Path) -> None:
    room = make_room(tmp_path, friday=REFRESH, gone=REFRESH)
    with room.serve():
        targets = [target("Friday “hits”\n\\", 3, 1), target("Friday “hits”\n\\", 4, 0, user="bob")]
        record(room, "friday", Status.HELD, {"targets": targets})
        record(room, "friday", Status.SKIPPED, {})
        record(room, "gone", Status.FAILED, {"targets": [target("x", 0, 0)]})
        found = scrape(room)
        labels = {"command": "friday", "server": "plex", "title": "Friday “hits”\n\\"}
        assert value(found, "cmdarr_playlist_match_ratio", **labels, user="") == 0.75
        assert value(found, "cmdarr_playlist_match_ratio", **labels, user="bob") == 1
        assert value(found, "cmdarr_playlist_unmatched_tracks", **labels, user="") == 1
        assert value(found, "cmdarr_command_held", command="friday") == 1
        assert value(found, "cmdarr_command_failing", command="gone") == 1
        assert names(found, "cmdarr_playlist_wanted_tracks") == [
            {**labels, "user": ""},
            {**labels, "user": "bob"},
        ]
        (room.config / "commands/friday.yaml").unlink()
        room.post("/api/config/reload")
        assert names(scrape(room), "cmdarr_playlist_match_ratio") == []


def test_no_secret_stands_in_a_label(tmp_path: Path) -> None:
    settings = (
        "services: {files: {path: music, playlists: data/playlists}, lastfm: {api_key: hunter2hunter2}}\n"
    )
    room = make_room(tmp_path, settings, friday=REFRESH)
    with room.serve():
        record(room, "friday", Status.SUCCEEDED, {"targets": [target("a hunter2hunter2", 1, 0)]})
        assert "hunter2hunter2" not in room.get("/metrics").text


def test_reloads_are_counted_and_a_broken_file_shows(room: WebRoom) -> None:
    before = scrape(room)
    assert value(before, "cmdarr_config_valid") == 1
    room.write("commands/refresh.yaml", REFRESH + "colour: red\n")
    room.post("/api/config/reload")
    wait_until(lambda: value(scrape(room), "cmdarr_config_valid") == 0)
    room.write("commands/refresh.yaml", REFRESH + "enabled: false\n")
    room.post("/api/config/reload")
    wait_until(lambda: value(scrape(room), "cmdarr_config_valid") == 1)
    found = scrape(room)
    assert value(found, "cmdarr_config_reloads_total", outcome="rejected") == 1
    assert value(found, "cmdarr_config_reloads_total", outcome="applied") == 1
    assert value(found, "cmdarr_config_reload_duration_seconds_count") == 2
    last_good = "cmdarr_config_last_good_timestamp_seconds"
    assert value(found, last_good) > value(before, last_good)


def test_held_changes_and_rate_budgets_are_shown(room: WebRoom) -> None:
    change = HeldChange(
        command="refresh",
        server="plex",
        user="",
        title="x",
        reason="much",
        wanted=(),
        removed=(),
        held_at=NOON,
    )
    with room.control.inside():
        room.control.store.held.save(change)
    throttle = room.app.throttles.of("http://secret@host", 2.0, burst=4, service="lastfm")
    assert [throttle.take() for _ in range(4)] == [0.0] * 4
    throttle.hold(600)
    found = scrape(room)
    assert value(found, "cmdarr_held_changes", command="refresh") == 1
    assert value(found, "cmdarr_rate_limit_remaining_requests", service="lastfm") < 1
    assert value(found, "cmdarr_rate_limit_burst_requests", service="lastfm") == 4
    assert 590 < value(found, "cmdarr_rate_limit_hold_seconds", service="lastfm") <= 600


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebRoom]:
    """A daemon with 100 commands of three playlists each."""
    commands = {f"c{number}": REFRESH for number in range(100)}
    room = make_room(tmp_path_factory.mktemp("crowded"), **commands)
    with room.serve():
        for name in commands:
            record(
                room, name, Status.SUCCEEDED, {"targets": [target(f"{name} {n}", 900, 100) for n in range(3)]}
            )
        yield room


def test_a_scrape_of_many_playlists_stays_small_and_is_read_from_memory(crowded: WebRoom) -> None:
    assert len(names(scrape(crowded), "cmdarr_playlist_match_ratio")) == 300
    with crowded.control.inside():
        crowded.control.store.empty()  # what ran before was looked up once
    found = scrape(crowded)
    assert len(names(found, "cmdarr_playlist_match_ratio")) == 300
    assert len(found) < 1800
