"""`/api/match`, `/api/services`, `/api/import_lists`: the matcher explained, services asked, import lists read."""

from typing import TypedDict

from cmdarr.app.import_lists import list_names
from cmdarr.app.music_shapes import (
    DecisionShape,
    ImportListEntryShape,
    ServiceShape,
    decision_shape,
    import_list_entry_shape,
    service_shape,
)
from cmdarr.app.playlists import explain_on_servers
from cmdarr.errors import NothingFound
from cmdarr.models.cancel import CancelToken
from cmdarr.models.import_list import ListedState
from cmdarr.models.progress import SilentProgress
from cmdarr.models.track import WantedTrack
from cmdarr.web.api.endpoint import Body, Call, Endpoint


class MatchQuery(Body):
    """The track to look for."""

    artist: str
    """The artist."""
    title: str
    """The title."""
    album: str = ""
    """The album, where it is known."""
    server: str | None = None
    """The server to look in; every configured one when it is left out."""


class ServiceEntryShape(TypedDict):
    """A service of settings.yaml."""

    name: str
    type: str
    enabled: bool
    is_configured: bool


class ServicesShape(TypedDict):
    """The services of settings.yaml, in its order."""

    services: list[ServiceEntryShape]


class ServiceAnswersShape(TypedDict):
    """How each service answered."""

    services: list[ServiceShape]


class ImportListShape(TypedDict):
    """An import list and how many entries are listed now."""

    name: str
    listed: int


class ImportListsShape(TypedDict):
    """The import lists, by name."""

    lists: list[ImportListShape]


class ImportListEntriesShape(TypedDict):
    """The entries of an import list, the oldest first."""

    entries: list[ImportListEntryShape]


class EntriesQuery(Body):
    """Which entries."""

    state: ListedState | None = None
    """Only those in this state."""


def match_track(call: Call) -> dict[str, DecisionShape]:
    """Return the decision on each server."""
    query = call.query_as(MatchQuery)
    wanted = WantedTrack(artist=query.artist, title=query.title, album=query.album)
    decisions = explain_on_servers(
        call.control.app, wanted, query.server, progress=SilentProgress(), cancel=CancelToken()
    )
    return {name: decision_shape(decision) for name, decision in decisions.items()}


def list_services(call: Call) -> ServicesShape:
    """Return the services in force."""
    services = call.control.snapshot.settings.services
    return {
        "services": [
            {"name": name, "type": entry.type, "enabled": entry.enabled, "is_configured": entry.is_configured}
            for name, entry in services.items()
        ]
    }


def check_online(call: Call) -> ServiceAnswersShape:
    """Ask every service whether it answers."""
    return {"services": [service_shape(answer) for answer in call.control.check_services()]}


def list_import_lists(call: Call) -> ImportListsShape:
    """Return the import lists that commands fill, and those that ever had an entry."""
    store = call.control.store
    counts = store.import_lists.names()
    names = list_names(store, call.control.snapshot)
    return {"lists": [{"name": name, "listed": counts.get(name, 0)} for name in names]}


def show_import_list(call: Call) -> ImportListEntriesShape:
    """Return the entries of one list with where they came from."""
    store, name = call.control.store, call.name()
    if name not in list_names(store, call.control.snapshot):
        raise NothingFound(f"there is no import list '{name}': `/api/import_lists` lists them.")
    entries = store.import_lists.entries(name, state=call.query_as(EntriesQuery).state)
    return {"entries": [import_list_entry_shape(entry) for entry in entries]}


ENDPOINTS = (
    Endpoint(
        method="GET", path="/api/match", tag="music", summary="Explain which track is taken",
        run=match_track, query=MatchQuery, answer=dict[str, DecisionShape], errors=(404, 502, 503), is_slow=True,
    ),
    Endpoint(
        method="GET", path="/api/services", tag="music", summary="List the services of settings.yaml",
        run=list_services, answer=ServicesShape,
    ),
    Endpoint(
        method="POST", path="/api/services/check", tag="music", summary="Ask every service whether it answers",
        run=check_online, answer=ServiceAnswersShape, is_slow=True,
    ),
    Endpoint(
        method="GET", path="/api/import_lists", tag="music", summary="List the import lists",
        run=list_import_lists, answer=ImportListsShape,
    ),
    Endpoint(
        method="GET", path="/api/import_lists/{name}", tag="music", summary="Show the entries of an import list",
        run=show_import_list, query=EntriesQuery, answer=ImportListEntriesShape, errors=(404,),
    ),
)  # fmt: skip
