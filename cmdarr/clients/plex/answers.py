"""The answers of Plex as far as they are read. Everything may be missing, and numbers may come as texts.

What all items of a list have in common may stand once at the list itself.
"""

from typing import TypeAlias

import msgspec

Scalar: TypeAlias = str | int | float | bool | None


class Guid(msgspec.Struct):
    """An identifier of another catalogue, such as `mbid://…`."""

    id: Scalar = None


class Item(msgspec.Struct, rename="camel"):
    """A track, an entry of a playlist, or a playlist; `duration` in milliseconds."""

    rating_key: Scalar = None
    type: Scalar = None
    title: Scalar = None
    original_title: Scalar = None
    parent_title: Scalar = None
    grandparent_title: Scalar = None
    index: Scalar = None
    parent_index: Scalar = None
    duration: Scalar = None
    year: Scalar = None
    parent_year: Scalar = None
    guids: list[Guid] | None = msgspec.field(default=None, name="Guid")
    playlist_item_id: Scalar = msgspec.field(default=None, name="playlistItemID")
    summary: Scalar = None
    smart: Scalar = None
    read_only: Scalar = None
    playlist_type: Scalar = None
    leaf_count: Scalar = None


class Section(msgspec.Struct):
    """A library; the music ones are of type `artist`."""

    key: Scalar = None
    title: Scalar = None
    type: Scalar = None


class Container(msgspec.Struct, rename="camel"):
    """What every call returns."""

    size: Scalar = None
    total_size: Scalar = None
    items: list[Item] | None = msgspec.field(default=None, name="Metadata")
    sections: list[Section] | None = msgspec.field(default=None, name="Directory")
    machine_identifier: Scalar = None
    friendly_name: Scalar = None
    version: Scalar = None
    leaf_count_requested: Scalar = None
    leaf_count_added: Scalar = None
    title: Scalar = None
    smart: Scalar = None
    parent_title: Scalar = None
    grandparent_title: Scalar = None
    parent_index: Scalar = None
    parent_year: Scalar = None


class Envelope(msgspec.Struct):
    """The outermost object of every answer."""

    container: Container = msgspec.field(name="MediaContainer")


class Account(msgspec.Struct, rename="camel"):
    """An account at plex.tv, or a managed user of a home, who has no `username`."""

    id: Scalar = None
    title: Scalar = None
    username: Scalar = None
    friendly_name: Scalar = None


class Home(msgspec.Struct):
    """The users of a Plex Home."""

    users: list[Account] | None = None


class Device(msgspec.Struct, rename="camel"):
    """What an account may use: players, and servers (`provides` names what it is)."""

    client_identifier: Scalar = None
    provides: Scalar = None
    owned: Scalar = None


def text(value: Scalar) -> str:
    """Return a text whatever a server made of it."""
    if isinstance(value, str):  # nearly always
        return value
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def whole(value: Scalar) -> int | None:
    """Return a whole number whatever a server made of it, None for what is none."""
    if value is None or type(value) is int:  # nearly always
        return value
    try:
        return int(float(text(value)))
    except (ValueError, OverflowError):
        return None


def truth(value: Scalar) -> bool:
    """Return whether a flag is set: `true`, `1` and `"1"` are."""
    return text(value) in {"true", "1"}
