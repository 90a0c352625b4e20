"""The kind `library_refresh`: reads the libraries of servers into the cache ahead of time."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal, Self

from cmdarr.config.command import CommandOptions, ServiceReference, find_reference
from cmdarr.engine.command import Command, CommandDependencies, Run
from cmdarr.errors import CmdarrError, RunCancelled
from cmdarr.models.execution import Outcome, Status

if TYPE_CHECKING:
    from cmdarr.library.refresh import RefreshReport


class LibraryRefreshOptions(CommandOptions):
    """The keys of a `library_refresh`."""

    kind: Literal["library_refresh"]
    """What the command does."""
    servers: tuple[str, ...] = ()
    """The servers whose libraries are read: names under `services` in settings.yaml; default: all of them."""

    @classmethod
    def service_references(cls, written: Mapping[str, object]) -> Iterator[ServiceReference]:
        """Yield every server."""
        servers = written.get("servers")
        for place in range(len(servers) if isinstance(servers, tuple) else 0):
            yield from find_reference(written, ("servers", place), "server")


class LibraryRefresh(Command[LibraryRefreshOptions]):
    """Reads the music libraries of your servers, so that playlists find new music at once.

    One failing server never stops the others; what was known of it before stays in use.
    """

    kind = "library_refresh"
    options_model = LibraryRefreshOptions

    def __init__(self, deps: CommandDependencies) -> None:
        self._deps = deps

    @classmethod
    def build(cls, deps: CommandDependencies) -> Self:
        """Take the services and the index."""
        return cls(deps)

    def run(self, run: Run[LibraryRefreshOptions]) -> Outcome:
        """Refresh one server after the other; a dry run reads nothing."""
        names = run.options.servers or tuple(self._deps.services.server_names())
        if run.dry_run:
            return Outcome(status=Status.SUCCEEDED, summary=f"Would read the library of {_list(names)}.")
        outcomes = {name: self._refresh(name, run) for name in names}
        errors = {name: error for name, error in outcomes.items() if isinstance(error, CmdarrError)}
        first = next(iter(errors.values()), None)
        return Outcome(
            status=Status.FAILED if errors else Status.SUCCEEDED,
            summary=_summarise(outcomes),
            result={"servers": [_as_json(name, outcome) for name, outcome in outcomes.items()]},
            error=" ".join(str(error) for error in errors.values()) or None,
            error_class=type(first).__name__ if first else None,
        )

    def _refresh(self, name: str, run: Run[LibraryRefreshOptions]) -> "RefreshReport | CmdarrError":
        from cmdarr.library.refresh import refresh_library  # only a run needs the matcher behind it

        run.cancel.check()
        try:
            return refresh_library(
                self._deps.services.server(name),
                self._deps.index,
                clock=run.clock,
                cancel=run.cancel,
                progress=run.progress,
            )
        except RunCancelled:
            raise
        except CmdarrError as error:
            return error


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "no server"


def _summarise(outcomes: "Mapping[str, RefreshReport | CmdarrError]") -> str:
    if not outcomes:
        return "There is no server to read; add one under `services` in settings.yaml."
    return "; ".join(_text(name, outcome) for name, outcome in outcomes.items()) + "."


def _text(name: str, outcome: "RefreshReport | CmdarrError") -> str:
    return f"{name}: failed" if isinstance(outcome, CmdarrError) else f"{name}: {outcome.tracks} tracks"


def _as_json(name: str, outcome: "RefreshReport | CmdarrError") -> dict[str, object]:
    if isinstance(outcome, CmdarrError):
        return {"server": name, "tracks": None, "sections": [], "error": str(outcome)}
    sections = [
        {"section": section.section, "tracks": section.tracks, "announced": section.announced}
        for section in outcome.sections
    ]
    return {"server": name, "tracks": outcome.tracks, "sections": sections}
