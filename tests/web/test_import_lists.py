"""`/import_lists/NAME`, asked over real HTTP as Lidarr asks."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from fakes_web import plain
from pydantic import SecretStr

from cmdarr.config.settings import WebSettings
from cmdarr.errors import StoreUnavailable
from cmdarr.models.import_list import ImportListEntry
from cmdarr.web.import_lists import import_list_route
from cmdarr.web.server import WebServer

ENTRY = ImportListEntry(
    list="l", mbid="a74b1b7f", name="Sigur Rós", added_at=datetime(2026, 1, 1, tzinfo=UTC), source="x"
)


@dataclass
class Lists:
    """Import lists, and the settings of the web side."""

    lists: dict[str, list[ImportListEntry]] = field(default_factory=dict)
    settings: WebSettings = field(default_factory=WebSettings)
    is_down: bool = False

    def web_settings(self) -> WebSettings:
        return self.settings

    def import_list(self, name: str) -> Sequence[ImportListEntry] | None:
        if self.is_down:
            raise StoreUnavailable("config.db is locked.")
        return self.lists.get(name)


@contextmanager
def serving(lists: Lists) -> Iterator[str]:
    server = WebServer(host="127.0.0.1", port=0, application=plain(routes=[import_list_route(lists)]))
    server.start()
    try:
        yield f"{server.url}/import_lists"
    finally:
        server.stop()


def ask(url: str, headers: Mapping[str, str] | None = None) -> tuple[int, object]:
    try:
        request = urllib.request.Request(url, headers=dict(headers or {}))
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_a_list_is_what_lidarr_reads() -> None:
    with serving(Lists({"l": [ENTRY], "empty": []})) as url:
        assert ask(f"{url}/l") == (200, [{"MusicBrainzId": "a74b1b7f", "ArtistName": "Sigur Rós"}])
        assert ask(f"{url}/empty") == (200, [])


def test_a_list_that_never_was_is_not_found_and_a_locked_database_is_no_empty_list() -> None:
    with serving(Lists()) as url:
        assert ask(f"{url}/none")[0] == 404
    with serving(Lists(is_down=True)) as url:
        assert ask(f"{url}/l")[0] == 503


def test_a_private_list_needs_the_key_and_without_one_nobody_gets_it() -> None:
    lists = Lists({"l": [ENTRY]}, WebSettings(public_import_lists=False, api_key=SecretStr("k-é")))
    with serving(lists) as url:
        assert ask(f"{url}/l")[0] == 401
        assert ask(f"{url}/l", {"X-API-Key": "wrong"})[0] == 401
        assert ask(f"{url}/l", {"Authorization": "Bearer wrong"})[0] == 401
        lists.settings = WebSettings(public_import_lists=False, api_key=SecretStr("key"))
        assert ask(f"{url}/l", {"X-API-Key": "key"})[0] == 200
        assert ask(f"{url}/l", {"Authorization": "Bearer key"})[0] == 200
        lists.settings = WebSettings(public_import_lists=False)
        assert ask(f"{url}/l", {"X-API-Key": ""})[0] == 401
