"""`/api/docs`: the OpenAPI document as a page of our own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cmdarr.web.pages.page import PageRoute, View, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation as the page shows it; `body` and `answer` are JSON Schemas as text."""

    method: str
    path: str
    id: str
    summary: str
    description: str
    parameters: tuple[Mapping[str, Any], ...]
    body: str
    answer: str
    errors: Mapping[str, str]


def show_docs(visit: Visit) -> View:
    """Show every operation, by subject."""
    from cmdarr.web.api.openapi import openapi_document
    from cmdarr.web.api.table import ENDPOINTS

    document = openapi_document(ENDPOINTS, visit.control.web_settings.base_path)
    groups: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append(_operation(method, path, operation, document))
    context = {"groups": groups, "description": document["info"]["description"]}
    return View(template="api_docs.html", title="API", context=context)


def _operation(
    method: str, path: str, operation: Mapping[str, Any], document: Mapping[str, Any]
) -> Operation:
    schemas = document["components"]["schemas"]
    responses = operation["responses"]
    good = next(response for status, response in responses.items() if status < "300")
    return Operation(
        method=method.upper(),
        path=path,
        id=operation["operationId"],
        summary=operation["summary"],
        description=operation.get("description", ""),
        parameters=tuple(operation.get("parameters", ())),
        body=_schema_text(operation.get("requestBody", {}), schemas),
        answer=_schema_text(good, schemas),
        errors={status: one["description"] for status, one in responses.items() if status >= "300"},
    )


def _schema_text(holder: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """Return a short picture of a schema: its keys with their types; empty where there is none."""
    for kind, content in holder.get("content", {}).items():
        schema = content.get("schema", {})
        return _drawn(schema, schemas) if schema.get("type") != "string" else kind
    return ""


def _drawn(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    return json.dumps(_sketch(schema, schemas, 0), ensure_ascii=False, indent=2)


def _sketch(schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int) -> Any:
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        parts = [_sketch(part, schemas, depth) for part in schema["anyOf"]]
        return (
            parts[0]
            if len(parts) == 2 and parts[1] == "null" and not isinstance(parts[0], str)
            else _joined(parts)
        )
    if "enum" in schema:
        return _joined(list(map(str, schema["enum"])))
    if schema.get("properties") and depth < 4:
        return {key: _sketch(part, schemas, depth + 1) for key, part in schema["properties"].items()}
    if schema.get("type") == "array" and "items" in schema:
        return [_sketch(schema["items"], schemas, depth)]
    kind = schema.get("type", "anything")
    return _joined(kind) if isinstance(kind, list) else kind


def _joined(parts: list[Any]) -> str:
    return " or ".join(str(part) for part in parts)


ROUTES = (PageRoute(path="/api/docs", show=show_docs),)
