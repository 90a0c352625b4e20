"""An import in this process, into folders of its own."""

import json
import os
import sqlite3
import stat
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from fakes_storage import START, HandClock

from cmdarr.app import App
from cmdarr.app.importing import ImportResult, import_legacy
from cmdarr.config.base import Model
from cmdarr.config.catalog import Catalog, ServiceType
from cmdarr.config.document import parse_document
from cmdarr.config.snapshot import Snapshot
from cmdarr.engine.registry import LATER_KINDS
from cmdarr.legacy.report import Fate
from cmdarr.storage.config_store import ConfigStore

ALWAYS = ("playlist_sync", "library_refresh")
NOT_YET = ("deezer", "spotify", "setlistfm", "ticketmaster", "seatgeek")


class EarlierApp(App):
    """A version that has two kinds, that can write to Plex, and that has never heard of Deezer."""

    @cached_property
    def catalog(self) -> Catalog:
        known = super().catalog
        services = {name: kind for name, kind in known.services.items() if name not in NOT_YET}
        services["plex"] = replace(services["plex"], is_server=True)
        kinds = {name: known.kinds[name] for name in ALWAYS}
        return replace(known, services=services, kinds=kinds, later_kinds=LATER_KINDS)


class LaterApp(EarlierApp):
    """A version that reads Deezer."""

    @cached_property
    def catalog(self) -> Catalog:
        earlier = super().catalog
        deezer = ServiceType(settings_model=Model, is_source=True, works_unconfigured=True)
        return replace(earlier, services={**earlier.services, "deezer": deezer})


@dataclass
class Steps:
    """Progress that is remembered."""

    steps: list[tuple[str, int | None]] = field(default_factory=list)
    advanced: list[int] = field(default_factory=list)

    def step(self, text: str, total: int | None = None) -> None:
        self.steps.append((text, total))

    def advance(self, count: int = 1) -> None:
        self.advanced.append(count)


@dataclass
class Place:
    """A new installation, and the imports into it."""

    root: Path
    environ: dict[str, str] = field(default_factory=lambda: {"TZ": "UTC"})
    clock: HandClock = field(default_factory=HandClock)
    progress: Steps = field(default_factory=Steps)
    version: type[App] = EarlierApp

    @property
    def config(self) -> Path:
        return self.root / "config"

    @property
    def data(self) -> Path:
        return self.root / "data"

    def app(self) -> App:
        return self.version(
            config_dir=self.config, data_dir=self.data, environ=self.environ, clock=self.clock
        )

    def bring(
        self, path: Path, *, dry_run: bool = False, force: bool = False, env_file: Path | None = None
    ) -> ImportResult:
        """Import what lies at a path."""
        app = self.app()
        try:
            return import_legacy(
                app, path, dry_run=dry_run, force=force, env_file=env_file, progress=self.progress
            )
        finally:
            app.close()

    def load(self) -> Snapshot:
        """Check the configuration that came out."""
        snapshot = self.app().read_configuration()
        assert snapshot.errors == ()
        return snapshot

    def store(self) -> ConfigStore:
        return ConfigStore.open(self.data / "config.db", backups=self.data / "backups", clock=self.clock)

    def text(self, name: str) -> str:
        return (self.config / name).read_bytes().decode()

    def yaml(self, name: str) -> Any:
        """The plain meaning of a file, references as they are written."""
        return parse_document(name, (self.config / name).read_bytes()).value

    def settings(self) -> Any:
        return self.yaml("settings.yaml")

    def secrets(self) -> Any:
        return self.yaml("secrets.yaml")

    def commands(self) -> dict[str, Any]:
        """Every command file by its name."""
        return {
            path.stem: self.yaml(f"commands/{path.name}")
            for path in (self.config / "commands").glob("*.yaml")
        }

    def files(self) -> dict[str, bytes]:
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in sorted(self.config.rglob("*"))
            if path.is_file()
        }

    def mode(self, name: str) -> int:
        return stat.S_IMODE((self.config / name).stat().st_mode)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self.data / 'config.db'}?mode=ro", uri=True)) as connection:
            return connection.execute(sql).fetchall()


def texts_of(result: ImportResult, fate: Fate) -> list[str]:
    return [line.text() for line in result.lines if line.fate is fate]


def all_text(result: ImportResult) -> str:
    return "\n".join(line.text() for line in result.lines)


def write_lists(folder: Path, lists: Mapping[str, object]) -> None:
    """Write import-list files; a text is written as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in lists.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        (folder / name).write_text(text, encoding="utf-8")
        os.utime(folder / name, (START.timestamp(), START.timestamp()))
