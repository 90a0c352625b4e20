"""The answers of Deezer's API as far as they are read, and the errors that it sends with HTTP 200."""

import re

import msgspec

from cmdarr.errors import NotFound, RateLimited, ServiceError, UnexpectedResponse
from cmdarr.models.redaction import mask_places
from cmdarr.transport.request import Reply

_QUOTA, _BUSY, _NO_DATA = 4, 700, 800
_NEEDS_ACCOUNT = frozenset({200, 300})
_PAUSE_S = 5.0
"""The budget is counted over five seconds."""
_INDEX = re.compile(r"[?&]index=(\d{1,9})\b")


class _Problem(msgspec.Struct):
    type: str = ""
    message: str = ""
    code: int = 0


class _Checked(msgspec.Struct):
    error: _Problem | msgspec.UnsetType | list[object] | None = msgspec.UNSET


class Artist(msgspec.Struct):
    """An artist; of a track only the main one."""

    name: str | None = None


class Album(msgspec.Struct):
    """The album of a track, or one that was asked for."""

    title: str | None = None
    artist: Artist | None = None
    nb_tracks: int | None = None
    release_date: str | None = None


class Track(msgspec.Struct):
    """A track; `duration` in seconds. Lists have no ISRC but those of albums."""

    id: int = 0
    title: str | None = None
    title_version: str | None = None
    duration: int | None = None
    artist: Artist | None = None
    album: Album | None = None
    isrc: str | None = None
    release_date: str | None = None


class Page(msgspec.Struct):
    """A part of a list; `total` counts the entries of the whole list, also those that are not shown."""

    data: list[Track]
    total: int
    next: str | None = None
    checksum: str | None = None

    @property
    def next_index(self) -> int | None:
        """Where the next page begins, None where the answer does not say."""
        found = _INDEX.search(self.next or "")
        return int(found[1]) if found else None


class Playlist(msgspec.Struct):
    """A playlist without its tracks."""

    title: str
    description: str | None = None
    nb_tracks: int | None = None


class Named(msgspec.Struct):
    """An artist or a genre, of which only the name is read."""

    name: str


def check_answer(service: str, what: str, reply: Reply) -> None:
    """Look for an error in an answer.

    Raises:
        RateLimited: the budget of 50 requests in 5 seconds is used up, or the service is busy.
        NotFound: there is nothing of that id, or it is not public.
        UnexpectedResponse: any other error.
    """
    try:
        problem = msgspec.json.decode(reply.body, type=_Checked).error
    except (msgspec.DecodeError, RecursionError):
        return  # no such form: reading it says why
    if isinstance(problem, _Problem):
        raise _error_of(service, what, problem)


def _error_of(service: str, what: str, problem: _Problem) -> ServiceError:
    said = mask_places(" ".join(problem.message.split()))[:160]
    if problem.code in {_QUOTA, _BUSY}:
        return RateLimited(service, f"it is asked too often or busy ({said}).", retry_after_s=_PAUSE_S)
    if problem.code == _NO_DATA:
        return NotFound(service, f"{what} finds nothing ({said}): correct `playlist`.")
    if problem.code in _NEEDS_ACCOUNT:
        return NotFound(service, f"{what} is not public ({said}): make it public, or correct `playlist`.")
    return UnexpectedResponse(service, f"{what} was refused with error {problem.code} ({said}).")
