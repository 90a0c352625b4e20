"""What a tree makes effective: its own files where they are good, and the last good version of those that are not.

A command file that is broken keeps its last good version; one that never was good is left out. A broken
settings.yaml keeps all settings, and the command files are checked against those.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Protocol

from cmdarr.config.settings import Settings
from cmdarr.config.snapshot import CommandEntry, CommandState, Snapshot
from cmdarr.config.tree import CommandsState, SourceFile, Tree, digest_files, is_command_file
from cmdarr.errors import Finding


class SnapshotLoader(Protocol):
    """What makes a snapshot from a tree; it reports in findings and raises nothing."""

    def load(self, tree: Tree, *, settings_in_force: Settings | None = None) -> Snapshot:
        """Return the snapshot; `settings_in_force` stand in for a broken settings.yaml."""


@dataclass(frozen=True, slots=True)
class GoodFile:
    """The last good bytes of a file, and since when they are in force."""

    source: SourceFile
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """A snapshot that can run, the good files that it was made from, and the files on disk that are broken."""

    tree: Tree
    """The tree that was judged, with the referenced files of the snapshot."""
    snapshot: Snapshot
    good: Mapping[str, GoodFile]
    broken: frozenset[str]


def make_effective(
    loader: SnapshotLoader, tree: Tree, good: Mapping[str, GoodFile], before: Snapshot | None
) -> Effective:
    """Return what the tree makes effective, given the good files and the snapshot of before (None at start)."""
    effective = _load(loader, tree, good, before)
    referenced = effective.snapshot.referenced_files
    if tree.referenced.keys() == set(map(str, referenced)):
        return effective
    # Only a load tells which files are referenced; loaded again, so that none can change between load and hash.
    return _load(loader, replace(tree, referenced=digest_files(referenced)), good, before)


def _load(
    loader: SnapshotLoader, tree: Tree, good: Mapping[str, GoodFile], before: Snapshot | None
) -> Effective:
    in_force = before.settings if before else None
    first = loader.load(tree, settings_in_force=in_force)
    emptied = _find_emptied(tree, good) if before else ()
    findings = _in_order((*first.findings, *(each for each in emptied if not first.errors_in(each.file))))
    broken = frozenset(finding.file for finding in findings if finding.severity == "error")
    lost = frozenset(filter(is_command_file, good) if _has_lost_commands(tree) else ())
    snapshot, kept = first, tree
    if broken or lost:
        kept = _keep_good(tree, good, broken | lost)
        second = loader.load(kept, settings_in_force=in_force)
        snapshot = _merge(replace(first, findings=findings), second, broken | lost, good, before)
    return Effective(tree=tree, snapshot=snapshot, good=_good_files(kept, good, snapshot), broken=broken)


def _has_lost_commands(tree: Tree) -> bool:
    return tree.commands_state in {CommandsState.MISSING, CommandsState.UNREADABLE}


def _find_emptied(tree: Tree, good: Mapping[str, GoodFile]) -> tuple[Finding, ...]:
    """Return a finding for each file that held something and has no byte now: a save that is not finished."""
    return tuple(
        Finding(
            name,
            1,
            1,
            "",
            "emptied",
            f"{name} is empty; put a comment into it when nothing else shall be in it.",
        )
        for name, source in tree.files.items()
        if not source.data and name in good and good[name].source.data
    )


def _in_order(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the findings of each file together, in the order in which the files first occur."""
    files = list(dict.fromkeys(finding.file for finding in findings))
    return tuple(finding for file in files for finding in findings if finding.file == file)


def _keep_good(tree: Tree, good: Mapping[str, GoodFile], broken: frozenset[str]) -> Tree:
    """Return the tree with each broken file replaced by its last good version, or left out."""
    files = {name: source for name, source in tree.files.items() if name not in broken}
    files |= {name: good[name].source for name in broken if name in good}
    return replace(tree, files=dict(sorted(files.items(), key=_place)), problems=())


def _place(item: tuple[str, SourceFile]) -> tuple[bool, str]:
    return is_command_file(item[0]), item[0]


def _merge(
    first: Snapshot,
    second: Snapshot,
    broken: frozenset[str],
    good: Mapping[str, GoodFile],
    before: Snapshot | None,
) -> Snapshot:
    """Return `second`, made from good files, with what `first` knows about the files on disk."""
    commands = dict(second.commands)
    for file in sorted(filter(is_command_file, broken)):
        name = PurePosixPath(file).stem
        found = _last_good(file, second.commands.get(name), before, second.settings)
        if found is not None:
            since = good[file].since if file in good else first.loaded_at
            findings = first.commands[name].findings if name in first.commands else _findings_in(first, file)
            commands[name] = replace(found, findings=findings, good_since=since)
        elif name not in commands or file in good:
            commands[name] = first.commands.get(name) or _broken_entry(name, file, first)
    return replace(
        second,
        commands=dict(sorted(commands.items())),
        findings=first.findings,
        file_digests=first.file_digests,
        redactor=first.redactor | second.redactor,
        referenced_files=tuple(dict.fromkeys((*first.referenced_files, *second.referenced_files))),
    )


def _last_good(
    file: str, entry: CommandEntry | None, before: Snapshot | None, settings: Settings
) -> CommandEntry | None:
    """Return the entry that goes on for a broken file, marked as last good; None when there is none."""
    if entry is not None and entry.file == file and entry.state is not CommandState.BROKEN:
        is_ok = entry.state is CommandState.OK
        return replace(entry, state=CommandState.LAST_GOOD) if is_ok else entry
    running = before.commands.get(PurePosixPath(file).stem) if before else None
    if running is None or running.file != file or not _can_go_on(running, settings):
        return None
    # Its references no longer resolve; what they stood for when it was loaded still does.
    return replace(running, state=CommandState.LAST_GOOD)


def _can_go_on(entry: CommandEntry, settings: Settings) -> bool:
    return entry.options is not None and all(
        reference.service in settings.services for reference in entry.references
    )


def _findings_in(snapshot: Snapshot, file: str) -> tuple[Finding, ...]:
    return tuple(finding for finding in snapshot.findings if finding.file == file)


def _broken_entry(name: str, file: str, first: Snapshot) -> CommandEntry:
    return CommandEntry(
        name=name,
        file=file,
        kind="",
        state=CommandState.BROKEN,
        options=None,
        document="",
        digest="",
        findings=_findings_in(first, file),
    )


def _good_files(kept: Tree, good: Mapping[str, GoodFile], snapshot: Snapshot) -> dict[str, GoodFile]:
    """Return the files that are now good; one whose bytes stayed keeps the time since when it is in force."""
    found = {}
    for name, source in kept.files.items():
        known = good.get(name)
        same = known is not None and known.source.digest == source.digest
        found[name] = known if known and same else GoodFile(source, snapshot.loaded_at)
    return found
