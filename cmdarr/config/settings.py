"""settings.yaml as a model: every key, its default and its meaning. The docstrings are the reference."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, PrivateAttr, SkipValidation

from cmdarr.config.base import Model
from cmdarr.config.command import NotifyEvent
from cmdarr.config.fields import Duration, NetworkText, Port, ScheduleText, SecretText, Size
from cmdarr.config.services import ServiceEntry
from cmdarr.config.zone import ZoneName
from cmdarr.errors import NothingFound

RESTART_ONLY = frozenset({"web.host", "web.port", "web.base_path"})
"""The keys whose change waits for a restart; every other key is live at the next reload."""

DEFAULT_TTLS: Mapping[str, timedelta] = MappingProxyType(
    {
        "lastfm": timedelta(days=7),
        "musicbrainz": timedelta(days=30),
        "library": timedelta(days=30),
        "failed": timedelta(days=1),
    }
)
"""How long answers are kept when `cache.ttl` says nothing; `failed` is for answers that found nothing."""

_OTHER_TTL = timedelta(days=1)


class ExecutorSettings(Model):
    """How commands are run."""

    max_parallel: Annotated[int, Field(ge=1, le=64)] = 2
    """How many commands run at once; never two runs of one command."""
    shutdown_grace: Duration = timedelta(seconds=300)
    """How long a stop waits for running commands before it cancels them."""
    retry_interrupted: bool = True
    """Whether a run that was cut off by a crash or power loss is started again once."""
    misfire_grace: Duration = timedelta(hours=12)
    """A run missed while the daemon was off is made up once when it was due within this time."""


class HistorySettings(Model):
    """How much of the execution history is kept."""

    keep_days: Annotated[int, Field(ge=1)] = 365
    """Executions older than this many days are removed."""
    keep_per_command: Annotated[int, Field(ge=1)] = 500
    """How many executions of one command are kept at most."""


class WebSettings(Model):
    """The web pages and the API."""

    host: str = "127.0.0.1"
    """The address to listen on; anything but a loopback address needs `web.password`."""
    port: Port = 8080
    """The TCP port to listen on."""
    username: str = "admin"
    """The name to log in with."""
    password: SecretText | None = None
    """The password to log in with: plain, or an argon2 hash as `cmdarr hash-password` prints it.

    Without one, everything is open to whoever reaches the loopback address.
    """
    api_key: SecretText | None = None
    """The key that scripts send as `X-API-Key` or as a bearer token."""
    public_metrics: bool = False
    """Whether `/metrics` answers without a login."""
    public_import_lists: bool = True
    """Whether `/import_lists/…` answers without a login."""
    base_path: Annotated[str, Field(pattern=r"^(/[A-Za-z0-9._~-]+)*$")] = ""
    """The path below which a reverse proxy publishes the pages, for example `/cmdarr`."""
    trusted_proxies: tuple[NetworkText, ...] = ()
    """Addresses or networks of reverse proxies, whose `X-Forwarded-For`, `-Proto` and `-Host` are believed."""


class LogSettings(Model):
    """The log on stderr."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least important messages that are written."""
    format: Literal["text", "json"] = "text"
    """`text` for people, `json` for machines: one object a line."""


class CacheSettings(Model):
    """The disposable cache."""

    max_size: Size = 512_000_000
    """The size that data/cache.db may reach before the oldest answers are dropped."""
    ttl: Mapping[str, Duration] = Field(default_factory=dict)
    """How long answers are kept, by service; `library` for library indexes, `failed` for answers without a find."""

    def ttl_of(self, source: str) -> timedelta:
        """Return how long answers of a service (`library`, `failed`) are kept."""
        return self.ttl.get(source) or DEFAULT_TTLS.get(source, _OTHER_TTL)


class NotificationSettings(Model):
    """Where notifications are sent, and of what."""

    urls: tuple[SecretText, ...] = ()
    """Apprise URLs (`ntfys://…`, `tgram://…`, `mailtos://…`); each is a secret. `cmdarr notify-test` tries them."""
    on: tuple[NotifyEvent, ...] = ("failed", "recovered", "held", "unmatched")
    """The events that are notified, each only when it is new; a command may name its own in `notify`."""


class Settings(Model):
    """settings.yaml. Every key is optional; an empty file is a working configuration."""

    timezone: ZoneName | None = None
    """The time zone of all schedules, an IANA name; default: the variable TZ, else the system's."""
    schedule: ScheduleText = "0 3 * * *"
    """The schedule of commands without one: five-field cron, `@hourly`, `@daily`, `@weekly`, `@monthly` or `manual`."""
    executor: ExecutorSettings = Field(default_factory=ExecutorSettings)
    """How commands are run."""
    history: HistorySettings = Field(default_factory=HistorySettings)
    """How much of the execution history is kept."""
    web: WebSettings = Field(default_factory=WebSettings)
    """The web pages and the API."""
    log: LogSettings = Field(default_factory=LogSettings)
    """The log on stderr."""
    services: Mapping[str, SkipValidation[ServiceEntry]] = Field(default_factory=dict)
    """The services by name; `type` may be left out when the name is a type."""
    cache: CacheSettings = Field(default_factory=CacheSettings)
    """The disposable cache."""
    notifications: NotificationSettings = Field(default_factory=NotificationSettings)
    """Where notifications are sent, and of what."""

    _local_zone: str = PrivateAttr(default="UTC")

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of all schedules."""
        return ZoneInfo(self.timezone or self._local_zone)

    def completed(self, services: Mapping[str, ServiceEntry], local_zone: str) -> "Settings":
        """Return these settings with their services, and with the zone that holds when none is named."""
        settings = self.model_copy(update={"services": MappingProxyType(dict(services))})
        settings._local_zone = local_zone  # noqa: SLF001 - the copy is not published yet
        return settings

    def __repr_args__(self) -> Any:
        """Show no values: a resolved reference may stand in any field."""
        yield "keys", sorted(self.model_fields_set)


def service_type(settings: Settings, name: str) -> str:
    """Return the type of a configured service.

    Raises:
        NothingFound: settings.yaml has no service of that name.
    """
    try:
        return settings.services[name].type
    except KeyError:
        raise NothingFound(f"settings.yaml has no service {name!r}; add it under `services`.") from None


def restart_only_changes(before: Settings, after: Settings) -> tuple[str, ...]:
    """Return the keys that differ and that a reload cannot make effective, sorted."""
    return tuple(key for key in sorted(RESTART_ONLY) if value_at(before, key) != value_at(after, key))


def value_at(settings: Settings, key: str) -> object:
    """Return the value of a dotted key that is not below `services`."""
    value: object = settings
    for name in key.split("."):
        value = getattr(value, name)
    return value
