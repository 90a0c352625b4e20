"""Good documents: what outlives a restart of the last configuration that was applied."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from cmdarr.config.reload.effective import GoodFile
from cmdarr.config.snapshot import CommandState, Snapshot
from cmdarr.config.tree import SourceFile, is_command_file
from cmdarr.models.generation import GoodDocument
from cmdarr.models.redaction import MASK

SETTINGS_FILE = "settings.yaml"


class GoodStore(Protocol):
    """Where the good documents are kept."""

    def load_good(self) -> Mapping[str, GoodDocument]:
        """Return the documents of the generation that was applied last, by file."""

    def replace_good(self, generation: str, documents: Sequence[GoodDocument]) -> None:
        """Keep these documents instead of all earlier ones."""


def good_documents(snapshot: Snapshot, good: Mapping[str, GoodFile]) -> list[GoodDocument]:
    """Return what to keep of a snapshot: the settings and every command that can run."""
    return [
        GoodDocument(
            file=file,
            document=text,
            digest=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
            good_since=good[file].since if file in good else snapshot.loaded_at,
        )
        for file, text in _documents_of(snapshot)
    ]


def _documents_of(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    yield SETTINGS_FILE, snapshot.settings_document
    for entry in snapshot.commands.values():
        if entry.document and entry.state is not CommandState.BROKEN:
            yield entry.file, entry.document


def restore_good(documents: Mapping[str, GoodDocument]) -> dict[str, GoodFile]:
    """Return the good files that stored documents stand for: commands only, and none with a masked secret."""
    return {
        file: GoodFile(SourceFile.of(file, document.document.encode()), document.good_since)
        for file, document in documents.items()
        if is_command_file(file) and MASK not in document.document
    }


def keep_times(
    good: Mapping[str, GoodFile], snapshot: Snapshot, documents: Mapping[str, GoodDocument]
) -> dict[str, GoodFile]:
    """Return the good files with the time since when their meaning was in force already before the restart."""
    texts = dict(_documents_of(snapshot))
    kept = dict(good)
    for file, document in documents.items():
        if file in kept and texts.get(file) == document.document:
            kept[file] = GoodFile(kept[file].source, document.good_since)
    return kept
