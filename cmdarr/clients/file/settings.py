"""The settings of the `file` service."""

from cmdarr.config.base import Model


class FileSettings(Model):
    """Playlist files on this machine; there is nothing to set."""
