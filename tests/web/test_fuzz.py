"""Made-up requests for every endpoint of the API: never a 500, and every answer is one that the description names.

A throw-away daemon takes them all, also those that empty both databases or put a backup back.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from fakes_web import API_KEY, DEMO, PASSWORD, WAITING, Waiting, WebRoom, make_room
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from cmdarr.web.api.openapi import openapi_document
from cmdarr.web.api.table import ENDPOINTS

WEB = f"web: {{password: {PASSWORD}, api_key: {API_KEY}}}\n{DEMO}"
SYNC = (
    "kind: playlist_sync\nschedule: manual\nsource: {service: file, playlist: config/list.csv}\n"
    "targets: [{server: files, title: Some}]\n"
)
NAMES = ("sync", "waits", "broken", "files")
"""Names that exist: without them nearly every made-up one would only be a 404."""
UP_TO_THE_FILES = frozenset({"accept_held", "diff_config", "run_command", "upload_restore"})
"""What refuses a request of the right form because of what a file holds."""
CALLS = schemathesis.openapi.from_dict(openapi_document(ENDPOINTS)).exclude(path="/api/events")
"""Every endpoint but the stream without an end, which `test_events.py` reads."""
CALM = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))


@CALLS.hook
def map_path_parameters(context: object, path_parameters: dict[str, object] | None) -> object:
    """Put a name that exists in the place of every short one."""
    name = (path_parameters or {}).get("name")
    if path_parameters and isinstance(name, str) and len(name) < 3:
        path_parameters["name"] = NAMES[sum(name.encode("utf-8", "replace")) % len(NAMES)]
    return path_parameters


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebRoom]:
    """A daemon that must be well after all of it, and have written nothing beside its own folders."""
    outer = tmp_path_factory.mktemp("fuzz")
    room = make_room(outer / "inner/room", WEB, waits=WAITING, sync=SYNC, broken="kind: x\n")
    room.write("list.csv", "artist,title\nThe Paper Lanterns,Harbour Lights\n")
    with room.serve():
        Waiting.let_go.set()
        yield room
        assert room.get("/health").status == 200
    assert _names(outer) == ["inner"]
    assert _names(outer / "inner") == ["room"]
    assert _names(room.root) == ["config", "data", "music"]


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


def check_call(case: schemathesis.Case[Any], room: WebRoom, session: requests.Session) -> None:
    """Send a made-up request with the API key, and hold the answer against the description."""
    headers = {"X-API-Key": API_KEY}
    answer = case.call(base_url=room.url, session=session, headers=headers, timeout=60)
    operation = case.operation.definition.raw.get("operationId")
    without: list[Any] = [positive_data_acceptance] if operation in UP_TO_THE_FILES else []
    case.validate_response(answer, excluded_checks=without)


@CALLS.parametrize()
@settings(CALM, max_examples=6)
def test_every_answer_is_one_that_the_description_names(
    case: schemathesis.Case[Any], fuzzed: WebRoom, session: requests.Session
) -> None:
    check_call(case, fuzzed, session)


@pytest.mark.slow
@CALLS.parametrize()
@settings(CALM, max_examples=1000)
def test_the_same_for_long(case: schemathesis.Case[Any], fuzzed: WebRoom, session: requests.Session) -> None:
    check_call(case, fuzzed, session)


@CALLS.parametrize()
@settings(CALM, max_examples=1)
def test_nobody_gets_anything(
    case: schemathesis.Case[Any], fuzzed: WebRoom, session: requests.Session
) -> None:
    answer = case.call(base_url=fuzzed.url, session=session, timeout=60)
    assert answer.status_code == 401


@CALLS.exclude(method="GET").parametrize()
@settings(CALM, max_examples=1)
def test_pages_of_other_sites_get_nothing(
    case: schemathesis.Case[Any], fuzzed: WebRoom, session: requests.Session
) -> None:
    """Where somebody is logged in, another site may send what it likes."""
    if not fuzzed.jar:
        fuzzed.log_in()
    headers = {"Cookie": "; ".join(map("=".join, fuzzed.jar.items())), "Origin": "http://evil.example"}
    answer = case.call(base_url=fuzzed.url, session=session, headers=headers, timeout=60)
    assert answer.status_code == (405 if case.method in {"GET", "OPTIONS"} else 403)


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
