"""Good documents: the last configuration that was applied, as config.db keeps it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodDocument:
    """The meaning of one configuration file as it was last applied.

    `file` is relative to the config folder (`settings.yaml`, `commands/x.yaml`). `document` is JSON text with
    references unresolved and plain secrets masked; JSON is YAML, so it goes through the same pipeline again.
    """

    file: str
    document: str
    digest: str
    good_since: datetime
