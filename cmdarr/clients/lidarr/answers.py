"""The answers of Lidarr's API (v1) as far as they are read: of an artist the id and name, no pictures and texts."""

import msgspec


class Status(msgspec.Struct, rename="camel"):
    """What answers (`system/status`)."""

    app_name: str | None = None
    version: str | None = None


class Artist(msgspec.Struct, rename="camel"):
    """An artist of the library, or one that was looked up; `foreign_artist_id` is its MBID."""

    foreign_artist_id: str | None = None
    artist_name: str | None = None
    monitored: bool = True


class Exclusion(msgspec.Struct, rename="camel"):
    """An artist or album that the user excluded from import lists."""

    foreign_id: str | None = None


class RootFolder(msgspec.Struct, rename="camel"):
    """A folder that artists are put into, with the profiles that it gives them."""

    path: str
    name: str | None = None
    default_quality_profile_id: int = 0
    default_metadata_profile_id: int = 0


class Named(msgspec.Struct):
    """A profile or a tag."""

    id: int = 0
    name: str | None = None
    label: str | None = None

    @property
    def title(self) -> str:
        """Its name; tags have a label instead."""
        return self.name or self.label or ""


class Complaint(msgspec.Struct, rename="camel"):
    """One reason why a write was refused."""

    property_name: str | None = None
    error_message: str | None = None


class Failure(msgspec.Struct):
    """Why a call failed, where it was not the form of what was sent."""

    message: str | None = None
