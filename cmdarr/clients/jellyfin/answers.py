"""The answers of the Jellyfin API as far as they are read (source: its OpenAPI description, 10.11)."""

import re
from uuid import UUID

import msgspec

_SHORT = re.compile("[0-9a-f]{32}")


class Item(msgspec.Struct, rename="pascal"):
    """A track, a library, a playlist, or an entry of one. A run time is in ticks of 100 ns."""

    id: str
    name: str | None = None
    type: str | None = None
    collection_type: str | None = None
    media_type: str | None = None
    overview: str | None = None
    can_delete: bool | None = None
    artists: list[str] | None = None
    album_artist: str | None = None
    album: str | None = None
    index_number: int | None = None
    parent_index_number: int | None = None
    run_time_ticks: int | None = None
    production_year: int | None = None
    provider_ids: dict[str, str | None] | None = None
    playlist_item_id: str | None = None


class Page(msgspec.Struct, rename="pascal"):
    """A part of a list; `total_record_count` counts the whole of it."""

    items: list[Item]
    total_record_count: int


class Person(msgspec.Struct, rename="pascal"):
    """A user of the server."""

    id: str
    name: str


class SignedIn(msgspec.Struct, rename="pascal"):
    """What a sign-in gives."""

    access_token: str
    user: Person


class Created(msgspec.Struct, rename="pascal"):
    """A new playlist."""

    id: str


class About(msgspec.Struct, rename="pascal"):
    """What the server tells everybody."""

    version: str
    server_name: str | None = None

    @property
    def numbers(self) -> tuple[int, ...]:
        """The version as numbers."""
        parts = self.version.split("-")[0].split(".")
        return tuple(int(part) for part in parts if part.isascii() and part.isdigit())


def short(text: str) -> str:
    """Return an id without dashes and in lower case, whatever a server wrote; what is no id stays as it is."""
    if _SHORT.fullmatch(text):  # nearly always
        return text
    plain = text.replace("-", "").lower()
    return plain if _SHORT.fullmatch(plain) else text


def dashed(text: str) -> str:
    """Return an id as the API's description wants it in requests."""
    return str(UUID(hex=text)) if is_id(text) else text


def is_id(text: str) -> bool:
    """Whether a text can be an id of this server."""
    return _SHORT.fullmatch(short(text)) is not None
