"""The editor: opens, checks and saves the files that may be edited from the web, and no others."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from secrets import token_bytes
from typing import TYPE_CHECKING

from cmdarr.app.editing.line_ends import unified_diff
from cmdarr.app.editing.switch import switch_enabled
from cmdarr.app.editing.veil import Veiled, unveil, veil
from cmdarr.app.editing.write import (
    ABSENT,
    FileChanged,
    NotReadable,
    NotWritable,
    digest_of,
    find_refusal,
    read_bytes,
    write_bytes,
)
from cmdarr.app.program import App
from cmdarr.config.document.decoding import find_forbidden
from cmdarr.config.load.pins import PINS_FILE
from cmdarr.config.load.settings_file import SETTINGS_FILE
from cmdarr.config.references.secret_file import SECRETS_FILE
from cmdarr.config.snapshot import Snapshot
from cmdarr.config.tree import CommandsState, SourceFile, Tree, TreeScanner, is_command_file
from cmdarr.errors import CmdarrError, ConfigError, Finding, NothingFound, UsageError
from cmdarr.models.naming import is_command_name

if TYPE_CHECKING:
    from cmdarr.config.reload import ReloadResult

MOST_BYTES = 512 * 1024
"""The largest file that is edited in a browser."""
_REMEMBERED = 8  # so many versions can be shown when somebody else changed a file meanwhile
_COMMANDS = "commands"


class TooLargeToEdit(CmdarrError):
    """The text is too large to be edited here; edit the file where it lies."""

    http_status = 413


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFile:
    """A file as it may be shown: a mark stands in the place of every secret.

    `digest` names the bytes on disk, `ABSENT` where there is no such file. `refusal` says why it cannot be saved here,
    empty where it can.
    """

    file: str
    text: str
    digest: str
    refusal: str
    secrets: Mapping[str, str] = field(repr=False, default_factory=dict)

    @property
    def is_new(self) -> bool:
        """Whether there is no such file yet."""
        return self.digest == ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What would come of a text: what is found in the file, and what it would newly break in others."""

    findings: tuple[Finding, ...]
    diff: str

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that make a file invalid."""
        return tuple(finding for finding in self.findings if finding.severity == "error")


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A file that was written, and what the reload made of it."""

    file: str
    digest: str
    reload: "ReloadResult"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A file that somebody else changed: what is on disk now, and what they changed as far as that is known."""

    now: OpenFile
    theirs: str
    mine: str


class Editor:
    """Opens, checks and saves files. Safe to share by threads; saves happen one after the other."""

    def __init__(
        self, app: App, in_force: Callable[[], Snapshot], reload: Callable[[], "ReloadResult"]
    ) -> None:
        self._app = app
        self._in_force = in_force
        self._reload = reload
        self._salt = token_bytes(32)
        self._saving = threading.Lock()
        self._remembering = threading.Lock()
        self._scanning = threading.Lock()
        self._scanner = TreeScanner(app.config_dir)
        self._seen: OrderedDict[tuple[str, str], bytes] = OrderedDict()

    def files(self) -> list[str]:
        """Return the names of the files that exist and may be edited, settings first.

        Raises:
            NothingFound: there is no config folder.
        """
        tree = self._tree()
        names = {*tree.files, *(problem.file for problem in tree.problems)}
        return sorted(
            filter(is_editable, names), key=lambda name: (is_command_file(name), name != SETTINGS_FILE, name)
        )

    def refusal(self) -> str:
        """Say why nothing can be written to the config folder, empty where it can."""
        return find_refusal(self._app.config_dir / SETTINGS_FILE)

    def kinds(self) -> list[str]:
        """Return the kinds that a new command may have."""
        return sorted(self._app.catalog.kinds)

    def open(self, file: str) -> OpenFile:
        """Return a file, or an empty text where it does not exist yet.

        Raises:
            NothingFound: it is none of those that may be edited.
            NotReadable: it cannot be shown as text.
        """
        return self._opened(file, self._read(file))

    def check(self, file: str, text: str) -> Draft:
        """Return what would come of saving a text; nothing is written.

        Raises:
            NothingFound, NotReadable: as `open`.
            UnknownMark: a mark in the text stands for nothing.
        """
        before = self.open(file)
        data = _encoded(unveil(text, before.secrets))
        diff = unified_diff(before.text, text, file, is_new=before.is_new)
        return Draft(findings=self._findings(file, data), diff=diff)

    def save(self, file: str, text: str, digest: str, *, anyway: bool = False) -> Saved:
        """Write a text, if the file is still as it was when it had `digest`, and reload.

        Raises:
            FileChanged: the file is not as it was; nothing was written.
            ConfigError: the text has errors, and they were not accepted by `anyway`.
            NotWritable: the folder is read-only here.
            NothingFound, NotReadable, UnknownMark: as `check`.
        """
        with self._saving:
            before = self.open(file)
            _expect(before, digest)
            if before.refusal:
                raise NotWritable(f"{file} cannot be written: {before.refusal}; commit the change instead.")
            data = _encoded(unveil(text, before.secrets))
            errors = [one for one in self._findings(file, data) if one.severity == "error"]
            if errors and not anyway:
                raise ConfigError(
                    f"{file} would be broken: correct it, or save it all the same.", tuple(errors)
                )
            self._write(file, data, digest)
        return Saved(file=file, digest=digest_of(data), reload=self._reload())

    def switch(self, command: str, *, enabled: bool) -> Saved:
        """Change the enabled switch of a command in its file, and nothing else.

        Raises:
            NothingFound: there is no such command file.
            NotSwitchable: it is written in a form in which that is not safe.
            NotWritable: the folder is read-only here.
        """
        file = f"{_COMMANDS}/{command}.yaml"
        with self._saving:
            before, text = self._switched(file, enabled=enabled)
            if before.refusal:
                word = "true" if enabled else "false"
                raise NotWritable(
                    f"{file} cannot be written: {before.refusal}; commit `enabled: {word}` instead."
                )
            data = text.encode()
            if digest_of(data) != before.digest:
                self._write(file, data, before.digest)
        return Saved(file=file, digest=digest_of(data), reload=self._reload())

    def preview_switch(self, command: str, *, enabled: bool) -> tuple[OpenFile, str]:
        """Return the file of a command, and the text that `switch` would save, with marks for its secrets."""
        before, text = self._switched(f"{_COMMANDS}/{command}.yaml", enabled=enabled)
        return before, self._veil(text).text

    def conflict(self, file: str, text: str, digest: str) -> Conflict:
        """Return what is on disk now, beside the text of somebody who began with another version."""
        now = self.open(file)
        base = self._seen.get((file, digest))
        theirs = ""
        if base is not None:
            began = self._opened(file, base)
            theirs = unified_diff(began.text, now.text, file, is_new=began.is_new)
        return Conflict(now=now, theirs=theirs, mine=unified_diff(now.text, text, file, is_new=now.is_new))

    def _switched(self, file: str, *, enabled: bool) -> tuple[OpenFile, str]:
        data = self._read(file)
        if data is None:
            raise NothingFound(f"there is no file {file}.")
        before = self._opened(file, data)
        return before, switch_enabled(file, data.decode(), enabled=enabled)

    def _read(self, file: str) -> bytes | None:
        path = self._path(file)
        data = read_bytes(path, file)
        if data is not None:
            self._remember(file, data)
        return data

    def _path(self, file: str) -> Path:
        if file.startswith(SECRETS_FILE.partition(".")[0]):
            raise NothingFound("secrets.yaml is neither shown nor edited here: edit it where it lies.")
        if not is_editable(file):
            raise NothingFound(
                f"{file} is no file that is edited here: these are settings.yaml, pins.yaml and commands/NAME.yaml."
            )
        path, secret = self._app.config_dir / file, self._app.config_dir / SECRETS_FILE
        if path.exists() and secret.exists() and path.samefile(secret):
            raise NothingFound(f"{file} is a link to secrets.yaml, which is neither shown nor edited here.")
        return path

    def _opened(self, file: str, data: bytes | None) -> OpenFile:
        text = _decoded(file, data or b"")
        veiled = self._veil(text)
        return OpenFile(
            file=file,
            text=veiled.text,
            digest=digest_of(data),
            refusal=find_refusal(self._app.config_dir / file),
            secrets=veiled.secrets,
        )

    def _veil(self, text: str) -> Veiled:
        redactor = self._in_force().redactor | self._load(self._tree()).redactor
        veiled = veil(text, redactor, self._salt)
        if unveil(veiled.text, veiled.secrets) != text:
            raise NotReadable("the file cannot be shown without its secrets: edit it where it lies.")
        return veiled

    def _remember(self, file: str, data: bytes) -> None:
        key = (file, digest_of(data))
        with self._remembering:
            self._seen[key] = data
            self._seen.move_to_end(key)
            while len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)

    def _write(self, file: str, data: bytes, digest: str) -> None:
        write_bytes(self._app.config_dir / file, file, data, digest, backups=self._app.backups_dir)

    def _findings(self, file: str, data: bytes) -> tuple[Finding, ...]:
        """Return what is found in a draft, and what it newly breaks elsewhere."""
        tree = self._tree()
        found, known = self._load(_with_file(tree, file, data)).findings, set(self._load(tree).findings)
        own = [one for one in found if one.file == file]
        return (*own, *(one for one in found if one.file != file and one not in known))

    def _tree(self) -> Tree:
        """Return what is on disk now; only files that changed are read again."""
        with self._scanning:
            return self._scanner.scan()

    def _load(self, tree: Tree) -> Snapshot:
        return self._app.loader.load(tree, settings_in_force=self._in_force().settings)


def is_editable(file: str) -> bool:
    """Whether a path relative to the config folder names a file that may be edited."""
    if file in {SETTINGS_FILE, PINS_FILE}:
        return True
    folder, _, base = file.rpartition("/")
    return folder == _COMMANDS and base.endswith(".yaml") and is_command_name(base.removesuffix(".yaml"))


def _expect(before: OpenFile, digest: str) -> None:
    if before.digest != digest:
        raise FileChanged(
            f"{before.file} was changed on disk meanwhile: look at both versions, and save again."
        )


def _with_file(tree: Tree, file: str, data: bytes) -> Tree:
    files = dict(tree.files) | {file: SourceFile.of(file, data)}
    ordered = dict(sorted(files.items(), key=lambda item: (is_command_file(item[0]), item[0])))
    problems = tuple(problem for problem in tree.problems if problem.file != file)
    state = CommandsState.PRESENT if is_command_file(file) else tree.commands_state
    return replace(tree, files=ordered, problems=problems, commands_state=state)


def _decoded(file: str, data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise TooLargeToEdit(f"{file} is larger than {MOST_BYTES // 1024} KiB: edit it where it lies.")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise NotReadable(f"{file} is not valid UTF-8: edit it where it lies.") from None
    if find_forbidden(text.removeprefix("\ufeff")) is not None:
        raise NotReadable(f"{file} holds characters that no page can show: edit it where it lies.")
    return text


def _encoded(text: str) -> bytes:
    try:
        data = text.encode()
    except UnicodeEncodeError:
        raise UsageError("the text holds half a character (a lone surrogate): remove it.") from None
    if len(data) > MOST_BYTES:
        raise TooLargeToEdit(
            f"the text is larger than {MOST_BYTES // 1024} KiB: split it into several files."
        )
    return data
