"""Which of several candidates is meant: the one that is safe, or none. Pure."""
# ruff: noqa: RUF001 - hyphens and quotation marks of every kind are the subject

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from cmdarr.clients.musicbrainz.answers import Artist, Credit, Recording, ReleaseGroup, credit_text
from cmdarr.matching.album import parse_album
from cmdarr.matching.artist_name import artist_key, is_like_name, names_nobody
from cmdarr.matching.credit import first_name, parse_credit
from cmdarr.matching.fold import fold
from cmdarr.matching.version import parse_title

LEAST_SCORE = 50
"""A search result below this matched by a part of the name only."""
_VARIOUS_ARTISTS = "89ad4ac3-39f7-470e-963a-56509c546377"
_EXACT, _FOLDED, _ALIAS, _OTHER = range(4)
_PLAIN_SIGNS = str.maketrans("‐‑–—’‘ʼ“”", "----'''\"\"")
"""MusicBrainz writes the signs of print where most others write those of the keyboard."""

T = TypeVar("T")


def is_nobody(artist: Artist) -> bool:
    """Whether an artist of MusicBrainz stands in for one: Various Artists, [unknown], [traditional] and the like."""
    return artist.id == _VARIOUS_ARTISTS or names_nobody(artist.name)


def has_name(artist: Artist, name: str) -> bool:
    """Whether an artist may be called so, by its name, its sort name or an alias."""
    names = (artist.name, artist.sort_name or "", *artist.other_names)
    return any(is_like_name(one, name) for one in names)


def pick_artist(name: str, artists: Iterable[Artist]) -> Artist | None:
    """Return the one artist of that name, None when two bear it or none does.

    A name with signs of its own (`P!nk`) is taken literally where that tells two apart; a plain one (`Pink`) may
    mean either.
    """
    found = [artist for artist in artists if not is_nobody(artist)]
    is_plain = fold(name) == _literal(name)
    best = _best(found, lambda artist: max(_rank_of(name, artist), _FOLDED if is_plain else _EXACT), _OTHER)
    only = best[0] if len({artist.id for artist in best}) == 1 else None
    return only if only and only.score >= LEAST_SCORE else None


def _rank_of(name: str, artist: Artist) -> int:
    if _literal(artist.name) == _literal(name):
        return _EXACT
    key = artist_key(name)
    if key and key in {artist_key(artist.name), artist_key(artist.sort_name or "")}:
        return _FOLDED
    return _ALIAS if key and key in map(artist_key, artist.other_names) else _OTHER


def _literal(name: str) -> str:
    return name.strip().translate(_PLAIN_SIGNS).casefold()


def agreed_artist(recordings: Sequence[Recording], wanted: str) -> Artist | None:
    """Return the first artist that every recording of an ISRC credits, if the wanted text may mean it."""
    firsts = {one.first_artist.id: one for one in recordings if one.first_artist}
    if len(firsts) != 1 or not all(one.first_artist for one in recordings):
        return None
    recording = next(iter(firsts.values()))
    artist = recording.first_artist
    return artist if artist and _rank_of_credit(recording.artist_credit, wanted) < _OTHER else None


def pick_recording_artist(title: str, wanted: str, recordings: Iterable[Recording]) -> Artist | None:
    """Return the first artist of the recordings of that title and credit, None when they are of two artists."""
    key = parse_title(title).key
    of_title = [one for one in recordings if key and parse_title(one.title).key == key]
    best = _best(of_title, lambda one: _rank_of_credit(one.artist_credit, wanted), _OTHER)
    artists = {one.first_artist.id: one.first_artist for one in best if one.first_artist}
    only = next(iter(artists.values())) if len(artists) == 1 else None
    return only if only and not is_nobody(only) else None


def _rank_of_credit(credits_: list[Credit] | None, wanted: str) -> int:
    """Say how well an artist credit fits a wanted text: as a whole, by its first name, or not at all."""
    if not credits_:
        return _OTHER
    whole = parse_credit(wanted).whole
    if whole and whole == parse_credit(credit_text(credits_)).whole:
        return _EXACT
    first, artist = credits_[0], credits_[0].artist
    names = {artist_key(name) for name in (first.name or "", artist.name, *artist.other_names)} - {""}
    if artist_key(wanted) in names:
        return _EXACT
    return _FOLDED if artist_key(first_name(wanted)) in names else _OTHER


def pick_album(title: str, wanted: str, groups: Iterable[ReleaseGroup]) -> ReleaseGroup | None:
    """Return the release group of that title and artist: rather an album than an EP or a single; one, or none."""
    album = parse_album(title)
    fitting = {
        group.id: group
        for group in groups
        if album.key
        and parse_album(group.title) == album
        and group.artist_credit
        and not is_nobody(group.artist_credit[0].artist)
        and _rank_of_credit(group.artist_credit, wanted) < _OTHER
    }
    best = _best(fitting.values(), _rank_of_type, len(_TYPES) + 2)
    return best[0] if len(best) == 1 else None


_TYPES = ("Album", "EP", "Single")


def _rank_of_type(group: ReleaseGroup) -> int:
    if group.primary_type == "Album":
        return 1 if group.secondary_types else 0
    return _TYPES.index(group.primary_type) + 1 if group.primary_type in _TYPES else len(_TYPES) + 1


def _best(items: Iterable[T], rank_of: Callable[[T], int], out: int) -> list[T]:
    """Return the items of the best rank (the lowest), none of rank `out`."""
    ranked = [(rank_of(item), item) for item in items]
    best = min((rank for rank, _ in ranked), default=out)
    return [] if best >= out else [item for rank, item in ranked if rank == best]
