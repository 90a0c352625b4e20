"""`/api/config/files`: the files that may be edited, with marks in the place of their secrets."""

from typing import TypedDict

import msgspec
from starlette.responses import Response

from cmdarr.app.config_shapes import ReloadShape, reload_shape
from cmdarr.app.editing import OpenFile, Saved
from cmdarr.app.shapes import FindingShape, finding_shape
from cmdarr.web.api.endpoint import Body, Call, Endpoint
from cmdarr.web.problem import redacted

_TAG = "files"
_FILE = "/api/config/files/{file:path}"


class FileNamesShape(TypedDict):
    """The names of the files that exist, relative to the config folder."""

    files: list[str]


class FileTextShape(TypedDict):
    """One file. `digest` names its bytes, `absent` where there is no such file; `refusal` says why it is read-only."""

    file: str
    text: str
    digest: str
    refusal: str


class DraftShape(TypedDict):
    """What would come of a text: findings of the file and what it would newly break in others, and the difference."""

    is_valid: bool
    findings: list[FindingShape]
    diff: str


class SavedShape(TypedDict):
    """A file that was written, its new digest, and what the reload made of it."""

    file: str
    digest: str
    reload: ReloadShape


class DraftBody(Body):
    """A text that is not saved yet."""

    text: str
    """The whole file, with the marks for secrets as they were shown."""


class SaveBody(Body):
    """A text to save."""

    text: str
    """The whole file, with the marks for secrets as they were shown; it is written byte for byte."""
    digest: str
    """The digest that the file had when it was read, `absent` for a new one."""
    anyway: bool = False
    """Save it although it has errors: what ran before goes on."""


class SwitchBody(Body):
    """The enabled switch."""

    enabled: bool
    """Whether the command is to run by its schedule."""


def list_config_files(call: Call) -> FileNamesShape:
    """Return the names of the files."""
    return {"files": call.control.editor.files()}


def show_config_file(call: Call) -> Response:
    """Return one file."""
    return _as_written(_file_shape(call.control.editor.open(call.name("file"))))


def check_config_file(call: Call) -> Response:
    """Validate a text."""
    draft = call.control.editor.check(call.name("file"), call.body_as(DraftBody).text)
    findings = [finding_shape(one) for one in draft.findings]
    return _as_written(
        {
            "is_valid": not draft.errors,
            "findings": redacted(findings, call.control.redact),
            "diff": draft.diff,
        }
    )


def save_config_file(call: Call) -> SavedShape:
    """Save a text."""
    body = call.body_as(SaveBody)
    return _saved_shape(
        call.control.editor.save(call.name("file"), body.text, body.digest, anyway=body.anyway)
    )


def switch_command(call: Call) -> SavedShape:
    """Change the switch."""
    return _saved_shape(call.control.editor.switch(call.name(), enabled=call.body_as(SwitchBody).enabled))


def _file_shape(found: OpenFile) -> FileTextShape:
    return {"file": found.file, "text": found.text, "digest": found.digest, "refusal": found.refusal}


def _saved_shape(saved: Saved) -> SavedShape:
    return {"file": saved.file, "digest": saved.digest, "reload": reload_shape(saved.reload)}


def _as_written(document: FileTextShape | DraftShape) -> Response:
    """Return an answer that is masked already: masking the text once more would take the marks for secrets."""
    headers = {"Cache-Control": "no-store"}
    return Response(msgspec.json.encode(document), 200, headers, "application/json")


ENDPOINTS = (
    Endpoint(
        method="GET", path="/api/config/files", tag=_TAG, summary="List the files that may be edited",
        run=list_config_files, answer=FileNamesShape, errors=(404,),
    ),
    Endpoint(
        method="GET", path=_FILE, tag=_TAG, summary="Show a file of the configuration",
        description="settings.yaml, pins.yaml or commands/NAME.yaml. A mark such as `•••1a2b3c4d•••` stands in the "
        "place of each secret; a text with marks is saved with the secrets in their place. A file that does not exist "
        "is an empty text with the digest `absent`.",
        run=show_config_file, answer=FileTextShape, errors=(404, 409, 413),
    ),
    Endpoint(
        method="POST", path=_FILE, tag=_TAG, summary="Validate a text for a file, and write nothing",
        run=check_config_file, body=DraftBody, answer=DraftShape, errors=(400, 404, 409, 413, 415),
    ),
    Endpoint(
        method="PUT", path=_FILE, tag=_TAG, summary="Save a file and apply it",
        description="409 when the file changed since it had `digest`, or cannot be written here; 422 with the findings "
        "when it would be broken and `anyway` is not set.",
        run=save_config_file, body=SaveBody, answer=SavedShape, errors=(400, 404, 409, 413, 415), is_slow=True,
    ),
    Endpoint(
        method="PUT", path="/api/commands/{name}/enabled", tag=_TAG, summary="Switch a command on or off in its file",
        description="Only the value of `enabled` changes, or the one line is added. 409 where the file does not allow "
        "that safely, or cannot be written here.",
        run=switch_command, body=SwitchBody, answer=SavedShape, errors=(400, 404, 409, 415), is_slow=True,
    ),
)  # fmt: skip
