"""A whole playlist sync in memory: one source, servers, stores."""

from dataclasses import replace
from datetime import timedelta

from fakes_library import (
    FakeBindings,
    FakeClock,
    FakeHeld,
    FakeIndex,
    FakePlaylist,
    FakeRevisions,
    FakeServer,
    FakeServices,
    FakeSource,
    RecordedProgress,
    song,
    wish,
)

from cmdarr.config.fields import Removals
from cmdarr.library.decision_memo import DecisionMemo
from cmdarr.library.definition import SyncContext, SyncDefinition, SyncSource, SyncTarget
from cmdarr.library.ports import Mode
from cmdarr.library.sync import SyncReport, sync_playlist
from cmdarr.models.cancel import CancelToken
from cmdarr.models.match import Pin
from cmdarr.models.playlist import PlaylistEntry, SourcePlaylist
from cmdarr.models.track import ServerId, WantedTrack

LIBRARY = range(1, 31)


def playlist_of(*numbers: int) -> FakePlaylist:
    """Return a playlist of the title "Mix" that holds these songs."""
    entries = [
        PlaylistEntry(server_id=ServerId(f"id{number}"), entry_id=f"old{number}") for number in numbers
    ]
    return FakePlaylist("Mix", entries)


class SyncRoom:
    """Runs one definition over and over against the same servers and stores."""

    def __init__(self, *servers: str) -> None:
        self.servers = {
            name: FakeServer(name=name, sections={"Music": [song(number) for number in LIBRARY]}, batch=20)
            for name in servers or ("fake",)
        }
        self.source = FakeSource(SourcePlaylist(title="Mix", tracks=()))
        self.more: dict[str, FakeSource] = {}
        self.index = FakeIndex()
        self.bindings = FakeBindings()
        self.revisions = FakeRevisions()
        self.held = FakeHeld()
        self.clock = FakeClock()
        self.cancel = CancelToken()
        self.progress = RecordedProgress()
        self.pins: tuple[Pin, ...] = ()
        self.decisions: DecisionMemo | None = None
        self.definition = SyncDefinition(
            command="mix",
            sources=(SyncSource(service="source", playlist="x"),),
            targets=tuple(SyncTarget(server=name) for name in self.servers),
        )

    @property
    def server(self) -> FakeServer:
        """The first server."""
        return next(iter(self.servers.values()))

    def want(self, *numbers: int) -> None:
        """Let the source hold these songs."""
        self.want_tracks(*(wish(number) for number in numbers))

    def want_tracks(self, *tracks: WantedTrack) -> None:
        self.source.playlist = replace(self.source.playlist, tracks=tracks)

    def define(
        self,
        *,
        mode: Mode = "mirror",
        max_removals: Removals | None = None,
        adopt: bool = False,
        targets: tuple[SyncTarget, ...] | None = None,
        description: str = "",
    ) -> None:
        """Change the definition."""
        self.definition = replace(
            self.definition,
            mode=mode,
            max_removals=max_removals,
            adopt=adopt,
            targets=targets or self.definition.targets,
            description=description,
        )

    def run(self, *, dry_run: bool = False, accept_removals: bool = False) -> SyncReport:
        """Run the sync once."""
        return sync_playlist(
            self.definition,
            SyncContext(
                services=FakeServices(self.source, *self.servers.values(), sources=self.more),
                index=self.index,
                bindings=self.bindings,
                revisions=self.revisions,
                held=self.held,
                pins=self.pins,
                library_ttl=timedelta(days=30),
                clock=self.clock,
                cancel=self.cancel,
                progress=self.progress,
                execution_id=7,
                dry_run=dry_run,
                accept_removals=accept_removals,
                decisions=self.decisions,
            ),
        )

    def numbers(self, server: str | None = None, playlist_id: str = "p1") -> list[int]:
        """Return the songs of a playlist."""
        chosen = self.server if server is None else self.servers[server]
        return [int(name[2:]) for name in chosen.ids(playlist_id)]
