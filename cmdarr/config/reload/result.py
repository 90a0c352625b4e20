"""What came of one reload."""

from dataclasses import dataclass
from enum import StrEnum

from cmdarr.config.reload.changes import NO_CHANGES, Changes
from cmdarr.config.reload.hold import HeldChange
from cmdarr.errors import Finding


class ReloadOutcome(StrEnum):
    """How a reload ended."""

    APPLIED = "applied"
    """Something else is in force now; files that are broken keep their last good version even so."""
    UNCHANGED = "unchanged"
    REJECTED = "rejected"
    """Nothing else is in force: what changed is broken."""
    HELD = "held"
    """The change waits, because it looks like a lost folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReloadResult:
    """What came of one reload; `generation` is the one in force after it."""

    outcome: ReloadOutcome
    reason: str
    """What asked for it: `files changed`, `signal`, `api`."""
    generation: str
    changes: Changes = NO_CHANGES
    findings: tuple[Finding, ...] = ()
    pending_restart: tuple[str, ...] = ()
    """Settings that differ from those the process started with and that only a restart makes effective."""
    held: HeldChange | None = None
    warnings: tuple[str, ...] = ()
    duration_ms: float = 0.0

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that make a file invalid."""
        return tuple(finding for finding in self.findings if finding.severity == "error")
