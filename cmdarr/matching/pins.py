"""Pins: matches decided by hand, found by identity and not by a server's ids. Pure."""

from collections.abc import Iterable, Sequence

from cmdarr.matching.album import parse_album
from cmdarr.matching.credit import parse_credit
from cmdarr.matching.version import parse_title
from cmdarr.models.match import Pin, PinTarget
from cmdarr.models.track import LibraryTrack, WantedTrack


def pins_for(server: str, pins: Iterable[Pin]) -> tuple[Pin, ...]:
    """Return the pins that count on a server, those that name it first."""
    counting = [pin for pin in pins if pin.target is None or pin.target.server in {"", server}]
    return tuple(sorted(counting, key=lambda pin: pin.target is None or not pin.target.server))


def find_pin(wanted: WantedTrack, pins: Sequence[Pin]) -> Pin | None:
    """Return the pin of a wanted track; one that names the album goes before one that does not."""
    if not pins:
        return None
    found = [pin for pin in pins if _is_pin_of(wanted, pin)]
    return next((pin for pin in found if pin.album), found[0] if found else None)


def is_target(track: LibraryTrack, target: PinTarget) -> bool:
    """Whether a library track is the one that a pin names; here the version words must agree to the letter."""
    artist = parse_credit(target.artist).whole
    return (
        artist in {parse_credit(track.artist).whole, parse_credit(track.album_artist).whole}
        and _is_same_title(track.title, target.title)
        and (not target.album or parse_album(track.album).key == parse_album(target.album).key)
    )


def _is_pin_of(wanted: WantedTrack, pin: Pin) -> bool:
    return (
        parse_credit(wanted.artist).whole == parse_credit(pin.artist).whole
        and _is_same_title(wanted.title, pin.title)
        and (not pin.album or parse_album(wanted.album).key == parse_album(pin.album).key)
    )


def _is_same_title(one: str, other: str) -> bool:
    first, second = parse_title(one), parse_title(other)
    return (first.key, first.version) == (second.key, second.version)
