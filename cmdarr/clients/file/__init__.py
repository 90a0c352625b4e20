"""File: playlists read from a file on this machine."""

from cmdarr.clients.file.settings import FileSettings
from cmdarr.config.base import Model
from cmdarr.config.catalog import ServiceType
from cmdarr.library.ports import ClientContext, PlaylistSource, ServiceKind


def build(settings: Model, context: ClientContext) -> PlaylistSource:
    """Return the source; it has no settings."""
    from cmdarr.clients.file.source import FileSource

    assert isinstance(settings, FileSettings)  # noqa: S101 - the catalogue hands over its own model
    return FileSource(context)


SERVICE = ServiceKind(
    name="file",
    type=ServiceType(settings_model=FileSettings, is_source=True, works_unconfigured=True),
    build=build,
)
