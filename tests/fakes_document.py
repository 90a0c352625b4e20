"""Models that the tests of the document layer validate into."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from cmdarr.config.base import Model
from cmdarr.config.fields import Duration, Removals, ScheduleText, SecretText, UrlText


class Source(Model):
    service: str
    playlist: str


class Target(Model):
    server: str
    title: str = ""
    users: tuple[str, ...] = ()


class Lidarr(Model):
    url: UrlText
    api_key: SecretText
    timeout: Duration | None = None


class Numbered(Model):
    number: int
    text: str


class Options(Model):
    artist: str = ""
    enabled: bool = True
    limit: Annotated[int, Field(ge=1)] = 1
    ratio: float = 0.5
    mode: Literal["mirror", "append"] = "mirror"
    schedule: ScheduleText = "@daily"
    max_removals: Removals = Removals(25, is_percent=True)
    password: SecretText | None = None
    urls: tuple[SecretText, ...] = ()
    source: Source | None = None
    targets: tuple[Target, ...] = ()
    services: Mapping[str, Lidarr] = Field(default_factory=dict)
    either: int | Literal["all"] | Numbered | None = None
    positive: Annotated[int, Field(gt=0)] | str = 1
    steps: tuple[Numbered | Source, ...] = ()
    names: Mapping[str, str] = Field(default_factory=dict)
