"""The kinds of command that this version has: one module in `commands/` each, found by scanning the folder."""

import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType, ModuleType
from typing import Any

from cmdarr.config.command import CommandOptions
from cmdarr.engine.command import Command, CommandDependencies
from cmdarr.errors import NothingFound

COMMANDS_PACKAGE = "cmdarr.commands"
LATER_KINDS = frozenset(
    {
        "artist_discovery",
        "artist_essentials",
        "similar_artists",
        "setlist",
        "mood",
        "local_discovery",
        "daylist",
        "radio_station",
        "new_releases",
        "artist_events",
    }
)
"""Kinds of later releases: their files are accepted with a warning and never run."""


class Registry:
    """The kinds of command by name."""

    def __init__(self, kinds: Mapping[str, type[Command[Any]]]) -> None:
        self.kinds: Mapping[str, type[Command[Any]]] = MappingProxyType(dict(kinds))

    def catalog_kinds(self) -> Mapping[str, type[CommandOptions]]:
        """Return the options model of each kind, as the configuration's `Catalog` takes them."""
        return {kind: command.options_model for kind, command in self.kinds.items()}

    def later_kinds(self) -> frozenset[str]:
        """Return the kinds of later releases that this version does not have yet."""
        return LATER_KINDS - self.kinds.keys()

    def build(self, kind: str, deps: CommandDependencies) -> Command[Any]:
        """Build the command of a kind for one run.

        Raises:
            NothingFound: this version has no such kind.
        """
        if kind not in self.kinds:
            raise NothingFound(
                f"this version of Cmdarr has no kind {kind!r}; correct `kind` or install a newer one."
            )
        return self.kinds[kind].build(deps)


def scan_commands(package: str = COMMANDS_PACKAGE) -> Registry:
    """Import every module of the package and register the one command that each defines.

    Modules whose name begins with `_` are shared code of the kinds and are not scanned.

    Raises:
        TypeError: a module defines no command, or several; or two modules define the same kind.
    """
    kinds: dict[str, type[Command[Any]]] = {}
    for found in pkgutil.iter_modules(importlib.import_module(package).__path__):
        if found.name.startswith("_"):
            continue
        command = _command_of(importlib.import_module(f"{package}.{found.name}"))
        if command.kind in kinds:
            raise TypeError(
                f"{command.__module__} and {kinds[command.kind].__module__} are both {command.kind!r}."
            )
        kinds[command.kind] = command
    return Registry(kinds)


def _command_of(module: ModuleType) -> type[Command[Any]]:
    """Return the one command class that a module itself defines."""
    commands = [
        value
        for _, value in inspect.getmembers(module, inspect.isclass)
        if issubclass(value, Command)
        and value.__module__ == module.__name__
        and not inspect.isabstract(value)
    ]
    if len(commands) != 1:
        raise TypeError(
            f"{module.__name__} defines {len(commands)} commands; a kind is one module with one command."
        )
    return commands[0]
