"""pins.yaml: matches decided by hand, as a list of `{artist, title, album?, match}`."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, RootModel

from cmdarr.config.base import Model
from cmdarr.config.document import Document
from cmdarr.config.load.checked import Checked, FileCheck
from cmdarr.config.references import Resolver
from cmdarr.models.match import Pin, PinTarget

PINS_FILE = "pins.yaml"

Name = Annotated[str, Field(min_length=1)]


class PinMatch(Model):
    """The library track that a pin names by identity."""

    artist: Name
    """The track artist as the library has it."""
    title: Name
    """The title as the library has it."""
    album: str = ""
    """The album as the library has it; empty for any."""
    server: str = ""
    """The server that the pin is for; empty for every server."""


class PinEntry(Model):
    """One match decided by hand."""

    artist: Name
    """The artist as the source writes it."""
    title: Name
    """The title as the source writes it."""
    album: str = ""
    """The album as the source writes it; empty for any."""
    match: Literal["never"] | PinMatch
    """The library track to take, or `never` for none."""


class PinList(RootModel[tuple[PinEntry, ...]]):
    """The whole of pins.yaml."""


@dataclass(frozen=True, slots=True)
class CheckedPins:
    """What came of pins.yaml; an invalid file gives no pins."""

    pins: tuple[Pin, ...]
    checked: Checked


def read_pins(document: Document, resolver: Resolver) -> CheckedPins:
    """Validate pins.yaml; an invalid file gives no pins and its findings."""
    check = FileCheck(document, resolver)
    if document.is_empty or check.value is None:
        return CheckedPins((), check.finish())
    if not isinstance(check.value, tuple):
        check.report((), "not_a_list", "pins.yaml must be a list: each pin begins with '- '.")
        return CheckedPins((), check.finish())
    pins = check.validate(PinList, check.value)
    if pins is None or check.has_errors:
        return CheckedPins((), check.finish())
    return CheckedPins(tuple(map(_as_pin, pins.root)), check.finish())


def _as_pin(entry: PinEntry) -> Pin:
    target = None
    if isinstance(entry.match, PinMatch):
        match = entry.match
        target = PinTarget(artist=match.artist, title=match.title, album=match.album, server=match.server)
    return Pin(artist=entry.artist, title=entry.title, album=entry.album, target=target)
