"""Every request that the Jellyfin client makes, held against the published description of the API."""

from pathlib import Path
from typing import Any

import pytest
from clients.contract_server import plan
from clients.test_jellyfin_server import BY_PASSWORD, entries, make_client
from fakes_http import HttpServer, Seen
from fakes_jellyfin import ALICE, KEY, FakeJellyfin, make_tracks, start
from prism import find_spec, run_prism

from cmdarr.models.cancel import CancelToken
from cmdarr.models.track import ServerId

USES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "user token": ({"admins": {ALICE}}, {}),
    "password": ({}, {**BY_PASSWORD, "token": KEY}),
    "API key": ({"key_can_edit": True}, {"token": KEY, "user": "alice"}),
}


def use_everything(url: str, settings: dict[str, Any]) -> None:
    """Call every method of the port, with changes that take every kind of step."""
    server, cancel = make_client(url, **settings), CancelToken()
    server.check(cancel)
    server.keeps_duplicates(cancel)
    for section in server.list_sections(cancel):
        server.count_tracks(section, cancel)
        assert len([track for batch in server.fetch_tracks(section, cancel) for track in batch]) == 30
    playlist_id = server.create_playlist("Été & 夜", entries(*range(1, 21)), "Words", "", cancel)
    for wanted in (range(2, 21), [*range(2, 21), 21], [5, *range(2, 5), *range(6, 22)], range(21, 1, -1)):
        current = server.fetch_entries(playlist_id, "", cancel)
        assert current is not None
        assert server.apply_change(playlist_id, plan(current, entries(*wanted)), "", cancel) > 0
    server.rename_playlist(playlist_id, "New", "", cancel)
    server.describe_playlist(playlist_id, "Other words", "", cancel)
    server.list_playlists("", cancel)
    assert len(server.fetch_titles([ServerId(entry.server_id) for entry in entries(1, 2)], cancel)) == 2
    server.delete_playlist(playlist_id, "", cancel)
    assert server.fetch_entries(playlist_id, "", cancel) is None


def collect(use: str) -> list[Seen]:
    """Return the requests of one way to sign in, as a fake saw them."""
    habits, settings = USES[use]
    http: HttpServer = start(FakeJellyfin(tracks=make_tracks(30), **habits))
    try:
        use_everything(http.url, settings)
        return list(http.seen)
    finally:
        http.stop()


def shape_of(seen: Seen) -> tuple[str, str, frozenset[str]]:
    """Return what a request is like, whatever the ids and numbers in it."""
    path = "/".join(part for part in seen.path.split("/") if len(part) < 20 and not part.isdigit())
    return seen.method, path, frozenset(name for name, _ in seen.params)


@pytest.mark.parametrize("use", USES)
def test_every_kind_of_request_is_made(use: str) -> None:
    seen = {shape_of(each)[:2] for each in collect(use)}
    expected = {
        ("GET", "/System/Info/Public"), ("GET", "/UserViews"), ("GET", "/Items"), ("POST", "/Playlists"),
        ("GET", "/Playlists/Items"), ("POST", "/Playlists/Items"), ("DELETE", "/Playlists/Items"),
        ("POST", "/Items"), ("DELETE", "/Items"), ("POST", "/Playlists/Items/Move"),
    }  # fmt: skip
    assert expected <= seen


def test_no_request_breaks_the_description(tmp_path: Path) -> None:
    spec = find_spec("jellyfin-10.11.11.json")
    with run_prism(spec, tmp_path) as prism:
        assert prism.refusals(
            [Seen(method="GET", path="/Users/Me", params=[], headers={}, body=b"", connection=0)]
        )
        for use in USES:
            requests = {shape_of(seen): seen for seen in collect(use)}
            assert len(requests) > 12
            assert prism.refusals(requests.values()) == [], use
