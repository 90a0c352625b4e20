"""Every request that the client makes fits the published description of the Plex API."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from clients.test_plex_server import add_mix, change, entries, make_client
from fakes_http import Seen
from fakes_plex import FakePlex, start
from prism import Prism, find_spec, run_prism

from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import PlaylistId
from cmdarr.models.track import ServerId


@pytest.fixture(scope="module")
def prism(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prism]:
    with run_prism(find_spec("plex.yaml"), tmp_path_factory.mktemp("prism")) as mock:
        yield mock


def record_requests() -> list[Seen]:
    """Let a client do everything that it can, and return what it asked the server."""
    fake, cancel = FakePlex(), CancelToken()
    http = start(fake)
    try:
        server = make_client(http.url, batch_size=2)
        server.check(cancel)
        server.count_tracks("Music", cancel)
        list(server.fetch_tracks("Music", cancel))
        server.fetch_titles([ServerId(each) for each in ("101", "102", "999")], cancel)
        made = server.create_playlist("Été & more", entries(1, 2, 3), "About it", "", cancel)
        server.rename_playlist(made, "Other", "", cancel)
        server.describe_playlist(made, "ü", "", cancel)
        change(server, add_mix(fake, 1, 2, 3, 4), 5, 4, 1, 2)
        change(server, fake.playlists[made])
        server.list_playlists("", cancel)
        server.fetch_entries(PlaylistId("1"), "", cancel)
        server.create_playlist("Empty", [], "", "", cancel)
        server.delete_playlist(made, "", cancel)
        return http.seen
    finally:
        http.stop()


def as_described(request: Seen) -> Seen:
    """Return a request with the address that the description knows.

    It has another one for the list of libraries; and Prism falls over several ids in a path, so one stands for all.
    """
    path = request.path
    if path == "/library/sections":
        return replace(request, path="/library/sections/all")
    return replace(request, path=path.partition(",")[0])


def test_no_request_breaks_the_description(prism: Prism) -> None:
    seen = [as_described(request) for request in record_requests()]
    assert len({(request.method, request.path) for request in seen}) >= 20
    assert prism.refusals(seen) == []


def test_the_mock_notices_what_is_wrong(prism: Prism) -> None:
    request = next(each for each in record_requests() if each.method == "GET" and each.path == "/playlists")
    unsigned = {name: value for name, value in request.headers.items() if name != "x-plex-token"}
    assert prism.refusal(replace(request, headers=unsigned))
    assert prism.refusal(replace(request, path="/playlists/everything"))
