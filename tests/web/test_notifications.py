"""Notifications of a real daemon: a run that fails reaches a real service once, also after a restart."""

import json
import logging
from pathlib import Path

import pytest
from fakes_http import Answer, HttpServer, serving
from fakes_web import API_KEY, REFRESH, WebRoom, make_room, wait_until

SETTINGS = (
    "services: {{files: {{path: {music}}}}}\nnotifications: {{urls: ['{url}'], on: [failed, recovered]}}\n"
)
SECRET = "s3cr3t-hook"


def url_of(server: HttpServer) -> str:
    return f"json://{server.url.removeprefix('http://')}/{SECRET}"


def titles(server: HttpServer) -> list[str]:
    return [json.loads(seen.body)["title"] for seen in server.seen]


def refresh(room: WebRoom, name: str = "refresh") -> str:
    answer = room.post(f"/api/commands/{name}/run")
    return str(room.wait_for_run(answer.json()["id"]).status)


def test_a_failing_command_is_told_once_across_a_restart_and_its_recovery_too(tmp_path: Path) -> None:
    with serving(lambda _: Answer()) as hook:
        settings = SETTINGS.format(music="data/demo-music, demo: true", url=url_of(hook))
        broken = SETTINGS.format(music="nowhere", url=url_of(hook))
        room = make_room(tmp_path, broken, refresh=REFRESH)
        with room.serve():
            assert refresh(room) == "failed"
            wait_until(lambda: len(hook.seen) == 1)
            assert refresh(room) == "failed"
        with room.serve():
            assert refresh(room) == "failed"
            room.write("settings.yaml", settings)
            room.post("/api/config/reload")
            assert refresh(room) == "succeeded"
            wait_until(lambda: len(hook.seen) == 2)
            assert room.control.daemon.outbox.figures()[1] == 0
        assert titles(hook) == ["Cmdarr: refresh failed", "Cmdarr: refresh works again"]


def test_a_command_says_for_itself_what_it_tells(tmp_path: Path) -> None:
    with serving(lambda _: Answer()) as hook:
        settings = SETTINGS.format(music="nowhere", url=url_of(hook))
        room = make_room(tmp_path, settings, refresh=REFRESH, quiet=f"{REFRESH}notify: []\n")
        with room.serve():
            assert refresh(room, "quiet") == "failed"
            assert refresh(room) == "failed"
            wait_until(lambda: len(hook.seen) == 1)
        assert titles(hook) == ["Cmdarr: refresh failed"]


def test_a_stop_sends_what_the_last_run_had_to_tell(tmp_path: Path) -> None:
    with serving(lambda _: Answer()) as hook:
        room = make_room(tmp_path, SETTINGS.format(music="nowhere", url=url_of(hook)), refresh=REFRESH)
        with room.serve():
            refresh(room)
            room.control.daemon.stop()
            assert titles(hook) == ["Cmdarr: refresh failed"]


def test_a_service_that_is_down_fails_no_run_and_its_secret_stays(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with serving(lambda _: Answer(status=500)) as hook:
        room = make_room(tmp_path, SETTINGS.format(music="data/demo-music, demo: true", url=url_of(hook)))
        with room.serve():
            assert refresh(room) == "succeeded"
            answer = room.post("/api/notifications/test")
            assert answer.status == 200
            (told,) = answer.json()["urls"]
            assert (told["url"], told["scheme"]) == ("notifications.urls.0", "json")
            assert "status 500" in told["error"]
            assert SECRET not in answer.text
    assert SECRET not in caplog.text


def test_the_test_needs_a_login_and_a_url(guarded: WebRoom) -> None:
    assert guarded.post("/api/notifications/test").status == 401
    answer = guarded.post("/api/notifications/test", headers={"X-API-Key": API_KEY})
    assert answer.status == 404
    assert "notifications.urls" in answer.json()["detail"]
