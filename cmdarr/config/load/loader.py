"""The loader: from the files of a config folder to a snapshot. It never raises; what is wrong becomes findings."""

import hashlib
import hmac
import secrets as randomness
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from cmdarr.config.catalog import Catalog
from cmdarr.config.document import Document
from cmdarr.config.load.cache import LoadCache
from cmdarr.config.load.command_file import CheckedCommand, read_command
from cmdarr.config.load.cross_findings import CrossFindings, SoundReferences, root_of
from cmdarr.config.load.file_names import check_names, command_name, in_file_order
from cmdarr.config.load.pins import PINS_FILE, CheckedPins, read_pins
from cmdarr.config.load.settings_file import SETTINGS_FILE, CheckedSettings, SettingsReader
from cmdarr.config.references import Resolver
from cmdarr.config.references.secret_file import SECRETS_FILE, Secrets, load_secrets
from cmdarr.config.references.secret_text import forms_of
from cmdarr.config.settings import Settings
from cmdarr.config.snapshot import CommandEntry, CommandState, Snapshot
from cmdarr.config.tree import SourceFile, Tree, is_command_file
from cmdarr.config.zone import local_zone_name
from cmdarr.errors import Finding
from cmdarr.models.clock import Clock
from cmdarr.models.naming import is_command_name
from cmdarr.models.redaction import Redactor

_NOTHING = "{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Files:
    """What was read from the files of one tree, each on its own; commands by file name."""

    settings: CheckedSettings
    commands: Mapping[str, CheckedCommand]
    pins: CheckedPins
    secrets: Secrets
    resolver: Resolver

    def findings(self) -> Iterable[Finding]:
        yield from self.settings.checked.findings
        yield from self.pins.checked.findings
        yield from self.secrets.findings
        for command in self.commands.values():
            yield from command.checked.findings

    def secret_values(self) -> frozenset[str]:
        return self.settings.checked.secrets.union(
            self.pins.checked.secrets,
            self.secrets.values.values(),
            *(command.checked.secrets for command in self.commands.values()),
        )


@dataclass(frozen=True, slots=True)
class _KnownEntry:
    """An entry of the load before, and what it was made from."""

    read: CheckedCommand | None
    entry: CommandEntry


class Loader:
    """Loads trees against one catalog. A file that did not change is not read again.

    Safe to share by threads: loads wait for each other.
    """

    def __init__(self, catalog: Catalog, *, environ: Mapping[str, str], clock: Clock) -> None:
        self.catalog = catalog
        self._environ = environ
        self._clock = clock
        self._settings = SettingsReader(catalog, local_zone_name(environ))
        self._salt = randomness.token_bytes(32)
        self._lock = threading.Lock()
        self._cache = LoadCache()
        self._sound: SoundReferences = {}
        self._known_entries: dict[str, _KnownEntry] = {}
        self._redactor: tuple[frozenset[str], Redactor] = (frozenset(), Redactor())

    def load(self, tree: Tree, *, settings_in_force: Settings | None = None) -> Snapshot:
        """Return the snapshot of a tree, valid or not.

        When settings.yaml is broken the snapshot has `settings_in_force` (the defaults without them), and commands
        are checked against these (not at all against mere defaults).
        """
        with self._lock:
            return self._load(tree, settings_in_force)

    def _load(self, tree: Tree, settings_in_force: Settings | None) -> Snapshot:
        files = self._read(tree)
        values = files.secret_values()
        in_force = settings_in_force if _is_broken(tree, files.settings) else files.settings.settings
        playlists = {file: read.playlists for file, read in files.commands.items() if read.playlists}
        references = {file: read.references for file, read in files.commands.items() if read.references}
        crossed = CrossFindings(tree, values, self._sound).find(
            self.catalog, in_force, references, playlists, files.pins.pins
        )
        findings = [*tree.problems, *check_names(tree), *files.findings(), *crossed]
        findings.sort(key=in_file_order)
        settings = in_force or self._settings.defaults()
        return Snapshot(
            generation=generation_of(tree),
            settings=settings,
            commands=MappingProxyType(self._entries(tree, files, findings, settings)),
            pins=files.pins.pins,
            findings=tuple(findings),
            redactor=self._redactor_of(values),
            loaded_at=self._clock.now(),
            file_digests=MappingProxyType({source.name: source.digest for source in _public_files(tree)}),
            settings_document=files.settings.checked.meaning or _NOTHING,
            secret_keys=files.settings.checked.secret_keys,
            referenced_files=tuple(files.resolver.files),
        )

    def _read(self, tree: Tree) -> _Files:
        """Read every file of the tree on its own, from the cache where nothing changed."""
        secrets = load_secrets(tree)
        resolver = self._resolver(tree, secrets)
        settings = _source(tree, SETTINGS_FILE)
        pins = _source(tree, PINS_FILE)
        files = _Files(
            settings=self._cache.read(settings, resolver, self._settings.read),
            commands={
                file: self._cache.read(source, resolver, self._read_command)
                for file, source in tree.files.items()
                if is_command_file(file)
            },
            pins=self._cache.read(pins, resolver, read_pins),
            secrets=secrets,
            resolver=resolver,
        )
        self._forget_others(tree)
        return files

    def _forget_others(self, tree: Tree) -> None:
        self._cache.keep_only((*tree.files, SETTINGS_FILE, PINS_FILE))
        for memory in (self._sound, self._known_entries):
            for file in memory.keys() - tree.files.keys():
                del memory[file]

    def _read_command(self, document: Document, resolver: Resolver) -> CheckedCommand:
        return read_command(document, resolver, self.catalog)

    def _resolver(self, tree: Tree, secrets: Secrets) -> Resolver:
        return Resolver(environ=self._environ, root=root_of(tree), secrets=secrets)

    def _entries(
        self, tree: Tree, files: _Files, findings: Iterable[Finding], settings: Settings
    ) -> dict[str, CommandEntry]:
        """Return the entry of every command that has a file, readable or not."""
        by_file: dict[str, list[Finding]] = {}
        for finding in findings:
            by_file.setdefault(finding.file, []).append(finding)
        today = self._clock.now().astimezone(settings.zone).date()
        entries: dict[str, CommandEntry] = {}
        unreadable = (problem.file for problem in tree.problems if is_command_file(problem.file))
        for file in sorted({*files.commands, *unreadable}):
            name = command_name(file)
            if not is_command_name(name) or name in entries:
                continue
            read = files.commands.get(file)
            entry = self._entry(file, read, tuple(by_file[file]) if file in by_file else ())
            if entry.options is not None and entry.options.is_expired(today):
                entry = replace(entry, state=CommandState.EXPIRED)
            entries[name] = entry
        return entries

    def _entry(self, file: str, read: CheckedCommand | None, findings: tuple[Finding, ...]) -> CommandEntry:
        known = self._known_entries.get(file)
        if known is not None and known.read is read and known.entry.findings == findings:
            return known.entry
        entry = self._make_entry(file, read, findings)
        self._known_entries[file] = _KnownEntry(read, entry)
        return entry

    def _make_entry(
        self, file: str, read: CheckedCommand | None, findings: tuple[Finding, ...]
    ) -> CommandEntry:
        is_broken = read is None or any(finding.severity == "error" for finding in findings)
        document = read.checked.meaning if read else ""
        state = CommandState.BROKEN if is_broken else CommandState.OK
        if read is not None and read.is_later:
            state = CommandState.UNAVAILABLE
        return CommandEntry(
            name=command_name(file),
            file=file,
            kind=read.kind if read else "",
            state=state,
            options=read.options if read and not is_broken else None,
            references=read.references if read else (),
            document=document,
            digest=self._digest(document, read.checked.fingerprint if read else ()),
            findings=findings,
        )

    def _digest(self, document: str, fingerprint: tuple[str, ...]) -> str:
        """Identify the effective meaning; salted where secrets take part, so that none can be guessed from it."""
        hasher = hashlib.sha256(document.encode())
        if fingerprint:
            hasher.update(hmac.digest(self._salt, repr(fingerprint).encode(), "sha256"))
        return hasher.hexdigest()

    def _redactor_of(self, values: frozenset[str]) -> Redactor:
        if values != self._redactor[0]:
            self._redactor = values, _make_redactor(values)
        return self._redactor[1]


def generation_of(tree: Tree) -> str:
    """Return the SHA-256 (hex) over names and digests of settings, commands and pins; secrets.yaml has no part."""
    hasher = hashlib.sha256()
    for source in sorted(_public_files(tree), key=lambda source: source.name):
        hasher.update(f"{source.name}\0{source.digest}\n".encode(errors="surrogateescape"))
    return hasher.hexdigest()


def _public_files(tree: Tree) -> Iterable[SourceFile]:
    return (
        source for source in tree.files.values() if not source.name.startswith(SECRETS_FILE.partition(".")[0])
    )


def _source(tree: Tree, file: str) -> SourceFile:
    return tree.files.get(file) or SourceFile.of(file, b"")


def _is_broken(tree: Tree, settings: CheckedSettings) -> bool:
    return settings.settings is None or any(problem.file == SETTINGS_FILE for problem in tree.problems)


def _make_redactor(values: Iterable[str]) -> Redactor:
    return Redactor(form for value in values for form in forms_of(value))
