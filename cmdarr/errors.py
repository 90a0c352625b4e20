"""The errors of Cmdarr, and what each of them means for whoever called.

```
CmdarrError                         1   the thing asked for failed
├─ UsageError                       2   the call itself was wrong
│  └─ NothingFound                  2   what was named does not exist
├─ ConfigError(findings)            1   the user edits YAML (`serve` leaves with 78)
├─ ServiceError(service)            1
│  ├─ ServiceUnavailable            75  try again later, with back-off
│  │  └─ RateLimited(retry_after_s) 75  the server said when
│  ├─ AuthenticationFailed(setting) 1   stop; name the setting
│  ├─ NotFound                      1   the caller decides
│  └─ UnexpectedResponse            1   the API changed; keep the answer as a fixture
├─ CommandError                     1   a precondition of this run fails
│  ├─ SourceIncomplete              1   the source answered short: nothing was touched
│  ├─ PlaylistConflict              1   the playlist of that title is not ours, or there are two
│  ├─ ChangeNotApplied              1   the read-back differs from the plan
│  ├─ RunHeld                       75  computed, waiting for the user
│  ├─ RunCancelled                  1   somebody asked for it
│  │  └─ TimeLimitReached           1   `time_limit` of the command passed
└─ StorageError                     1
   ├─ StoreDamaged                  78  config.db cannot be read; a restore is needed
   ├─ StoreUnavailable              75  disk full, read-only or locked: nothing was lost, try again
   └─ FolderInUse                   1   another process holds the data folder
```

A message is one sentence for the user: it names the file, key or setting, and says the cure. It never holds
a secret.
"""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem of the configuration, with its place.

    `file` is relative to the config folder; `line` and `column` count from 1; `key` is the dotted path
    (`targets.0.server`), empty for the file as a whole. `excerpt` is the source line with a caret below it,
    for text output only; `related_line` is a second place in the same file (duplicate keys), 0 for none.
    """

    file: str
    line: int
    column: int
    key: str
    code: str
    message: str
    severity: Severity = "error"
    hint: str = ""
    excerpt: str = ""
    related_line: int = 0

    def as_warning(self) -> "Finding":
        """Return the same finding with severity `warning`."""
        return replace(self, severity="warning")


class CmdarrError(Exception):
    """Something went wrong."""

    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip().partition("\n")[0])


class UsageError(CmdarrError):
    """The call was wrong."""

    exit_code = 2
    http_status = 400


class NothingFound(UsageError):
    """Nothing of that name exists."""

    http_status = 404


class ConfigError(CmdarrError):
    """The configuration is invalid."""

    http_status = 422

    def __init__(self, message: str | None = None, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(message)
        self.findings = findings


class ServiceError(CmdarrError):
    """A service failed."""

    http_status = 502

    def __init__(self, service: str, message: str | None = None) -> None:
        super().__init__(f"{service}: {message}" if message else None)
        self.service = service


class ServiceUnavailable(ServiceError):
    """The service does not answer; it is tried again later."""

    exit_code = 75
    http_status = 503


class RateLimited(ServiceUnavailable):
    """The service asks to wait."""

    def __init__(
        self, service: str, message: str | None = None, *, retry_after_s: float | None = None
    ) -> None:
        super().__init__(service, message)
        self.retry_after_s = retry_after_s


class AuthenticationFailed(ServiceError):
    """The service refused the credentials; correct the setting that is named."""

    def __init__(self, service: str, message: str | None = None, *, setting: str) -> None:
        super().__init__(service, message)
        self.setting = setting


class NotFound(ServiceError):
    """The service has nothing of that id or name."""

    http_status = 404


class UnexpectedResponse(ServiceError):
    """The service answered in a form that Cmdarr does not know."""


class CommandError(CmdarrError):
    """The command cannot run."""

    http_status = 409


class SourceIncomplete(CommandError):
    """The source did not answer completely; the playlist was not touched."""


class PlaylistConflict(CommandError):
    """A playlist of that title exists that Cmdarr did not make; set `adopt: true` to take it over."""


class ChangeNotApplied(CommandError):
    """The server does not hold what was written to it."""


class RunHeld(CommandError):
    """The change waits for the user."""

    exit_code = 75


class RunCancelled(CommandError):
    """The run was cancelled."""


class TimeLimitReached(RunCancelled):
    """The run took longer than its time limit."""


class StorageError(CmdarrError):
    """A database failed."""


class StoreDamaged(StorageError):
    """The database is damaged; restore it from a backup."""

    exit_code = 78


class StoreUnavailable(StorageError):
    """The database cannot be written at the moment."""

    exit_code = 75
    http_status = 503


class FolderInUse(StorageError):
    """Another Cmdarr process uses this data folder."""

    http_status = 409


def exit_code_for(error: BaseException) -> int:
    """Return the process exit code for an exception (sysexits.h values where one fits)."""
    return error.exit_code if isinstance(error, CmdarrError) else 1


def http_status_for(error: BaseException) -> int:
    """Return the HTTP status for an exception."""
    return error.http_status if isinstance(error, CmdarrError) else 500
