"""`/api/playlists` and `/api/held`: what Cmdarr manages, its revisions, and changes that wait for the user."""

from typing import Annotated, TypedDict

from pydantic import Field

from cmdarr.app.music_shapes import (
    BindingShape,
    HeldShape,
    PlaylistEntryShape,
    RevisionShape,
    binding_shape,
    entry_shapes,
    held_shape,
    revision_shape,
)
from cmdarr.app.playlists import compare_revisions, put_back
from cmdarr.app.shapes import ExecutionShape, execution_shape
from cmdarr.errors import NothingFound
from cmdarr.models.cancel import CancelToken
from cmdarr.web.api.endpoint import Body, Call, Endpoint


class PlaylistsShape(TypedDict):
    """The playlists that Cmdarr manages."""

    playlists: list[BindingShape]


class RevisionsShape(TypedDict):
    """Stored revisions, newest first."""

    revisions: list[RevisionShape]


class RestoredShape(TypedDict):
    """What putting a revision back did; `missing` are entries whose track the server no longer has."""

    added: int
    removed: int
    moved: int
    missing: list[PlaylistEntryShape]


class HeldChangesShape(TypedDict):
    """Changes that wait, the oldest first."""

    held: list[HeldShape]


class RevisionsQuery(Body):
    """Which revisions."""

    command: str | None = None
    """Only those of this command."""
    server: str | None = None
    """Only those of this server."""
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    """How many at most."""


class CompareQuery(Body):
    """What to compare with."""

    other: Annotated[int, Field(ge=1, lt=2**63)] | None = None
    """Another revision; what the server holds now when it is left out."""


class HeldQuery(Body):
    """Which held changes."""

    command: str | None = None
    """Only those of this command."""


def list_playlists(call: Call) -> PlaylistsShape:
    """Return the bindings."""
    return {"playlists": [binding_shape(binding) for binding in call.control.store.bindings.list()]}


def list_revisions(call: Call) -> RevisionsShape:
    """Return stored revisions."""
    query = call.query_as(RevisionsQuery)
    found = call.control.store.revisions.list(command=query.command, server=query.server, limit=query.limit)
    return {"revisions": [revision_shape(revision) for revision in found]}


def show_revision(call: Call) -> RevisionShape:
    """Return one revision."""
    return revision_shape(call.control.store.revisions.get(call.number()))


def compare_revision(call: Call) -> dict[str, object]:
    """Return what changed from a revision to another one, or to now."""
    revision = call.control.store.revisions.get(call.number())
    change = compare_revisions(call.control.app, revision, call.query_as(CompareQuery).other, CancelToken())
    return {"added": change.added, "removed": change.removed, "moved": change.moved}


def restore_revision(call: Call) -> RestoredShape:
    """Put a revision back on its server."""
    revision = call.control.store.revisions.get(call.number())
    report = put_back(call.control.app, revision, CancelToken())
    change = report.change
    return {
        "added": len(change.added),
        "removed": len(change.removed),
        "moved": len(change.moved),
        "missing": entry_shapes(report.missing),
    }


def list_held(call: Call) -> HeldChangesShape:
    """Return the changes that wait."""
    held = call.control.store.held.list(call.query_as(HeldQuery).command)
    return {"held": [held_shape(change) for change in held]}


def accept_held(call: Call) -> ExecutionShape:
    """Run the command again, and apply what was held."""
    name = call.name()
    if not call.control.store.held.list(name):
        raise NothingFound(f"no change of '{name}' waits: `/api/held` lists those that do.")
    return execution_shape(call.control.run(name, accept_removals=True))


ENDPOINTS = (
    Endpoint(
        method="GET", path="/api/playlists", tag="playlists", summary="List the playlists that Cmdarr manages",
        run=list_playlists, answer=PlaylistsShape,
    ),
    Endpoint(
        method="GET", path="/api/playlists/revisions", tag="playlists", summary="List stored revisions",
        run=list_revisions, query=RevisionsQuery, answer=RevisionsShape,
    ),
    Endpoint(
        method="GET", path="/api/playlists/revisions/{id:int}", tag="playlists", summary="Show one revision",
        run=show_revision, answer=RevisionShape, errors=(404,),
    ),
    Endpoint(
        method="GET", path="/api/playlists/revisions/{id:int}/changes", tag="playlists",
        summary="Compare a revision with another one, or with now",
        run=compare_revision, query=CompareQuery, answer=dict, errors=(404, 502, 503), is_slow=True,
    ),
    Endpoint(
        method="POST", path="/api/playlists/revisions/{id:int}/restore", tag="playlists",
        summary="Put a revision back on its server",
        description="What is there now becomes a revision too.",
        run=restore_revision, answer=RestoredShape, errors=(404, 409, 502, 503), is_slow=True,
    ),
    Endpoint(
        method="GET", path="/api/held", tag="playlists", summary="List changes that wait for the user",
        run=list_held, query=HeldQuery, answer=HeldChangesShape,
    ),
    Endpoint(
        method="POST", path="/api/held/{name}/accept", tag="playlists", summary="Apply what was held",
        description="The command is run again with its removals accepted.",
        run=accept_held, answer=ExecutionShape, status=202, errors=(404, 409),
    ),
)  # fmt: skip
