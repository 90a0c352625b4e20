"""The OpenAPI document, made from the table of endpoints."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any

import msgspec

from cmdarr import __version__
from cmdarr.web.api.endpoint import Body, Endpoint
from cmdarr.web.problem import PROBLEM_JSON

Document = dict[str, Any]

_REF = "#/components/schemas/{name}"
_PART = re.compile(r"\{(?P<name>\w+)(?::(?P<type>\w+))?\}")
_ALWAYS = (401, 403, 422, 500, 503)
_OF_BODIES = (400, 413, 415)
_ERRORS = {
    400: "The request cannot be read.",
    401: "Nobody is logged in, and no API key was sent.",
    403: "The request came from another site, or by a name that is not answered.",
    404: "Nothing of that name exists.",
    409: "Something goes on that must end first.",
    413: "The body is too large.",
    415: "The body has the wrong type.",
    422: "The request has the wrong form, or the configuration is invalid: `findings` says where.",
    500: "Cmdarr met something unexpected.",
    502: "A service failed.",
    503: "Try again later: a service or a database does not answer at the moment.",
    504: "It takes too long and goes on in the background.",
    507: "The disk does not take the file.",
}
_DESCRIPTION = (
    "Everything that the command line and the pages do. Send the API key (`web.api_key`) as `X-API-Key` or as a bearer "
    "token. Without `web.password` everything is open to whoever reaches the loopback address. Times are ISO 8601 in "
    "UTC. Secrets never appear in an answer."
)
_PROBLEM: Document = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong, as RFC 9457 has it; `detail` is one sentence with the cure.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {
            "type": "string",
            "description": "The class of the error; it stays the same between versions.",
        },
        "findings": {"type": "array", "items": {"$ref": _REF.format(name="FindingShape")}},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["key", "message"],
                "properties": {"key": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
_EVENTS: Document = {
    "get": {
        "tags": ["events"],
        "operationId": "follow_events",
        "summary": "Follow what happens, as server-sent events",
        "description": (
            "Kinds: `run_queued`, `run_started`, `run_progress`, `run_finished`, `config_reloaded`, `config_rejected`, "
            "`config_held`, `cache_reset`, and `resync` where events were missed: ask for everything again then. A "
            "comment comes every 15 seconds as a sign of life."
        ),
        "parameters": [
            {
                "name": "Last-Event-ID",
                "in": "header",
                "required": False,
                "schema": {"type": "string"},
                "description": "The last event that was seen: what came after it is sent first.",
            }
        ],
        "responses": {
            "200": {
                "description": "A stream without end.",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            },
        },
    }
}


def openapi_document(endpoints: Sequence[Endpoint], base_path: str = "") -> Document:
    """Return the document."""
    paths: Document = {}
    for endpoint in endpoints:
        paths.setdefault(open_path(endpoint.path), {})[endpoint.method.lower()] = _operation(endpoint)
    paths["/api/events"] = {
        "get": _EVENTS["get"] | {"responses": _EVENTS["get"]["responses"] | _errors((401, 503))}
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Cmdarr", "version": __version__, "description": _DESCRIPTION},
        "servers": [{"url": base_path or "/"}],
        "security": [{"key": []}, {"bearer": []}, {"session": []}, {}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "cmdarr_session"},
            },
            "schemas": _schemas(endpoints),
        },
    }


def open_path(path: str) -> str:
    """Return a path without the types of its parts."""
    return _PART.sub(r"{\g<name>}", path)


def _operation(endpoint: Endpoint) -> Document:
    operation: Document = {
        "tags": [endpoint.tag],
        "operationId": endpoint.operation_id,
        "summary": endpoint.summary,
        "responses": {str(endpoint.status): _answer(endpoint)} | _errors(_statuses(endpoint)),
    }
    if endpoint.description:
        operation["description"] = endpoint.description
    if parameters := [*_path_parameters(endpoint.path), *_query_parameters(endpoint.query)]:
        operation["parameters"] = parameters
    if endpoint.body is not None:
        required = bool(endpoint.body.model_json_schema().get("required"))
        operation["requestBody"] = {
            "required": required,
            "content": {"application/json": {"schema": {"$ref": _REF.format(name=endpoint.body.__name__)}}},
        }
    if endpoint.upload_bytes:
        operation["requestBody"] = {"required": True, "content": {"application/octet-stream": {}}}
    return operation


def _statuses(endpoint: Endpoint) -> Iterator[int]:
    """Yield the statuses of errors that an endpoint can answer with."""
    yield from (*_ALWAYS, *endpoint.errors)
    if endpoint.body is not None or endpoint.upload_bytes:
        yield from _OF_BODIES
    if endpoint.upload_bytes:
        yield HTTPStatus.INSUFFICIENT_STORAGE
    yield HTTPStatus.GATEWAY_TIMEOUT


def _answer(endpoint: Endpoint) -> Document:
    schema = {} if endpoint.answer is None else _described((endpoint.answer,))[0][0]
    return {
        "description": endpoint.summary,
        "content": {endpoint.content_type: {"schema": schema} if schema else {}},
    }


def _errors(statuses: Iterable[int]) -> Document:
    schema = {"$ref": _REF.format(name="Problem")}
    return {
        str(int(status)): {"description": _ERRORS[status], "content": {PROBLEM_JSON: {"schema": schema}}}
        for status in sorted(set(statuses))
    }


def _path_parameters(path: str) -> list[Document]:
    return [
        {"name": part["name"], "in": "path", "required": True, "schema": _schema_of_part(part["type"])}
        for part in _PART.finditer(path)
    ]


def _schema_of_part(kind: str | None) -> Document:
    return {"type": "integer", "minimum": 1} if kind == "int" else {"type": "string", "minLength": 1}


def _query_parameters(model: type[Body] | None) -> list[Document]:
    if model is None:
        return []
    schema = model.model_json_schema()
    required, definitions = schema.get("required", []), schema.get("$defs", {})
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": part.get("description", ""),
            "schema": _query_schema(part, definitions),
        }
        for name, part in schema["properties"].items()
    ]


def _query_schema(part: Document, definitions: Document) -> Document:
    """Return the schema of a text in a query: what may be null in Python may be left out here."""
    choices = [choice for choice in part.get("anyOf", [part]) if choice.get("type") != "null"]
    schema = choices[0]
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    return {
        key: value
        for key, value in (
            schema | ({"default": part["default"]} if part.get("default") is not None else {})
        ).items()
        if key not in {"title", "description"}
    }


def _schemas(endpoints: Sequence[Endpoint]) -> Document:
    answers = tuple(dict.fromkeys(one.answer for one in endpoints if one.answer is not None))
    schemas: Document = {"Problem": _PROBLEM, **_described(answers)[1]}
    for endpoint in endpoints:
        if endpoint.body is not None:
            schema = endpoint.body.model_json_schema(ref_template=_REF.format(name="{model}"))
            schemas |= schema.pop("$defs", {})
            schemas[endpoint.body.__name__] = schema
    return dict(sorted(schemas.items()))


@cache
def _described(types: tuple[Any, ...]) -> tuple[tuple[Document, ...], Document]:
    """Return the schemas of types, and those that they refer to, by name."""
    return msgspec.json.schema_components(types, ref_template=_REF)
