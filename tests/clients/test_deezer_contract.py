"""Deezer as a playlist source like every other."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from clients.contract_source import SourceContract
from fakes_deezer import NO_DATA, PLAYLIST, QUOTA, FakeDeezer, error
from fakes_http import Answer, Told

from cmdarr.clients.deezer.settings import DeezerSettings
from cmdarr.clients.deezer.source import DeezerSource
from cmdarr.library.ports import ClientContext, PlaylistSource
from cmdarr.transport.session import Surroundings


class TestDeezer(SourceContract):
    playlist = f"https://www.deezer.com/en/playlist/{PLAYLIST}?utm_source=x"
    wrong = (
        "",
        "friday",
        "https://www.deezer.com/en/track/5",
        "https://www.deezer.com/en/playlist/",
        "https://example.org/playlist/5",
        "https://www.deezer.com.example.org/playlist/5",
        "ftp://www.deezer.com/playlist/5",
        "12/top",
        "http://[",
    )
    missing = "4711"
    page = 100
    more_faults: ClassVar[Mapping[str, Callable[[Answer], Told]]] = {
        "no data": lambda right: NO_DATA,
        "quota": lambda right: QUOTA,
        "busy": lambda right: error("Exception", 700, "SERVICE_BUSY"),
        "parameter": lambda right: error("ParameterException", 500, "Wrong parameter"),
        "private": lambda right: error("OAuthException", 200, "An active access token must be used"),
    }

    def make_fake(self) -> FakeDeezer:
        return FakeDeezer()

    def make_source(self, url: str, surroundings: Surroundings) -> PlaylistSource:
        context = ClientContext(name="deezer", root=Path(), data=Path(), surroundings=surroundings)
        return DeezerSource(DeezerSettings(url=url, timeout=timedelta(seconds=self.timeout_s)), context)
