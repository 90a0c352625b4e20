"""What a page is made of: its place in the navigation, its routes, what it is given and what it returns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from starlette.responses import Response

from cmdarr.app.control import Control
from cmdarr.errors import NothingFound
from cmdarr.web.security.gate import Entry

_TOO_LARGE = 2**63


@dataclass(frozen=True, slots=True)
class Nav:
    """A page's place in the navigation, in ascending order."""

    title: str
    path: str
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request for a page, in a thread that may wait; databases may be used.

    `form` holds the fields of a POST, each with its last value; `upload` is the file that came with it, removed after
    the answer. Paths are without the base path. `last_event` is the event before anything was looked at.
    """

    control: Control
    entry: Entry
    path: str
    parts: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    upload: Path | None = None
    last_event: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A page to render: a template, its context, and a title for the browser's tab."""

    template: str
    title: str
    context: Mapping[str, object] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a form did: the browser goes to a path and shows the sentence there."""

    to: str
    sentence: str
    kind: Literal["done", "failed"] = "done"


PageResult = View | Done | Response


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRoute:
    """One path of a page. `back` is where a form that failed returns to, with the sentence of the error.

    `back` may name parts of the path: `/commands/{name}`.
    """

    path: str
    show: Callable[[Visit], PageResult]
    method: Literal["GET", "POST"] = "GET"
    back: str = "/"
    is_slow: bool = False
    is_alone: bool = False
    upload_bytes: int = 0


def number_in(visit: Visit, key: str = "id") -> int:
    """Return a part of the path that is a number.

    Raises:
        NothingFound: it is larger than any that was ever given.
    """
    number = int(visit.parts[key])
    if number >= _TOO_LARGE:
        raise NothingFound(f"there is nothing of the number {number}.")
    return number
