"""A small catalog and a config folder on a real disk, for tests of loading."""

import textwrap
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from cmdarr.config.base import Model
from cmdarr.config.catalog import Catalog, ServiceType
from cmdarr.config.command import CommandOptions, ServiceReference, WrittenPlaylist, find_reference
from cmdarr.config.fields import Duration, SecretText, UrlText
from cmdarr.config.load import Loader
from cmdarr.config.settings import Settings
from cmdarr.config.snapshot import Snapshot
from cmdarr.config.tree import Tree, read_tree
from cmdarr.errors import Finding


class FixedClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()


class LidarrSettings(Model):
    """An artist service."""

    url: UrlText = "http://lidarr:8686"
    """Where it answers."""
    api_key: SecretText | None = None
    """The key."""
    timeout: Duration | None = None
    """How long to wait."""
    retries: int = 3
    """How often to try again."""
    note: str = ""
    verify: bool = True


class FolderSettings(Model):
    """A folder of music."""

    path: str = "music"
    """Where the music is."""


def find_folder_problems(settings: Model, root: Path) -> Mapping[str, str]:
    assert isinstance(settings, FolderSettings)
    return {} if (root / settings.path).exists() else {"path": f"{settings.path} does not exist."}


class SyncSource(Model):
    """Where a sync reads."""

    service: str
    playlist: str


class SyncTarget(Model):
    """Where a sync writes."""

    server: str
    title: str = ""
    user: str = ""


class SyncOptions(CommandOptions):
    """Copy a playlist."""

    kind: Literal["sync"]
    source: SyncSource
    """Where to read."""
    targets: tuple[SyncTarget, ...] = ()
    """Where to write."""
    mode: Literal["mirror", "append"] = "mirror"
    artist: str = ""
    limit: int = 10
    """How many tracks at most."""
    password: SecretText | None = None

    @classmethod
    def service_references(cls, written: Mapping[str, object]) -> Iterator[ServiceReference]:
        yield from find_reference(written, ("source", "service"), "source")
        for index in range(9):
            yield from find_reference(written, ("targets", index, "server"), "server")

    def written_playlists(self) -> Iterator[WrittenPlaylist]:
        for index, target in enumerate(self.targets):
            if target.title:
                yield WrittenPlaylist(("targets", index, "title"), target.server, target.title, target.user)


CATALOG = Catalog(
    kinds={"sync": SyncOptions, "refresh": CommandOptions},
    services={
        "lidarr": ServiceType(settings_model=LidarrSettings),
        "folder": ServiceType(
            settings_model=FolderSettings, is_server=True, find_problems=find_folder_problems
        ),
        "file": ServiceType(settings_model=FolderSettings, is_source=True, works_unconfigured=True),
    },
    later_kinds=frozenset({"radio_station"}),
)


class ConfigFolder:
    """A config folder, and a loader that reads it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.path = root / "config"
        (self.path / "commands").mkdir(parents=True)
        self.environ: dict[str, str] = {"TZ": "Europe/Berlin"}
        self.clock = FixedClock()
        self.loader = Loader(CATALOG, environ=self.environ, clock=self.clock)

    def write(self, name: str, text: str) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        if name == "secrets.yaml":
            path.chmod(0o600)
        return path

    def write_sync(self, name: str, extra: str = "") -> Path:
        text = f"kind: sync\nsource: {{service: file, playlist: a.csv}}\n{textwrap.dedent(extra)}"
        return self.write(f"commands/{name}.yaml", text)

    def tree(self) -> Tree:
        return read_tree(self.path)

    def load(self, settings_in_force: Settings | None = None) -> Snapshot:
        return self.loader.load(self.tree(), settings_in_force=settings_in_force)

    def findings(self) -> list[Finding]:
        return list(self.load().findings)

    def only_finding(self) -> Finding:
        findings = self.findings()
        assert len(findings) == 1, findings
        return findings[0]
