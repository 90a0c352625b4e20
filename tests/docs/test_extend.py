"""The kind of command that the documentation shows works as it stands there."""

from dataclasses import replace
from pathlib import Path

import pytest
from fakes_docs import DOCS, blocks

from cmdarr.app import App
from cmdarr.config.load import Loader
from cmdarr.config.tree import read_tree
from cmdarr.engine.command import Run
from cmdarr.engine.registry import scan_commands
from cmdarr.models.cancel import CancelToken
from cmdarr.models.clock import SystemClock
from cmdarr.models.execution import Status

PAGE = list(blocks(DOCS / "extend.md"))
(MODULE,) = [block.text for block in PAGE if block.language == "python"]
(FILE,) = [block.text for block in PAGE if block.language == "yaml"]


class NoProgress:
    """Shows nothing."""

    def step(self, text: str, total: int | None = None) -> None:
        """Say nothing."""

    def advance(self, count: int = 1) -> None:
        """Say nothing."""


@pytest.fixture
def app(tmp_path: Path) -> App:
    config = tmp_path / "config"
    (config / "commands").mkdir(parents=True)
    (config / "settings.yaml").write_text("services: {files: {path: config, playlists: lists}}\n")
    (config / "commands/count.yaml").write_text(FILE)
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists/Friday hits.m3u8").write_text("#EXTM3U\n")
    return App(config_dir=config, data_dir=tmp_path / "data", environ={})


def test_the_kind_of_the_page_loads_and_runs(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own_kinds").mkdir()
    (tmp_path / "own_kinds/count_playlists.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    registry = scan_commands("own_kinds")
    catalog = replace(app.catalog, kinds=registry.catalog_kinds())
    loader = Loader(catalog, environ={}, clock=SystemClock())
    snapshot = loader.load(read_tree(app.config_dir))
    assert not snapshot.findings
    (entry,) = snapshot.commands.values()
    assert entry.options is not None
    assert [reference.service for reference in entry.references] == ["files"]
    try:
        command = registry.build(entry.kind, app.dependencies(snapshot))
        outcome = command.run(
            Run(
                name=entry.name,
                options=entry.options,
                execution_id=1,
                dry_run=False,
                accept_removals=False,
                cancel=CancelToken(),
                progress=NoProgress(),
                clock=SystemClock(),
                snapshot=snapshot,
            )
        )
    finally:
        app.close()
    assert (outcome.status, outcome.summary) == (Status.SUCCEEDED, "Playlists: 1.")
    assert outcome.result == {"playlists": ["Friday hits"]}
