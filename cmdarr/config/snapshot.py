"""The snapshot: the whole configuration as one immutable value, valid or not, with everything known about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from cmdarr.config.command import CommandOptions, ServiceReference
from cmdarr.config.settings import Settings
from cmdarr.errors import Finding
from cmdarr.models.match import Pin
from cmdarr.models.redaction import Redactor


class CommandState(StrEnum):
    """What the daemon does with a command."""

    OK = "ok"
    BROKEN = "broken"
    """The file is broken and no good version is known: it does not run."""
    LAST_GOOD = "last_good"
    """The file is broken; the version of before goes on."""
    UNAVAILABLE = "unavailable"
    """The kind is not part of this version."""
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandEntry:
    """One command of a snapshot.

    `options` is None when it cannot run (broken, unavailable). `document` is the file's meaning as JSON text,
    references unresolved and secrets masked: what history and config.db may keep. `digest` identifies the effective
    meaning (equal digests: nothing to reschedule) within one process: where references were resolved it is
    salted, so that nobody can guess a secret from it. `good_since` is when a last-good version was loaded.
    """

    name: str
    file: str
    kind: str
    state: CommandState
    options: CommandOptions | None = field(repr=False)
    document: str
    digest: str
    references: tuple[ServiceReference, ...] = ()
    findings: tuple[Finding, ...] = ()
    good_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The configuration of one generation. `generation` is the SHA-256 (hex) over settings, commands and pins."""

    generation: str
    settings: Settings
    commands: Mapping[str, CommandEntry]
    pins: tuple[Pin, ...]
    findings: tuple[Finding, ...]
    """Every finding of every file, in file order."""
    redactor: Redactor
    loaded_at: datetime
    file_digests: Mapping[str, str] = field(default_factory=dict)
    """File, relative to the config folder -> SHA-256 (hex) of its bytes."""
    settings_document: str = "{}"
    """The meaning of settings.yaml as JSON text, references unresolved and secrets masked."""
    secret_keys: frozenset[str] = frozenset()
    """The dotted keys of settings.yaml whose values are secrets: `web.password`, `services.plex.token`."""
    referenced_files: tuple[Path, ...] = ()
    """The files that `${file:…}` references name, whether they can be read or not."""

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that make a file invalid."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    def errors_in(self, file: str) -> tuple[Finding, ...]:
        """The errors of one file."""
        return tuple(finding for finding in self.errors if finding.file == file)
