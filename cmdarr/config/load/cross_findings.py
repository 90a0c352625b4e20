"""Problems between files as findings: each gets its place, and the place of the other file in its sentence."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from cmdarr.config.catalog import Catalog
from cmdarr.config.command import ServiceReference, WrittenPlaylist
from cmdarr.config.document import Document, Loc, parse_document
from cmdarr.config.load.crosscheck import CrossCheck, CrossProblem, check_playlists
from cmdarr.config.references.redact import FindingRedactor
from cmdarr.config.settings import Settings
from cmdarr.config.tree import Tree
from cmdarr.errors import Finding
from cmdarr.models.match import Pin

References: TypeAlias = tuple[ServiceReference, ...]
SoundReferences: TypeAlias = dict[str, tuple[References, Settings]]
"""The references in which nothing was wrong, and the settings that they were checked against; kept between loads."""


def root_of(tree: Tree) -> Path:
    """Return the folder that holds the config folder: relative paths start there."""
    return tree.folder.resolve().parent


class CrossFindings:
    """Checks the files of one tree against each other. Documents are parsed again only where a problem stands."""

    def __init__(self, tree: Tree, secrets: frozenset[str], sound: SoundReferences) -> None:
        self._tree = tree
        self._secrets = secrets
        self._sound = sound
        self._documents: dict[str, Document] = {}

    def find(
        self,
        catalog: Catalog,
        settings: Settings | None,
        references: Mapping[str, References],
        playlists: Mapping[str, Sequence[WrittenPlaylist]],
        pins: tuple[Pin, ...],
    ) -> Iterator[Finding]:
        """Yield every finding between files; `settings` None leaves out what needs settings."""
        for problem in self._problems(catalog, settings, references, playlists, pins):
            if problem.file in self._tree.files:
                yield self._finding(problem)

    def _problems(
        self,
        catalog: Catalog,
        settings: Settings | None,
        references: Mapping[str, References],
        playlists: Mapping[str, Sequence[WrittenPlaylist]],
        pins: tuple[Pin, ...],
    ) -> Iterator[CrossProblem]:
        if settings is not None:
            check = CrossCheck(
                catalog=catalog, settings=settings, root=root_of(self._tree), place=self._place
            )
            yield from check.check_settings()
            yield from check.check_pins(pins)
            for file, named in references.items():
                before = self._sound.get(file)
                if before is None or before[0] is not named or before[1] is not settings:
                    yield from self._check_references(check, file, named)
        yield from check_playlists(playlists, self._place)

    def _check_references(self, check: CrossCheck, file: str, named: References) -> Iterator[CrossProblem]:
        problems = list(check.check_references(file, named))
        if not problems:
            self._sound[file] = named, check.settings
        yield from problems

    def _document(self, file: str) -> Document:
        if file not in self._documents:
            self._documents[file] = parse_document(file, self._tree.files[file].data)
        return self._documents[file]

    def _place(self, file: str, loc: Loc) -> str:
        if file not in self._tree.files:
            return file
        line, _ = self._document(file).locate_key(loc)
        return f"{file}:{line}"

    def _finding(self, problem: CrossProblem) -> Finding:
        document = self._document(problem.file)
        finding = document.finding(
            problem.loc,
            problem.code,
            problem.message,
            hint=problem.hint,
            severity=problem.severity,
            at=problem.at,
        )
        return FindingRedactor(document.text, self._secrets, {})(finding)
