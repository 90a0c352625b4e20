"""Which files of a config folder mean something, in which order they are reported, and which names are wrong."""

import os
from collections.abc import Iterator

from cmdarr.config.load.pins import PINS_FILE
from cmdarr.config.load.settings_file import SETTINGS_FILE
from cmdarr.config.references.secret_file import SECRETS_FILE
from cmdarr.config.suggest import did_you_mean
from cmdarr.config.tree import Tree, is_command_file
from cmdarr.errors import Finding
from cmdarr.models.naming import is_command_name

_TOP_FILES = (SETTINGS_FILE, PINS_FILE, SECRETS_FILE)
_SUFFIXES = (".yaml", ".yml")


def command_name(file: str) -> str:
    """Return the name that a command file gives its command."""
    return file.rpartition("/")[2].rpartition(".")[0]


def in_file_order(finding: Finding) -> tuple[int, str, int, int]:
    """Return the sort key of findings: settings.yaml, the commands by name, pins.yaml, secrets.yaml, the rest."""
    ranks = {SETTINGS_FILE: 0, PINS_FILE: 2, SECRETS_FILE: 3}
    rank = 1 if is_command_file(finding.file) else ranks.get(finding.file, 4)
    return rank, finding.file, finding.line, finding.column


def check_names(tree: Tree) -> Iterator[Finding]:
    """Yield a finding for each file whose name is wrong, taken twice, or read by nobody."""
    for file in tree.files:
        if is_command_file(file):
            yield from _check_command_name(file, tree)
        elif file not in _TOP_FILES:
            message = f"{file} is not read; rename it to {command_name(file)}.yaml."
            yield _at_top(file, "wrong_file_name", message)
    yield from _find_strays(tree)


def _check_command_name(file: str, tree: Tree) -> Iterator[Finding]:
    name = command_name(file)
    if not is_command_name(name):
        message = f"{name!r} is no name for a command: small letters, digits, '-' and '_', at most 64, first no sign."
        yield _at_top(file, "bad_command_name", message)
    if file.endswith(".yml") and (twin := file.removesuffix(".yml") + ".yaml") in tree.files:
        for one, other in ((twin, file), (file, twin)):
            message = f"{one} and {other} are the same command {name!r}; remove one of them."
            yield _at_top(one, "same_command", message)


def _find_strays(tree: Tree) -> Iterator[Finding]:
    """Yield a warning for each YAML file at the top of the folder that nothing reads."""
    try:
        names = sorted(os.listdir(tree.folder))  # noqa: PTH208 - names only
    except OSError:  # the folder went away after it was read; the next scan says so
        return
    for name in names:
        is_yaml = name.endswith(_SUFFIXES) and not name.startswith((".", "#"))
        if is_yaml and name not in _TOP_FILES and name not in tree.files and not _has_problem(name, tree):
            hint = did_you_mean(name, _TOP_FILES) or "command files belong into commands/"
            message = f"{name} is not read: the config folder has {', '.join(_TOP_FILES)} and commands/."
            yield Finding(name, 1, 1, "", "stray_file", message, "warning", hint)


def _has_problem(name: str, tree: Tree) -> bool:
    return any(problem.file == name for problem in tree.problems)


def _at_top(file: str, code: str, message: str) -> Finding:
    return Finding(file=file, line=1, column=1, key="", code=code, message=message)
