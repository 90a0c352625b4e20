"""`/api/config`: what is in force, what is on disk, and what a reload makes of it."""

from typing import TypedDict

from cmdarr.app.config_shapes import (
    ConfigDiffShape,
    ConfigStatusShape,
    ExplanationShape,
    ReloadShape,
    config_status_shape,
    explanation_shape,
    reload_shape,
)
from cmdarr.app.shapes import FindingShape, finding_shape
from cmdarr.config.diff import diff_as_json
from cmdarr.config.report import summary
from cmdarr.web.api.endpoint import Body, Call, Endpoint


class CheckShape(TypedDict):
    """Every finding of what is on disk; `is_valid` without an error."""

    is_valid: bool
    summary: str
    findings: list[FindingShape]


class SettingsShape(TypedDict):
    """Every setting that has a value."""

    settings: list[ExplanationShape]


class ExplainQuery(Body):
    """Which key."""

    key: str
    """A dotted key: `web.port`, `services.NAME.url`, `commands.NAME.schedule`."""


def config_status(call: Call) -> ConfigStatusShape:
    """Return the state of every file."""
    return config_status_shape(call.control.config_status())


def check_config(call: Call) -> CheckShape:
    """Validate what is on disk."""
    snapshot = call.control.check()
    return {
        "is_valid": not snapshot.errors,
        "summary": summary(snapshot.findings),
        "findings": [finding_shape(finding) for finding in snapshot.findings],
    }


def diff_config(call: Call) -> ConfigDiffShape:
    """Return what a reload would change."""
    return diff_as_json(call.control.diff())  # type: ignore[return-value]  # the same keys; it names no types


def reload_config(call: Call) -> ReloadShape:
    """Apply what is on disk."""
    return reload_shape(call.control.reload())


def explain_key(call: Call) -> ExplanationShape:
    """Explain one key."""
    return explanation_shape(call.control.explain(call.query_as(ExplainQuery).key))


def list_settings(call: Call) -> SettingsShape:
    """Return every setting in force, with where it comes from."""
    return {"settings": [explanation_shape(found) for found in call.control.explain_settings()]}


ENDPOINTS = (
    Endpoint(
        method="GET", path="/api/config/status", tag="config", summary="Show what is in force, file by file",
        run=config_status, answer=ConfigStatusShape,
    ),
    Endpoint(
        method="GET", path="/api/config/check", tag="config", summary="Validate what is on disk",
        run=check_config, answer=CheckShape, errors=(404,),
    ),
    Endpoint(
        method="GET", path="/api/config/diff", tag="config", summary="Show what a reload would change",
        description="422 with the findings when what is on disk is invalid.",
        run=diff_config, answer=ConfigDiffShape, errors=(404,),
    ),
    Endpoint(
        method="POST", path="/api/config/reload", tag="config", summary="Read the configuration now and apply it",
        run=reload_config, answer=ReloadShape, is_slow=True,
    ),
    Endpoint(
        method="GET", path="/api/config/explain", tag="config", summary="Explain one key",
        run=explain_key, query=ExplainQuery, answer=ExplanationShape, errors=(404,),
    ),
    Endpoint(
        method="GET", path="/api/config/settings", tag="config", summary="List the settings in force",
        description="With where each comes from; secrets are masked.",
        run=list_settings, answer=SettingsShape, errors=(404,),
    ),
)  # fmt: skip
