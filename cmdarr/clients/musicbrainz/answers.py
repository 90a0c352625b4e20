"""The answers of the MusicBrainz API as far as they are read."""

import msgspec


class Alias(msgspec.Struct):
    """Another name of an artist."""

    name: str | None = None


class Artist(msgspec.Struct, rename="kebab"):
    """An artist; `score` from 0 to 100 where it comes from a search."""

    id: str
    name: str
    sort_name: str | None = None
    score: int = 0
    aliases: list[Alias] | None = None

    @property
    def other_names(self) -> list[str]:
        """The names of its aliases."""
        return [alias.name for alias in self.aliases or () if alias.name]


class Credit(msgspec.Struct):
    """One name of an artist credit; `name` as printed, `joinphrase` what leads to the next."""

    artist: Artist
    name: str | None = None
    joinphrase: str | None = None


class ReleaseGroup(msgspec.Struct, rename="kebab"):
    """An album as a work."""

    id: str
    title: str
    primary_type: str | None = None
    secondary_types: list[str] | None = None
    artist_credit: list[Credit] | None = None
    score: int = 0


class Release(msgspec.Struct, rename="kebab"):
    """One edition of an album."""

    release_group: ReleaseGroup | None = None
    artist_credit: list[Credit] | None = None


class Recording(msgspec.Struct, rename="kebab"):
    """A recording, with the releases it stands on where they were asked for."""

    id: str
    title: str
    artist_credit: list[Credit] | None = None
    releases: list[Release] | None = None
    score: int = 0

    @property
    def first_artist(self) -> Artist | None:
        """The artist credited first."""
        return self.artist_credit[0].artist if self.artist_credit else None


class ArtistSearch(msgspec.Struct):
    """What a search for artists found."""

    artists: list[Artist]


class RecordingSearch(msgspec.Struct):
    """What a search for recordings found, or the recordings of an ISRC."""

    recordings: list[Recording]


class ReleaseGroupSearch(msgspec.Struct, rename="kebab"):
    """What a search for release groups found."""

    release_groups: list[ReleaseGroup]


def credit_text(credits_: list[Credit] | None) -> str:
    """Return an artist credit as it is printed."""
    return "".join(f"{one.name or one.artist.name}{one.joinphrase or ''}" for one in credits_ or ())
