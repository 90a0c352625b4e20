"""What no file can know alone: references to services, playlists written twice, an unprotected web side."""

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypeAlias

from cmdarr.config.catalog import Catalog, ServiceType
from cmdarr.config.command import ServiceReference, WrittenPlaylist
from cmdarr.config.document import Loc
from cmdarr.config.load.pins import PINS_FILE
from cmdarr.config.load.settings_file import SETTINGS_FILE
from cmdarr.config.services import ServiceEntry
from cmdarr.config.settings import DEFAULT_TTLS, Settings
from cmdarr.config.suggest import did_you_mean
from cmdarr.errors import Severity
from cmdarr.models.match import Pin

_PURPOSES = MappingProxyType(
    {
        "server": "hold playlists",
        "source": "be a source",
        "similar": "tell similar artists",
        "listens": "tell what a user listened to",
        "catalog": "take artists",
        "seeds": "tell artists to begin with",
        "identity": "say which artist a name means",
    }
)
Place: TypeAlias = Callable[[str, Loc], str]
"""Says where a key of a file stands, as `settings.yaml:12`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossProblem:
    """A problem between files; becomes a finding at `loc` of `file`."""

    file: str
    loc: Loc
    code: str
    message: str
    hint: str = ""
    severity: Severity = "error"
    at: Literal["value", "key"] = "value"


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossCheck:
    """The offline checks against one set of settings. `place` tells positions in other files."""

    catalog: Catalog
    settings: Settings
    root: Path
    place: Place

    def check_settings(self) -> Iterator[CrossProblem]:
        """Yield what is wrong with the settings beyond their form."""
        yield from self._check_web()
        yield from self._check_ttl()
        for entry in self.settings.services.values():
            yield from self._check_service(entry)

    def check_references(self, file: str, references: Iterable[ServiceReference]) -> Iterator[CrossProblem]:
        """Yield what is wrong with the references of one command in the light of the settings."""
        for reference in references:
            problem = self._check_reference(file, reference)
            if problem is not None:
                yield problem

    def check_pins(self, pins: Iterable[Pin]) -> Iterator[CrossProblem]:
        """Yield the pins that name a server which does not exist."""
        for index, pin in enumerate(pins):
            server = pin.target.server if pin.target else ""
            if server and server not in self.settings.services:
                yield CrossProblem(
                    file=PINS_FILE,
                    loc=(index, "match", "server"),
                    code="unknown_service",
                    message=f"settings.yaml has no service {server!r}; the pin has no effect.",
                    hint=did_you_mean(server, self.settings.services),
                    severity="warning",
                )

    def _check_web(self) -> Iterator[CrossProblem]:
        host = self.settings.web.host
        if self.settings.web.password is None and not is_loopback(host):
            yield CrossProblem(
                file=SETTINGS_FILE,
                loc=("web", "host"),
                code="password_missing",
                message=f"web.host {host!r} is reachable from other machines, and web.password is not set.",
                hint="set web.password (see `cmdarr hash-password`), or use 127.0.0.1",
            )

    def _check_ttl(self) -> Iterator[CrossProblem]:
        known = {*DEFAULT_TTLS, *self.catalog.services, *self.settings.services}
        for name in self.settings.cache.ttl:
            if name not in known:
                yield CrossProblem(
                    file=SETTINGS_FILE,
                    loc=("cache", "ttl", name),
                    code="unknown_service",
                    message=f"cache.ttl.{name} belongs to no service and has no effect.",
                    hint=did_you_mean(name, known),
                    severity="warning",
                    at="key",
                )

    def _check_service(self, entry: ServiceEntry) -> Iterator[CrossProblem]:
        find_problems = self.catalog.services[entry.type].find_problems
        if find_problems is None or not entry.is_configured or not entry.enabled:
            return
        for key, sentence in find_problems(entry.settings, self.root).items():
            loc: Loc = ("services", entry.name, *(key.split(".") if key else ()))
            yield CrossProblem(
                file=SETTINGS_FILE, loc=loc, code="service_problem", message=sentence, severity="warning"
            )

    def _check_reference(self, file: str, reference: ServiceReference) -> CrossProblem | None:
        name = reference.service
        if not name:
            return self._check_any(file, reference)
        entry = self.settings.services.get(name)
        if entry is None:
            hint = did_you_mean(name, self._names_for(reference.role))
            hint = hint or f"add `{name}` under `services` in settings.yaml"
            return _wrong(file, reference, "unknown_service", f"settings.yaml has no service {name!r}.", hint)
        key: Loc = ("services", name)
        if not entry.enabled:
            where = self.place(SETTINGS_FILE, (*key, "enabled"))
            message = f"the service {name!r} is disabled at {where}."
            return _wrong(file, reference, "service_disabled", message, "enable it, or name another service")
        if self._can(entry, reference.role):
            return None
        able = sorted(self._names_for(reference.role))
        where = f" at {self.place(SETTINGS_FILE, key)}" if entry.is_configured else ""
        message = f"the service {name!r} (type {entry.type}{where}) cannot {_PURPOSES[reference.role]}."
        return _wrong(
            file, reference, "wrong_service", message, f"able are {', '.join(able)}" if able else ""
        )

    def _check_any(self, file: str, reference: ServiceReference) -> CrossProblem | None:
        if any(self.settings.services[name].enabled for name in self._names_for(reference.role)):
            return None
        types = sorted(
            name for name, service in self.catalog.services.items() if _has_role(service, reference.role)
        )
        message = f"no service in settings.yaml can {_PURPOSES[reference.role]}."
        hint = f"add {' or '.join(f'`{name}`' for name in types)} under `services` in settings.yaml"
        return _wrong(file, reference, "unknown_service", message, hint)

    def _names_for(self, role: str) -> list[str]:
        return [name for name, entry in self.settings.services.items() if self._can(entry, role)]

    def _can(self, entry: ServiceEntry, role: str) -> bool:
        return _has_role(self.catalog.services[entry.type], role)


def _has_role(service: ServiceType, role: str) -> bool:
    return {
        "server": service.is_server,
        "source": service.is_source,
        "similar": service.knows_similar,
        "listens": service.knows_listens,
        "catalog": service.is_catalog,
        "seeds": service.knows_listens or service.is_catalog,
        "identity": service.is_identity,
    }.get(role, True)


def check_playlists(
    playlists: Mapping[str, Sequence[WrittenPlaylist]], place: Place
) -> Iterator[CrossProblem]:
    """Yield the playlists (by file) that two places write: each run would undo the other."""
    first: dict[tuple[str, str, str], tuple[str, Loc]] = {}
    for file, its_playlists in playlists.items():
        for written in its_playlists:
            playlist = (written.server, written.user, written.title)
            earlier = first.setdefault(playlist, (file, written.loc))
            if earlier == (file, written.loc):
                continue
            yield _written_twice(file, written.loc, written.title, place(*earlier))
            yield _written_twice(*earlier, written.title, place(file, written.loc))


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _wrong(file: str, reference: ServiceReference, code: str, message: str, hint: str) -> CrossProblem:
    severity: Severity = "error" if reference.is_needed else "warning"
    return CrossProblem(
        file=file, loc=reference.loc, code=code, message=message, hint=hint, severity=severity
    )


def _written_twice(file: str, loc: Loc, title: str, other: str) -> CrossProblem:
    message = f"the playlist {title!r} is also written by {other}; each run undoes the other."
    return CrossProblem(
        file=file,
        loc=loc,
        code="written_twice",
        message=message,
        hint="give one of them another title",
        severity="warning",
    )
