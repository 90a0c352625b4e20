"""What the loader remembers between loads: the result of each file, as long as its bytes and references stay."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from cmdarr.config.document import Document, parse_document
from cmdarr.config.load.checked import Checked
from cmdarr.config.references import Resolver
from cmdarr.config.tree import SourceFile


class HasChecked(Protocol):
    """A result of reading one file."""

    @property
    def checked(self) -> Checked:
        """What is known of the file besides its model."""


ResultT = TypeVar("ResultT", bound=HasChecked)


@dataclass(frozen=True, slots=True)
class _Known:
    digest: str
    result: HasChecked


class LoadCache:
    """Results by file. A result is used again when the bytes and what its references stand for are the same."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def read(
        self, source: SourceFile, resolver: Resolver, read: Callable[[Document, Resolver], ResultT]
    ) -> ResultT:
        """Return the result of a file, read again only when it must be."""
        known = self._known.get(source.name)
        if known is not None and known.digest == source.digest:
            checked = known.result.checked
            if not checked.references or resolver.fingerprint(checked.references) == checked.fingerprint:
                return known.result  # type: ignore[return-value]  # each file is always read by the same function
        result = read(parse_document(source.name, source.data), resolver)
        self._known[source.name] = _Known(source.digest, result)
        return result

    def keep_only(self, names: Iterable[str]) -> None:
        """Forget the files that are not in `names`."""
        for name in self._known.keys() - set(names):
            del self._known[name]
