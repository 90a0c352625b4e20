"""Files: a folder of tagged audio files, with playlists written as `.m3u8`."""

from cmdarr.clients.files.settings import FilesSettings, find_problems
from cmdarr.config.base import Model
from cmdarr.config.catalog import ServiceType
from cmdarr.library.ports import ClientContext, MusicServer, ServiceKind


def build(settings: Model, context: ClientContext) -> MusicServer:
    """Return the server of these settings; nothing is read yet."""
    from cmdarr.clients.files.server import FilesServer

    assert isinstance(settings, FilesSettings)  # noqa: S101 - the catalogue hands over its own model
    return FilesServer(settings, context)


SERVICE = ServiceKind(
    name="files",
    type=ServiceType(settings_model=FilesSettings, is_server=True, find_problems=find_problems),
    build=build,
)
