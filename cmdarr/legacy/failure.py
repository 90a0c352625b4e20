"""What keeps a legacy install from being imported."""

from cmdarr.errors import CmdarrError


class LegacyUnreadable(CmdarrError):
    """The legacy data cannot be read; nothing was written."""


class LegacyBusy(LegacyUnreadable):
    """The legacy data is being written to at the moment; nothing was written."""

    exit_code = 75
    http_status = 409
