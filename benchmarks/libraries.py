"""Libraries as people have them, made up by seed: few artists with much, many with little; versions, guests, scripts.

A track's server id says what it is (`artist.song.version.number`): whoever plants wishes knows the right answers.
"""
# ruff: noqa: RUF001 - names in several scripts are the subject

import random
import string
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Literal
from uuid import UUID

from cmdarr.models.track import LibraryTrack, RecordingMbid, ServerId, WantedTrack

TRACKS_PER_ARTIST = 20
MBID_SHARE = 0.02
_EVEN = 20
"""Among so many artists at the top the differences are small: nobody has a tenth of a library."""
_LATIN = (
    "love night fire heart dance moon river home light shadow dream summer rain city gold blue road time ghost king "
    "queen star ocean storm glass paper stone winter velvet echo silver garden mirror thunder lonely morning angel "
    "broken forever heaven highway hollow island jungle killer ladder machine midnight monkey mountain never number "
    "orange people perfect picture pretty purple radio runaway satellite secret seven silence sister slow soldier "
    "something somebody strange street sugar sunday sweet teenage telephone tiger tonight train trouble twenty under "
    "universe valley wasted water whisper wild window wonder wooden world yellow yesterday young zero about across"
)
_ACCENTED = (
    "café señorita über corazón déjà naïve canción noël Straße ångström smörgås façade piñata fiancée jalapeño "
    "Mädchen crème brûlée coração amanhã język łódź żółty øre fjäll říjen noć ığdır garçon élan"
)
_CYRILLIC = (
    "ночь звезда группа крови последний герой осень дождь город мама пачка сигарет весна кукушка море снег"
)
_GREEK = "νύχτα θάλασσα αγάπη ουρανός φεγγάρι καρδιά όνειρο δρόμος χρόνια τραγούδι"
_HEBREW = "לילה אהבה שלום ירושלים ים שמש דרך חלום עיר אור"
_JAPANESE = "夜 愛 海の 見える 坂道 夜明け カモメ 夢 花火 東京 さくら 涙 ひかり 風 星空 ラブレター"
_KOREAN = "사랑 밤 하늘 바다 꿈 별 비 봄날 너를 그대"
_SCRIPTS = tuple(text.split() for text in (_LATIN, _ACCENTED, _CYRILLIC, _GREEK, _HEBREW, _JAPANESE, _KOREAN))
_VOCABULARIES = tuple((*words, *(one + other for one in words for other in words)) for words in _SCRIPTS)
"""The words of each script, the common ones, and behind them all that two of them make."""
_COMMON_PERCENT = 25
"""How many of the words in titles and names are common ones: a song of one such word has hundreds of namesakes."""
_SHARES = tuple(accumulate((80, 9, 4, 1, 1, 4, 1)))
_NAME_FORMS = ("{} {}", "The {} {}", "{} & the {}", "{} {} Band", "DJ {} {}", "{}-{}", "{} {} Trio", "{} {}")
_REMASTERS = (" - 2011 Remaster", " (Remastered)", " - Remastered 2009", " [2015 Remaster]")
_VERSIONS = (" (Acoustic)", " (Radio Edit)", " (Kasum Remix)", " (Instrumental)", " - Extended Mix")
_KEYBOARD = string.ascii_lowercase
_ABSENT = (
    "gramophone quagmire zeppelinesque marzipan obelisk phosphorus tambourine wolverine xylograph yardstick"
)
_MASK = (1 << 64) - 1

Sort = Literal["exact", "misspelt", "version", "absent"]


@dataclass(frozen=True, slots=True)
class Wish:
    """A wanted track; `right` begins the server id of every right answer, empty when the library has none."""

    wanted: WantedTrack
    right: str
    sort: Sort


@dataclass(frozen=True, slots=True)
class _Artist:
    number: int
    name: str
    words: Sequence[str]

    def song(self, number: int) -> str:
        """Return the title of the artist's song of that number: always the same one."""
        mixed = _mix(self.number * 100_003 + number)
        count = (1, 2, 2, 2, 3, 3)[mixed % 6]
        picked = [_word(self.words, _mix(mixed + place)) for place in range(count)]
        title = " ".join(picked)
        title = title if number % 5 else f"{title} {mixed % 90 + 2}"
        return title[:1].upper() + title[1:] if number % 3 else title.title()


def make_library(count: int, seed: int = 1) -> Iterator[LibraryTrack]:
    """Yield `count` tracks, album by album."""
    source = random.Random(seed)
    artists = _make_artists(max(count // TRACKS_PER_ARTIST, 2), source)
    weights = list(accumulate(1 / (rank + _EVEN) for rank in range(len(artists))))
    made = 0
    while made < count:
        for track in _make_album(source, artists, weights):
            if made == count:
                return
            yield replace(track, server_id=ServerId(f"{track.server_id}.{made}"))
            made += 1


def in_pages(tracks: Iterable[LibraryTrack], size: int = 1_000) -> Iterator[list[LibraryTrack]]:
    """Yield tracks as a server does: in pages."""
    page: list[LibraryTrack] = []
    for track in tracks:
        page.append(track)
        if len(page) == size:
            yield page
            page = []
    if page:
        yield page


def pick(tracks: Iterable[LibraryTrack], count: int, seed: int = 2) -> list[LibraryTrack]:
    """Return a fair sample of a stream."""
    source = random.Random(seed)
    kept: list[LibraryTrack] = []
    for place, track in enumerate(tracks):
        if place < count:
            kept.append(track)
        elif (drawn := source.randrange(place + 1)) < count:
            kept[drawn] = track
    return kept


def plant_wishes(sample: Sequence[LibraryTrack], seed: int = 3) -> list[Wish]:
    """Return one wish for each track: most as somebody else writes it, the others misspelt, or not to be found."""
    source = random.Random(seed)
    makers = (*(_exact,) * 14, _misspelt, _misspelt, _version, _version, _absent, _absent)
    return [makers[place % len(makers)](source, track) for place, track in enumerate(sample)]


def _make_artists(count: int, source: random.Random) -> list[_Artist]:
    artists: list[_Artist] = []
    taken: set[str] = set()
    while len(artists) < count:
        words = source.choices(_VOCABULARIES, cum_weights=_SHARES)[0]
        one, other = (_word(words, source.getrandbits(64)).title() for _ in range(2))
        name = source.choice(_NAME_FORMS).format(one, other)
        name = name if name not in taken else f"{name} {source.choice(_SCRIPTS[0]).title()} {len(artists)}"
        taken.add(name)
        artists.append(_Artist(len(artists), name, words))
    return artists


def _make_album(
    source: random.Random, artists: Sequence[_Artist], weights: Sequence[float]
) -> Iterator[LibraryTrack]:
    """Yield one album: by one artist (studio, remaster, live), or a compilation of many."""
    owner = source.choices(artists, cum_weights=weights)[0]
    number, year = source.randrange(2 + len(artists) // (owner.number + _EVEN)), source.randrange(1960, 2026)
    fate = source.random()
    ending = source.choice(_REMASTERS) if fate < 0.08 else " (Live)" if fate < 0.13 else ""
    many = fate > 0.9
    album = f"{owner.song(number * 12)}{' (Live at Wembley)' if ending == ' (Live)' else ''}"
    for place in range(1, source.randrange(8, 15)):
        artist = source.choices(artists, cum_weights=weights)[0] if many else owner
        track = _make_track(source, artist, number * 12 + place, ending, artists)
        yield replace(
            track, album=f"Now {number}" if many else album, album_artist="Various Artists" if many else owner.name,
            number=place, disc=1, year=year,
        )  # fmt: skip


def _make_track(
    source: random.Random, artist: _Artist, song: int, ending: str, artists: Sequence[_Artist]
) -> LibraryTrack:
    """Return a recording; its length is always the same one, whatever album it is on."""
    chance, credit = source.random(), artist.name
    if not ending and chance < 0.04:
        ending = source.choice(_VERSIONS)
    title = artist.song(song)
    if chance > 0.94:
        credit = f"{credit} feat. {source.choice(artists).name}"
    elif chance > 0.88:
        title = f"{title} (feat. {source.choice(artists).name})"
    version = "" if ending in {"", *_REMASTERS} else ending.strip(" ()-")
    length = 120_000 + _mix(artist.number * 31 + song) % 280_000
    has_mbid = source.random() < MBID_SHARE
    return LibraryTrack(
        server_id=ServerId(f"{artist.number}.{song}.{version}"),
        title=title + ending,
        artist=credit,
        duration_ms=length + 40_000 * bool(version) + source.randrange(1_000),
        recording_mbid=RecordingMbid(str(UUID(int=source.getrandbits(128)))) if has_mbid else None,
    )


def _exact(source: random.Random, track: LibraryTrack) -> Wish:
    """Write the track as another service does: without accents, in capitals, without the remaster."""
    title, artist = track.title, track.artist
    for ending in _REMASTERS:
        title = title.removesuffix(ending)
    how = source.random()
    if how < 0.2:
        title, artist = title.upper(), artist.upper()
    elif how < 0.4:
        title, artist = _plain(title), _plain(artist)
    elif how < 0.5:
        artist = artist.removeprefix("The ")
    album = track.album if source.random() < 0.5 else ""
    return Wish(_wanted(track, title=title, artist=artist, album=album), _identity(track), "exact")


def _misspelt(source: random.Random, track: LibraryTrack) -> Wish:
    """Put one wrong letter into a long title; a short one stays as it is."""
    title = track.title
    places = [
        place for place in range(1, len(title) - 1) if title[place].isascii() and title[place].islower()
    ]
    if len(title) < 9 or len(places) < 6:
        return _exact(source, track)
    place = source.choice(places)
    title = f"{title[:place]}{source.choice(_KEYBOARD)}{title[place + 1 :]}"
    return Wish(_wanted(track, title=title, album=track.album), _identity(track), "misspelt")


def _version(source: random.Random, track: LibraryTrack) -> Wish:
    """Want a version that no library of ours holds."""
    title = f"{track.title} {source.choice(('(Demo)', '(Karaoke Version)', '- Nightcore', '(Orchestral Version)'))}"
    return Wish(_wanted(replace(track, recording_mbid=None), title=title, album=""), "", "version")


def _absent(source: random.Random, track: LibraryTrack) -> Wish:
    """Want a song that the artist never made."""
    title = " ".join(source.sample(_ABSENT.split(), 2)).title()
    return Wish(_wanted(replace(track, recording_mbid=None), title=title, album=track.album), "", "absent")


def _wanted(track: LibraryTrack, *, title: str, album: str, artist: str | None = None) -> WantedTrack:
    return WantedTrack(
        artist=track.artist if artist is None else artist,
        title=title,
        album=album,
        duration_ms=track.duration_ms,
        recording_mbid=track.recording_mbid,
    )


def _identity(track: LibraryTrack) -> str:
    return track.server_id.rpartition(".")[0] + "."


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in parts if not "\u0300" <= letter <= "\u036f")


def _word(words: Sequence[str], drawn: int) -> str:
    """Return a word of a vocabulary by 64 random bits."""
    is_common = drawn % 100 < _COMMON_PERCENT
    return words[(drawn >> 8) % (int(len(words) ** 0.5) if is_common else len(words))]


def _mix(number: int) -> int:
    number = (number + 0x9E3779B97F4A7C15) & _MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _MASK
    return number ^ (number >> 31)
