"""Every endpoint of the API, over a real daemon."""

import io
import tarfile
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from fakes_web import Answer, Waiting, WebRoom, make_room, wait_until

from cmdarr.models.playlist import Binding, HeldChange, PlaylistEntry, PlaylistId, Revision
from cmdarr.models.track import ServerId
from cmdarr.web.api.openapi import open_path, openapi_document
from cmdarr.web.api.table import ENDPOINTS

DOCUMENT = openapi_document(ENDPOINTS)


def check(answer: Answer, operation_id: str, status: int = 200) -> Any:
    """Return the JSON of an answer that is as the OpenAPI document says."""
    assert answer.status == status, answer.text
    endpoint = next(one for one in ENDPOINTS if one.operation_id == operation_id)
    responses = DOCUMENT["paths"][open_path(endpoint.path)][endpoint.method.lower()]["responses"]
    schema = next(iter(responses[str(status)]["content"].values()))["schema"]
    document = answer.json()
    jsonschema.Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(document)
    return document


def problem(answer: Answer, status: int) -> Any:
    assert answer.status == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    jsonschema.Draft202012Validator(
        {"$ref": "#/components/schemas/Problem", "components": DOCUMENT["components"]}
    ).validate(document)
    assert document["status"] == status
    return document


def start_waiting(room: WebRoom, **body: object) -> int:
    run = check(room.post("/api/commands/waits/run", body=body), "run_command", 202)
    assert Waiting.entered.wait(20)
    return int(run["id"])


@pytest.fixture
def stocked(room: WebRoom) -> WebRoom:
    """A room with a binding, a revision and a held change."""
    store = room.control.store
    entry = PlaylistEntry(server_id=ServerId("a.mp3"), artist="A", title="B")
    store.bindings.save(
        Binding(command="waits", server="files", user="", playlist_id=PlaylistId("x.m3u8"), title="X")
    )
    store.revisions.add(
        Revision(
            command="waits", server="files", user="", playlist_id=PlaylistId("x.m3u8"), title="X",
            entries=(entry,), taken_at=room.control.now(), reason="after",
        )
    )  # fmt: skip
    store.held.save(
        HeldChange(
            command="waits", server="files", user="", title="X", reason="too many", wanted=(),
            removed=(entry,), held_at=room.control.now(),
        )
    )  # fmt: skip
    room.app.close_thread()
    return room


def test_commands_are_listed_as_the_command_line_lists_them(room: WebRoom) -> None:
    found = check(room.get("/api/commands"), "list_commands")["commands"]
    assert [row["name"] for row in found] == ["refresh", "waits"]
    assert found[0]["schedule"] == "0 */6 * * *"
    assert found[0]["next_run"].endswith("Z")
    assert found[1]["next_run"] is None


def test_one_command(shared: WebRoom) -> None:
    found = check(shared.get("/api/commands/refresh"), "show_command")
    assert found["file"] == "commands/refresh.yaml"
    assert '"library_refresh"' in found["document"]
    assert problem(shared.get("/api/commands/none"), 404)["detail"].startswith(
        "there is no command 'none': the"
    )


def test_a_run_is_queued_followed_and_found_in_the_history(room: WebRoom) -> None:
    number = start_waiting(room)
    active = check(room.get("/api/runs"), "list_runs")["runs"]
    assert [row["run"]["command"] for row in active] == ["waits"]
    assert active[0]["progress"] == {"step": "counting tracks", "done": 3, "total": 10}
    Waiting.let_go.set()
    room.wait_for_run(number)
    found = check(room.get(f"/api/runs/{number}"), "show_run")
    assert (found["status"], found["summary"], found["trigger"]) == ("succeeded", "it was let go", "api")
    assert check(room.get("/api/history"), "list_history")["executions"] == [found]


def test_a_second_run_of_a_command_is_a_conflict(shared: WebRoom) -> None:
    number = start_waiting(shared)
    found = problem(shared.post("/api/commands/waits/run", body={}), 409)
    assert f"execution {number}" in found["detail"]


def test_a_dry_run_is_recorded_as_one(shared: WebRoom) -> None:
    number = start_waiting(shared, dry_run=True)
    assert check(shared.get(f"/api/runs/{number}"), "show_run")["dry_run"] is True


def test_a_run_is_cancelled_once(shared: WebRoom) -> None:
    number = start_waiting(shared)
    check(shared.post(f"/api/runs/{number}/cancel"), "cancel_run", 202)
    assert shared.wait_for_run(number).status == "cancelled"
    assert "is over" in problem(shared.post(f"/api/runs/{number}/cancel"), 409)["detail"]
    problem(shared.post("/api/runs/999/cancel"), 404)


@pytest.mark.parametrize(
    ("body", "key"),
    [({"dry": True}, "dry"), ({"dry_run": "perhaps"}, "dry_run"), ([], "")],
)
def test_a_body_of_the_wrong_form_is_refused_with_its_keys(shared: WebRoom, body: object, key: str) -> None:
    found = problem(shared.post("/api/commands/waits/run", body=body), 422)
    assert found["errors"][0]["key"] == key
    assert "perhaps" not in str(found)


def test_what_is_no_json_is_refused(shared: WebRoom) -> None:
    path = "/api/commands/waits/run"
    problem(shared.post(path, raw=b"{", headers={"Content-Type": "application/json"}), 400)
    problem(shared.post(path, raw=b"{}", headers={"Content-Type": "text/plain"}), 415)
    problem(shared.post(path, raw=b"[" * 500_000, headers={"Content-Type": "application/json"}), 400)
    problem(shared.post(path, raw=b" " * 1_000_001, headers={"Content-Type": "application/json"}), 413)


def test_the_history_is_paged_by_the_last_id(room: WebRoom) -> None:
    Waiting.let_go.set()
    numbers = []
    for _ in range(5):
        numbers.append(start_waiting(room))
        room.wait_for_run(numbers[-1])
    seen, path = [], "/api/history?limit=2"
    page = check(room.get(path), "list_history")
    while page["executions"]:
        seen += [row["id"] for row in page["executions"]]
        if page["next"] is None:
            break
        page = check(room.get(f"{path}&before={page['next']}"), "list_history")
    assert seen == numbers[::-1]
    assert check(room.get("/api/history?status=failed"), "list_history")["executions"] == []
    assert len(check(room.get("/api/history?command=waits"), "list_history")["executions"]) == 5
    problem(room.get("/api/history?command=none"), 404)


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "status=well", "before=0", "page=2"])
def test_a_query_of_the_wrong_form_is_refused(shared: WebRoom, query: str) -> None:
    problem(shared.get(f"/api/history?{query}"), 422)


def test_the_state_of_the_configuration(room: WebRoom) -> None:
    room.write("commands/waits.yaml", "kind: waiting\nbogus: 1\n")
    reloaded = check(room.post("/api/config/reload"), "reload_config")
    assert reloaded["outcome"] in {"rejected", "unchanged"}
    assert reloaded["findings"][0]["key"] == "bogus"
    found = check(room.get("/api/config/status"), "config_status")
    states = {file["file"]: file["state"] for file in found["files"]}
    assert states["commands/waits.yaml"] == "last_good"
    assert found["watch"]["mode"] in {"inotify", "polling", "off"}


def test_check_and_diff_tell_of_what_is_on_disk_and_change_nothing(room: WebRoom) -> None:
    generation = room.control.snapshot.generation
    assert check(room.get("/api/config/check"), "check_config")["is_valid"] is True
    assert check(room.get("/api/config/diff"), "diff_config")["settings"] == []
    room.control.daemon._watcher.stop()
    room.write("settings.yaml", "cache: {max_size: 64MB}\n")
    diff = check(room.get("/api/config/diff"), "diff_config")
    assert {change["key"] for change in diff["settings"]} >= {"cache.max_size"}
    room.write("commands/new.yaml", "kind: nonsense\n")
    assert check(room.get("/api/config/check"), "check_config")["is_valid"] is False
    findings = problem(room.get("/api/config/diff"), 422)["findings"]
    assert findings[0]["file"] == "commands/new.yaml"
    assert room.control.snapshot.generation == generation


def test_a_reload_applies_what_is_on_disk(room: WebRoom) -> None:
    room.control.daemon._watcher.stop()
    room.write("commands/more.yaml", "kind: waiting\n")
    found = check(room.post("/api/config/reload"), "reload_config")
    assert (found["outcome"], found["changes"]["added"]) == ("applied", ["more"])
    assert check(room.get("/api/commands/more"), "show_command")["command"]["enabled"] is True


def test_keys_are_explained(shared: WebRoom) -> None:
    found = check(shared.get("/api/config/explain?key=web.port"), "explain_key")
    assert (found["value"], found["source"]) == ("8080", "default")
    problem(shared.get("/api/config/explain?key=web.prot"), 404)
    problem(shared.get("/api/config/explain"), 422)
    settings = check(shared.get("/api/config/settings"), "list_settings")["settings"]
    sources = {one["key"]: one["source"] for one in settings}
    assert sources["services.files.path"] == "settings.yaml:1"
    assert sources["cache.max_size"] == "default"


def test_the_cache_is_shown_and_emptied(music: WebRoom) -> None:
    number = check(music.post("/api/commands/refresh/run", body={}), "run_command", 202)["id"]
    music.wait_for_run(number)
    assert check(music.get("/api/cache"), "cache_stats")["libraries"]
    check(music.post("/api/cache/reset", body={"source": "files"}), "reset_cache")
    assert check(music.get("/api/cache"), "cache_stats")["libraries"] == []
    problem(music.post("/api/cache/reset", body={"source": "nothing"}), 404)
    check(music.post("/api/cache/reset", body={}), "reset_cache")


def test_reset_all_empties_both_databases_and_goes_on(stocked: WebRoom) -> None:
    Waiting.let_go.set()
    stocked.wait_for_run(start_waiting(stocked))
    for body in ({}, {"confirm": "yes"}):
        problem(stocked.post("/api/reset", body=body), 422)
    kept = check(stocked.post("/api/reset", body={"confirm": "reset all"}), "reset_all")["kept"]
    assert (stocked.root / "data/backups" / kept).exists()
    assert check(stocked.get("/api/history"), "list_history")["executions"] == []
    assert check(stocked.get("/api/playlists"), "list_playlists")["playlists"] == []
    assert (stocked.config / "commands/waits.yaml").exists()
    stocked.wait_for_run(start_waiting(stocked))
    assert stocked.get("/health").status == 200


def test_nothing_is_reset_or_restored_while_a_run_goes_on(shared: WebRoom) -> None:
    number = start_waiting(shared)
    assert "waits" in problem(shared.post("/api/reset", body={"confirm": "reset all"}), 409)["detail"]
    Waiting.let_go.set()
    assert shared.wait_for_run(number).status == "succeeded"


def test_a_backup_is_downloaded_and_put_back(stocked: WebRoom) -> None:
    stocked.write("secrets.yaml", "some: thing-that-is-secret\n")
    answer = stocked.get("/api/backup")
    assert answer.headers["content-disposition"].startswith('attachment; filename="cmdarr-')
    with tarfile.open(fileobj=io.BytesIO(answer.body)) as archive:
        names = archive.getnames()
    assert "config.db" in names
    assert "config/commands/waits.yaml" in names
    assert "config/secrets.yaml" not in names
    stocked.write("commands/later.yaml", "kind: waiting\n")
    check(stocked.post("/api/reset", body={"confirm": "reset all"}), "reset_all")
    sent = {"Content-Type": "application/octet-stream"}
    restored = stocked.post("/api/restore?confirm=restore", raw=answer.body, headers=sent)
    assert check(restored, "upload_restore")["kept"]
    assert len(check(stocked.get("/api/playlists"), "list_playlists")["playlists"]) == 1
    assert not (stocked.config / "commands/later.yaml").exists()
    assert not list((stocked.root / "data").glob(".*"))


def test_an_upload_that_is_no_backup_stops_nothing(shared: WebRoom) -> None:
    sent = {"Content-Type": "application/octet-stream"}
    path = "/api/restore?confirm=restore"
    begun = shared.control.snapshot.loaded_at
    detail = problem(shared.post(path, raw=b"\0" * 5000, headers=sent), 422)["detail"]
    assert detail.startswith("the upload: ")
    problem(shared.post("/api/restore", raw=b"x", headers=sent), 422)
    problem(shared.post(path, raw=b"x", headers={"Content-Type": "text/html"}), 415)
    problem(shared.post(path, raw=b"x", headers=sent | {"Content-Length": str(2**40)}), 413)
    assert shared.control.snapshot.loaded_at == begun
    assert not list((shared.root / "data").glob(".*"))


def test_playlists_revisions_and_held_changes(stocked: WebRoom) -> None:
    assert check(stocked.get("/api/playlists"), "list_playlists")["playlists"][0]["title"] == "X"
    revisions = check(stocked.get("/api/playlists/revisions?command=waits"), "list_revisions")["revisions"]
    assert revisions[0]["entries"][0]["artist"] == "A"
    number = revisions[0]["id"]
    assert check(stocked.get(f"/api/playlists/revisions/{number}"), "show_revision") == revisions[0]
    problem(stocked.get("/api/playlists/revisions/99"), 404)
    same = stocked.get(f"/api/playlists/revisions/{number}/changes?other={number}")
    assert check(same, "compare_revision") == {"added": [], "removed": [], "moved": []}
    problem(stocked.get(f"/api/playlists/revisions/{number}/changes"), 404)
    lost = problem(stocked.post(f"/api/playlists/revisions/{number}/restore"), 503)
    assert lost["detail"].startswith("files: the folder holds no audio file")
    held = check(stocked.get("/api/held"), "list_held")["held"]
    assert (held[0]["command"], held[0]["reason"]) == ("waits", "too many")
    assert check(stocked.get("/api/held?command=refresh"), "list_held")["held"] == []


def test_a_held_change_is_accepted_by_a_run(stocked: WebRoom) -> None:
    problem(stocked.post("/api/held/refresh/accept"), 404)
    run = check(stocked.post("/api/held/waits/accept"), "accept_held", 202)
    assert run["command"] == "waits"


def test_the_matcher_the_services_and_the_import_lists(music: WebRoom) -> None:
    found = check(music.get("/api/match?artist=A&title=B"), "match_track")
    assert found["files"]["decision"] == "abstained"
    problem(music.get("/api/match?artist=A&title=B&server=none"), 404)
    problem(music.get("/api/match?artist=A"), 422)
    services = check(music.get("/api/services"), "list_services")["services"]
    assert {"name": "files", "type": "files", "enabled": True, "is_configured": True} in services
    answers = check(music.post("/api/services/check"), "check_online")["services"]
    assert ("files", True) in [(one["name"], one["is_ok"]) for one in answers]
    assert check(music.get("/api/import_lists"), "list_import_lists") == {"lists": []}
    problem(music.get("/api/import_lists/none"), 404)


def test_versions_schemas_and_the_description_of_it_all(shared: WebRoom) -> None:
    assert check(shared.get("/api/version"), "show_version")["config_dir"] == str(shared.config.resolve())
    for name in ("settings", "command"):
        schema = shared.get(f"/api/schema/{name}.json").json()
        jsonschema.validators.validator_for(schema).check_schema(schema)
    assert shared.get("/api/openapi.json").json() == DOCUMENT
    page = shared.get("/api/docs")
    assert page.status == 200
    assert all(open_path(one.path) in page.text for one in ENDPOINTS)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/nothing", 404),
        ("DELETE", "/api/version", 405),
        ("GET", "/api/runs/x", 404),
        ("GET", "/api/runs/99999999999999999999", 404),
        ("GET", "/api/commands/..%2f..%2fsettings", 404),
    ],
)
def test_what_is_not_there_is_a_problem_document(
    shared: WebRoom, method: str, path: str, status: int
) -> None:
    problem(shared.ask(method, path), status)


def test_a_wrong_method_is_told_which_ones_are_right(shared: WebRoom) -> None:
    assert "GET" in shared.ask("DELETE", "/api/version").headers["allow"]


def test_an_unexpected_error_tells_nothing_of_the_inside(
    room: WebRoom, caplog: pytest.LogCaptureFixture
) -> None:
    room.control.app.__dict__["catalog"] = None
    found = problem(room.get("/api/schema/settings.json"), 500)
    assert "AttributeError" in found["detail"]
    assert "Traceback" not in str(found)
    assert "AttributeError" in caplog.text


@pytest.fixture
def broken(tmp_path: Any) -> Iterator[WebRoom]:
    with make_room(tmp_path, waits="kind: waiting\nbogus: 1\n").serve() as room:
        yield room


def test_a_broken_command_does_not_run_and_says_why(broken: WebRoom) -> None:
    found = problem(broken.post("/api/commands/waits/run", body={}), 422)
    assert found["findings"][0]["key"] == "bogus"
    wait_until(lambda: broken.get("/health").status == 200)
