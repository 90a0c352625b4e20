"""The table of all endpoints: the modules of this folder, each with its `ENDPOINTS`."""

from cmdarr.web.api import commands
from cmdarr.web.api.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (*commands.ENDPOINTS,)
