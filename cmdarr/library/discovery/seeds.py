"""Seeds: the artists that discovery starts from, and which of them are asked about today. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from hashlib import blake2b

from cmdarr.library.discovery.candidates import key_of
from cmdarr.library.discovery.standing import is_no_artist
from cmdarr.matching.fold import fold
from cmdarr.models.artist import ArtistRef


def join_seeds(seeds: Iterable[ArtistRef]) -> list[ArtistRef]:
    """Return every artist once, by key; a name without MBID falls to the artist of that name that has one."""
    by_key: dict[str, ArtistRef] = {}
    named: set[str] = set()
    for seed in sorted(seeds, key=_order):
        if not is_no_artist(seed.name):
            by_key.setdefault(key_of(seed), seed)
            named |= {fold(seed.name)} if seed.mbid else set()
    return [seed for _, seed in sorted(by_key.items()) if seed.mbid or fold(seed.name) not in named]


def pick_seeds(
    seeds: Sequence[ArtistRef], asked: Mapping[str, datetime], *, count: int, day: date, command: str
) -> list[ArtistRef]:
    """Return at most `count` seeds: a sample that is the same all day, of those that were not asked about lately.

    `asked` maps the keys of those that were to the end of their cool-down; where the others are too few, those come
    whose cool-down ends first.
    """
    ordered = sorted(seeds, key=lambda seed: _lot(seed, day, command))
    fresh = [seed for seed in ordered if key_of(seed) not in asked]
    waiting = sorted(
        (seed for seed in ordered if key_of(seed) in asked), key=lambda seed: asked[key_of(seed)]
    )
    return [*fresh, *waiting][:count]


def _order(seed: ArtistRef) -> tuple[str, str]:
    return (seed.name, seed.mbid or "")


def _lot(seed: ArtistRef, day: date, command: str) -> bytes:
    """Return a number of chance for an artist and a day: it does not depend on which others there are."""
    return blake2b(f"{day.isoformat()}\n{command}\n{key_of(seed)}".encode(), digest_size=16).digest()
