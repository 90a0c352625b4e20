"""The registry: one command a module, found by scanning a package."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fakes_engine import Probe

from cmdarr.engine.registry import LATER_KINDS, Registry, scan_commands
from cmdarr.errors import NothingFound

MODULE = """
from cmdarr.config.command import CommandOptions
from cmdarr.engine.command import Command

class Options{name}(CommandOptions):
    pass

class {name}(Command[Options{name}]):
    kind = "{kind}"
    options_model = Options{name}

    @classmethod
    def build(cls, deps):
        return cls()

    def run(self, run):
        raise NotImplementedError
"""


@pytest.fixture
def package(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An importable package of its own for each test."""
    folder = tmp_path / f"kinds_{abs(hash(request.node.name))}"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def write_kind(package: Path, module: str, kind: str, name: str = "Sample") -> None:
    with (package / f"{module}.py").open("a") as file:
        file.write(MODULE.format(name=name, kind=kind))


def test_every_module_of_the_package_is_a_kind(package: Path) -> None:
    write_kind(package, "sample", "sample")
    write_kind(package, "other", "other", name="Other")
    (package / "_shared.py").write_text("raise AssertionError('shared code is not scanned')")
    registry = scan_commands(package.name)
    assert set(registry.kinds) == {"sample", "other"}
    assert registry.catalog_kinds()["sample"].__name__ == "OptionsSample"
    deps: Any = None
    assert registry.build("sample", deps).kind == "sample"


def test_an_imported_command_does_not_count_as_the_own_one(package: Path) -> None:
    write_kind(package, "sample", "sample")
    write_kind(package, "other", "other", name="Other")
    with (package / "other.py").open("a") as file:
        file.write(f"\nfrom {package.name}.sample import Sample\n")
    assert set(scan_commands(package.name).kinds) == {"sample", "other"}


def test_a_module_without_a_command_is_an_error(package: Path) -> None:
    (package / "empty.py").write_text("")
    with pytest.raises(TypeError, match=r"empty defines 0 commands"):
        scan_commands(package.name)


def test_two_modules_of_one_kind_are_an_error(package: Path) -> None:
    write_kind(package, "sample", "same")
    write_kind(package, "other", "same")
    with pytest.raises(TypeError, match=r"sample.* are both 'same'"):
        scan_commands(package.name)


def test_an_unknown_kind_is_named_with_the_cure() -> None:
    deps: Any = None
    with pytest.raises(NothingFound, match="has no kind 'mood'; correct `kind`"):
        Registry({"probe": Probe}).build("mood", deps)


def test_a_kind_that_has_come_is_no_longer_a_later_one() -> None:
    assert Registry({}).later_kinds() == LATER_KINDS
    assert "mood" not in Registry({"mood": Probe}).later_kinds()


def test_importing_the_engine_imports_no_heavy_library() -> None:
    code = """
import sys
import cmdarr.engine.registry, cmdarr.engine.executor, cmdarr.engine.loop
heavy = {"peewee", "sqlite3", "watchdog", "yaml", "mutagen", "rich", "httpx2", "starlette", "uvicorn", "rapidfuzz"}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
