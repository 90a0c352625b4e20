"""The OpenAPI document: complete, without a dangling reference, and valid JSON Schema in all its parts."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from cmdarr.web.api.endpoint import Endpoint
from cmdarr.web.api.openapi import open_path, openapi_document
from cmdarr.web.api.table import ENDPOINTS

DOCUMENT = openapi_document(ENDPOINTS, "/base")


def parts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from parts(each)
    elif isinstance(value, list):
        for each in value:
            yield from parts(each)


def test_it_is_json_and_names_where_the_api_lies() -> None:
    assert json.loads(json.dumps(DOCUMENT)) == DOCUMENT
    assert DOCUMENT["servers"] == [{"url": "/base"}]
    assert DOCUMENT["openapi"].startswith("3.1")


def test_no_two_endpoints_share_a_name_or_a_place() -> None:
    names = [endpoint.operation_id for endpoint in ENDPOINTS]
    places = [(endpoint.method, endpoint.path) for endpoint in ENDPOINTS]
    assert len(set(names)) == len(names)
    assert len(set(places)) == len(places)


def test_every_reference_leads_somewhere_and_every_schema_is_used() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    used = {part["$ref"].rpartition("/")[2] for part in parts(DOCUMENT) if "$ref" in part}
    assert used - schemas.keys() == set()
    assert schemas.keys() - used == set()


def test_every_schema_is_one() -> None:
    for schema in DOCUMENT["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for part in parts(DOCUMENT["paths"]):
        if isinstance(part.get("schema"), dict):
            jsonschema.Draft202012Validator.check_schema(part["schema"])


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: one.operation_id)
def test_an_endpoint_is_described(endpoint: Endpoint) -> None:
    operation = DOCUMENT["paths"][open_path(endpoint.path)][endpoint.method.lower()]
    assert operation["summary"]
    assert not operation["summary"].endswith(".")
    assert str(endpoint.status) in operation["responses"]
    assert {"401", "403", "422", "500"} <= operation["responses"].keys()
    assert all(part["description"] for part in operation.get("parameters", ()) if part["in"] == "query")
    assert ("requestBody" in operation) == (endpoint.body is not None or endpoint.upload_bytes > 0)
