"""The files of a config folder as one value: read once, or again and again at the cost of a stat each.

Nothing here parses. A file that cannot be read becomes a finding in `Tree.problems`, never an exception, and
never looks like a file that was deleted.
"""

import errno
import hashlib
import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from cmdarr.errors import Finding, NothingFound
from cmdarr.models.clock import Clock, SystemClock

LARGEST_FILE_BYTES = 1024 * 1024
FULL_HASH_INTERVAL_S = 300.0
"""So often every file is read again, whatever its stat says."""

_RACY_NS = 2_000_000_000  # a file written this recently may change again within one tick of its time stamps
_COMMANDS = "commands"
_SUFFIXES = (".yaml", ".yml")
_TOP_FILES = frozenset(stem + suffix for stem in ("settings", "secrets", "pins") for suffix in _SUFFIXES)


class CommandsState(StrEnum):
    """What the commands folder looked like; only `present` and `empty` say something about commands."""

    PRESENT = "present"
    EMPTY = "empty"
    """The folder is there and holds no command file."""
    MISSING = "missing"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file: its name relative to the config folder, its bytes and their SHA-256 (hex)."""

    name: str
    data: bytes
    digest: str
    modified_ns: int = field(default=0, compare=False)

    @classmethod
    def of(cls, name: str, data: bytes, modified_ns: int = 0) -> "SourceFile":
        """Make a source file from its bytes."""
        return cls(name, data, hashlib.sha256(data).hexdigest(), modified_ns)


@dataclass(frozen=True)
class Tree:
    """All files of a config folder at one moment, in file order (settings first, then commands by name).

    `devices` are the `st_dev` of the config folder and, where there is one, of its commands folder.
    `referenced` maps the path of each file that a `${file:…}` names to the SHA-256 of its bytes, empty where
    it cannot be read.
    """

    folder: Path
    files: Mapping[str, SourceFile]
    problems: tuple[Finding, ...] = ()
    commands_state: CommandsState = CommandsState.PRESENT
    devices: tuple[int, ...] = ()
    referenced: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) over everything in the tree that can change what is loaded from it."""
        hasher = hashlib.sha256()
        lines = [f"{name}\0{source.digest}" for name, source in sorted(self.files.items())]
        lines += [f"{problem.file}\0{problem.message}" for problem in self.problems]
        lines += [f"{path}\0{digest}" for path, digest in sorted(self.referenced.items())]
        lines.append(self.commands_state)
        for line in lines:
            hasher.update(line.encode(errors="surrogateescape") + b"\n")
        return hasher.hexdigest()

    def is_same_read(self, other: "Tree") -> bool:
        """Whether two reads found the same bytes with the same modification times."""
        return self is other or (
            self.digest == other.digest
            and all(
                source.modified_ns == other.files[name].modified_ns for name, source in self.files.items()
            )
        )


def is_config_file(name: str) -> bool:
    """Whether a path relative to the config folder (with `/`) names a file that is read.

    `x.yml` counts, so that the loader can complain about it; side files of editors do not.
    """
    folder, _, base = name.rpartition("/")
    if folder:
        return folder == _COMMANDS and base.endswith(_SUFFIXES) and not base.startswith((".", "#"))
    return base in _TOP_FILES


def is_command_file(name: str) -> bool:
    """Whether the name of a file in a tree is that of a command."""
    return name.startswith(f"{_COMMANDS}/")


def read_tree(folder: Path, referenced: Iterable[Path] = ()) -> Tree:
    """Read a config folder once.

    Raises:
        NothingFound: the folder does not exist or cannot be listed.
    """
    return TreeScanner(folder).scan(referenced)


def digest_files(paths: Iterable[Path]) -> dict[str, str]:
    """Return path -> SHA-256 (hex) of the bytes of files outside of the tree; empty where one cannot be read."""
    return {path: _digest_of(_read(path, path, 0)) for path in map(str, paths)}


_Key = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the scanner remembers of a file: the stat key it was read under, and what came of it."""

    key: _Key
    read_at_ns: int
    outcome: SourceFile | Finding

    def is_racy(self) -> bool:
        """Whether the file was so young when it was read that a later write may have left the key equal."""
        changed_ns = self.key[4]
        return self.read_at_ns - changed_ns < _RACY_NS


class TreeScanner:
    """Reads the same config folder again and again, and only those files again whose stat differs.

    Not for several threads at once.
    """

    def __init__(self, folder: Path, *, clock: Clock | None = None) -> None:
        self._folder = folder
        self._clock = clock or SystemClock()
        self._known: dict[str, _Known] = {}
        self._listing: _Listing | None = None
        self._last: Tree | None = None
        self._hashed_at = self._clock.monotonic()

    def scan(self, referenced: Iterable[Path] = ()) -> Tree:
        """Return the tree as it is now: the same object as before when nothing changed.

        Raises:
            NothingFound: the folder does not exist or cannot be listed.
        """
        self._forget_when_old()
        listing = _list_folder(self._folder, self._listing)
        root = f"{self._folder}/"  # joining text takes a fifth of the time of joining paths
        files = {name: self._look(name, root + name) for name in listing.names}
        paths = {path: self._look(path, path) for path in map(str, referenced)}
        known = {name: entry for name, entry in (files | paths).items() if entry is not None}
        if self._last is None or listing != self._listing or not _same_entries(known, self._known):
            self._last = _make_tree(self._folder, listing, files, paths)
        self._known, self._listing = known, listing
        return self._last

    def _forget_when_old(self) -> None:
        now = self._clock.monotonic()
        if now - self._hashed_at >= FULL_HASH_INTERVAL_S:
            self._known, self._hashed_at = {}, now

    def _look(self, name: str, path: str) -> _Known | None:
        """Return what is known of the file, read again when its stat differs; None when it is gone."""
        known = self._known.get(name)
        try:
            key = _key_of(os.stat(path))  # noqa: PTH116 - half the time of Path.stat, for every file of a scan
        except OSError as error:
            fresh = _cannot_stat(name, path, error)
        else:
            if known is not None and known.key == key and not known.is_racy():
                return known
            fresh = _read(name, path, int(self._clock.now().timestamp() * 1e9))
        if known is None or fresh is None or (known.key, known.outcome) != (fresh.key, fresh.outcome):
            return fresh
        return replace(fresh, outcome=known.outcome)  # the same object tells the scan that nothing changed


@dataclass(frozen=True, slots=True)
class _Listing:
    devices: tuple[int, ...]
    state: CommandsState
    top: tuple[str, ...]
    problems: tuple[Finding, ...] = ()
    commands: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    """What the system listed in the commands folder, in its order; `commands` was made from it."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of configuration files, settings first, then commands by name."""
        return (*self.top, *self.commands)


def _list_folder(folder: Path, before: _Listing | None) -> _Listing:
    """List the configuration files; the work for names that were there before is not done again."""
    try:
        device = folder.stat().st_dev
        top = sorted(entry for entry in os.listdir(folder) if is_config_file(entry))  # noqa: PTH208 - names only
    except OSError as error:
        raise NothingFound(_folder_sentence(folder, error)) from error
    top.sort(key=_is_not_settings)
    commands = folder / _COMMANDS
    try:
        devices = (device, commands.stat().st_dev)
        bases = tuple(os.listdir(commands))  # noqa: PTH208 - names only
    except FileNotFoundError:
        return _Listing((device,), CommandsState.MISSING, tuple(top))
    except OSError as error:
        problem = _unreadable(_COMMANDS, commands, error)
        return _Listing((device,), CommandsState.UNREADABLE, tuple(top), (problem,))
    found = before.commands if before and bases == before.bases else _command_files(bases)
    state = CommandsState.PRESENT if found else CommandsState.EMPTY
    return _Listing(devices, state, tuple(top), commands=found, bases=bases)


def _command_files(bases: Iterable[str]) -> tuple[str, ...]:
    names = sorted(f"{_COMMANDS}/{base}" for base in bases)
    return tuple(name for name in names if is_config_file(name))


def _is_not_settings(name: str) -> bool:
    return not name.startswith("settings.")


def _folder_sentence(folder: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"The config folder {folder} does not exist; `cmdarr config init` makes one, --config-dir names another."
    return f"The config folder {folder} cannot be read: {_reason(folder, error)}."


def _same_entries(now: Mapping[str, _Known], before: Mapping[str, _Known]) -> bool:
    return now == before or (
        now.keys() == before.keys()
        and all(entry.outcome is before[name].outcome for name, entry in now.items())
    )


def _make_tree(
    folder: Path, listing: _Listing, files: Mapping[str, _Known | None], paths: Mapping[str, _Known | None]
) -> Tree:
    outcomes = [entry.outcome for entry in files.values() if entry is not None]
    found = {outcome.name: outcome for outcome in outcomes if isinstance(outcome, SourceFile)}
    return Tree(
        folder=folder,
        files=MappingProxyType(found),
        problems=(*listing.problems, *(outcome for outcome in outcomes if isinstance(outcome, Finding))),
        commands_state=listing.state,
        devices=listing.devices,
        referenced={path: _digest_of(entry) for path, entry in paths.items()},
    )


def _digest_of(entry: _Known | None) -> str:
    return entry.outcome.digest if entry is not None and isinstance(entry.outcome, SourceFile) else ""


def _key_of(status: os.stat_result) -> _Key:
    return (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_mode,
    )


def _read(name: str, path: str, now_ns: int) -> _Known | None:
    """Read a file of at most 1 MiB; the key is from before the read, so that a write during it is noticed."""
    try:
        # Without O_NONBLOCK, opening a fifo would wait for a writer for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        return _Known(_key_or_nothing(Path(path)), now_ns, _unreadable(name, Path(path), error))
    try:
        return _read_open(name, descriptor, now_ns)
    except OSError as error:
        return _Known(_key_or_nothing(Path(path)), now_ns, _unreadable(name, Path(path), error))
    finally:
        os.close(descriptor)


def _read_open(name: str, descriptor: int, now_ns: int) -> _Known:
    status = os.fstat(descriptor)
    key = _key_of(status)
    if (problem := _refusal(name, status)) is not None:
        return _Known(key, now_ns, problem)
    with os.fdopen(descriptor, "rb", closefd=False) as stream:
        data = stream.read(LARGEST_FILE_BYTES + 1)
    if len(data) > LARGEST_FILE_BYTES:
        return _Known(key, now_ns, _too_large(name, len(data)))
    return _Known(key, now_ns, SourceFile.of(name, data, status.st_mtime_ns))


def _cannot_stat(name: str, path: str, error: OSError) -> _Known | None:
    if isinstance(error, FileNotFoundError) and not Path(path).is_symlink():
        return None
    return _Known((), 0, _unreadable(name, Path(path), error))


def _key_or_nothing(path: Path) -> _Key:
    try:
        return _key_of(path.stat())
    except OSError:
        return ()


def _refusal(name: str, status: os.stat_result) -> Finding | None:
    if not stat.S_ISREG(status.st_mode):
        return _problem(name, "not_a_file", f"{name} is not a regular file; replace it by one or remove it.")
    if status.st_size > LARGEST_FILE_BYTES:
        return _too_large(name, status.st_size)
    return None


def _too_large(name: str, size: int) -> Finding:
    return _problem(
        name, "too_large", f"{name} has {size:,} bytes and was not read; the most is {LARGEST_FILE_BYTES:,}."
    )


def _unreadable(name: str, path: Path, error: OSError) -> Finding:
    return _problem(name, "unreadable", f"{name} cannot be read: {_reason(path, error)}.")


def _reason(path: Path, error: OSError) -> str:
    """Say why a path cannot be read and, where permissions are the cause, who could."""
    if isinstance(error, FileNotFoundError):
        return f"the link points to {os.path.realpath(path)}, which does not exist"
    if error.errno not in {errno.EACCES, errno.EPERM}:
        return (error.strerror or type(error).__name__).lower()
    try:
        status = path.stat()
    except OSError:
        return f"permission denied on the way to {path}; Cmdarr runs as user id {os.geteuid()}"
    mode = stat.S_IMODE(status.st_mode)
    needed = "r-x" if stat.S_ISDIR(status.st_mode) else "r--"
    return (
        f"{path} belongs to user id {status.st_uid}, group id {status.st_gid} with mode {mode:04o}, "
        f"and Cmdarr runs as user id {os.geteuid()}; give that user {needed}, or run Cmdarr as user id {status.st_uid}"
    )


def _problem(name: str, code: str, message: str) -> Finding:
    return Finding(file=name, line=1, column=1, key="", code=code, message=message)
