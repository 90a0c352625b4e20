"""Spotify as a playlist source like every other, in both forms of its API."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from clients.contract_source import SourceContract
from fakes_http import Answer, Told
from fakes_spotify import (
    ACCESS,
    CLIENT_ID,
    CLIENT_SECRET,
    PLAYLIST,
    REFRESH_TOKEN,
    FakeSpotify,
    refusal,
)
from pydantic import SecretStr

from cmdarr.clients.spotify.settings import SpotifySettings
from cmdarr.clients.spotify.source import SpotifySource
from cmdarr.library.ports import ClientContext, PlaylistSource
from cmdarr.transport.session import Surroundings


class TestSpotify(SourceContract):
    playlist = f"https://open.spotify.com/playlist/{PLAYLIST}?si=abc"
    wrong = (
        "",
        "friday",
        "https://open.spotify.com/track/3cEYpjA9oz9GiPac4AsH4n",
        "https://open.spotify.com/playlist/short",
        "https://open.spotify.com.example.org/playlist/3cEYpjA9oz9GiPac4AsH4n",
        "spotify:track:3cEYpjA9oz9GiPac4AsH4n",
        "http://[",
    )
    missing = "3cEYpjA9oz9GiPac4AsXXX"
    secrets = (CLIENT_SECRET, REFRESH_TOKEN, ACCESS)
    page = 50
    more_faults: ClassVar[Mapping[str, Callable[[Answer], Told]]] = {
        "401": lambda right: refusal(401, "Invalid access token"),
        "403": lambda right: refusal(403, "Forbidden"),
        "404": lambda right: refusal(404, "Not found"),
        "an error in 200": lambda right: Answer(body=b'{"error": {"status": 500, "message": "oops"}}'),
    }
    form = "item"

    def make_fake(self) -> FakeSpotify:
        return FakeSpotify(form=self.form)

    def make_source(self, url: str, surroundings: Surroundings) -> PlaylistSource:
        context = ClientContext(name="spotify", root=Path(), data=Path(), surroundings=surroundings)
        settings = SpotifySettings(
            url=f"{url}/v1",
            accounts_url=url,
            client_id=CLIENT_ID,
            client_secret=SecretStr(CLIENT_SECRET),
            refresh_token=SecretStr(REFRESH_TOKEN),
            timeout=timedelta(seconds=self.timeout_s),
        )
        return SpotifySource(settings, context)


class TestSpotifyOfBefore(TestSpotify):
    form = "track"
