"""The verbs in this process, over folders on a real disk."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cmdarr.app import App
from cmdarr.cli import run
from cmdarr.config.reload import Reloader


@dataclass(frozen=True)
class Called:
    """How a call ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Installation:
    """A config and a data folder, and the verbs over them."""

    root: Path
    capture: pytest.CaptureFixture[str]

    @property
    def config(self) -> Path:
        return self.root / "config"

    @property
    def data(self) -> Path:
        return self.root / "data"

    def write(self, name: str, text: str) -> Path:
        path = self.config / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def call(self, *arguments: str | Path) -> Called:
        """Run one verb; what was printed before does not count."""
        self.capture.readouterr()
        folders = ("--config-dir", str(self.config), "--data-dir", str(self.data))
        code = run([*folders, *map(str, arguments)])
        printed = self.capture.readouterr()
        return Called(code, printed.out, printed.err)

    def json(self, *arguments: str | Path, code: int = 0) -> Any:
        """Run a verb that prints JSON and return the document."""
        called = self.call(*arguments)
        assert called.code == code, called
        return json.loads(called.out)

    @contextmanager
    def reloader(self) -> Iterator[Reloader]:
        """The daemon's view of the configuration, as far as it concerns files."""
        app = App(config_dir=self.config, data_dir=self.data)
        try:
            reloader = Reloader(self.config, app.loader, app.store.good, app.clock)
            reloader.start()
            yield reloader
        finally:
            app.close()
