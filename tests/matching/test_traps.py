"""Cases that others get wrong: each with its reason, what is wanted, what the library has, and what is right."""
# ruff: noqa: E501, RUF001 - a table with one case a line; typographic signs and other scripts are the subject

import random
import unicodedata
from typing import Any, NamedTuple

import pytest

from cmdarr.matching.decide import decide
from cmdarr.matching.keys import match_keys, track_keys
from cmdarr.models.track import LibraryTrack, ServerId, WantedTrack


class T(NamedTuple):
    """A track of either side."""

    artist: str
    title: str
    album: str = ""
    seconds: int | None = None
    album_artist: str = ""


class Case(NamedTuple):
    """`right` is the place of the right track in the library, None when every one would be wrong."""

    reason: str
    wanted: T
    library: list[T]
    right: int | None


NO = [
    Case("a longer word is another title", T("The Cure", "Love"), [T("The Cure", "Loveless")], None),
    Case("an anagram is another title", T("Beyoncé", "Listen"), [T("Beyoncé", "Silent")], None),
    Case("a reversed word is another title", T("X", "Evil"), [T("X", "Live")], None),
    Case("a title inside a longer one", T("Zedd", "Stay"), [T("Zedd", "Stay Alive")], None),
    Case("a title that begins a longer word", T("X", "Run"), [T("X", "Runaway")], None),
    Case("a title that ends a longer one", T("X", "Home"), [T("X", "Come Home")], None),
    Case("no title is no title in common", T("Eurythmics", ""), [T("Eurythmics", " ")], None),
    Case("same title by another artist", T("Eurythmics", "Sweet Dreams"), [T("Weezer", "Sweet Dreams")], None),
    Case("same title by a cover artist", T("Nirvana", "Lithium"), [T("The Polyphonic Spree", "Lithium")], None),
    Case("studio wanted, live there", T("Adele", "Hello"), [T("Adele", "Hello (Live)")], None),
    Case("live wanted, studio there", T("Adele", "Hello (Live)"), [T("Adele", "Hello")], None),
    Case("studio wanted, live behind a dash", T("Adele", "Hello"), [T("Adele", "Hello - Live at Wembley")], None),
    Case("studio wanted, live album only", T("Nirvana", "Polly"), [T("Nirvana", "Polly", "MTV Unplugged in New York")], None),
    Case("studio wanted, album marked live", T("X", "Song"), [T("X", "Song", "Greatest Hits (Live)")], None),
    Case("studio wanted, remix there", T("Flo Rida", "Low"), [T("Flo Rida", "Low (Remix)")], None),
    Case("remix wanted, studio there", T("Flo Rida", "Low (Remix)"), [T("Flo Rida", "Low")], None),
    Case("one remix is not the other", T("X", "Song (Kasum Remix)"), [T("X", "Song (Noodles Remix)")], None),
    Case("a remix without its remixer may be any", T("X", "Song (Remix)"), [T("X", "Song (Kasum Remix)")], None),
    Case("acoustic is another recording", T("X", "Song"), [T("X", "Song (Acoustic)")], None),
    Case("demo is another recording", T("X", "Song"), [T("X", "Song [Demo]")], None),
    Case("karaoke is never wanted unasked", T("Adele", "Hello"), [T("Adele", "Hello (Karaoke Version)")], None),
    Case("karaoke in the style of", T("Adele", "Hello"), [T("Adele", "Hello (In the Style of Adele)")], None),
    Case("karaoke by its album", T("Adele", "Hello"), [T("Adele", "Hello", "Karaoke Hits 2016")], None),
    Case("instrumental is another recording", T("X", "Song"), [T("X", "Song (Instrumental)")], None),
    Case("a re-recording is another recording", T("X", "Song"), [T("X", "Song (Re-Recorded)")], None),
    Case("Taylor's Version is a re-recording", T("Taylor Swift", "Style"), [T("Taylor Swift", "Style (Taylor's Version)")], None),
    Case("Taylor's Version by its album", T("Taylor Swift", "Style"), [T("Taylor Swift", "Style", "1989 (Taylor's Version)")], None),
    Case("the first recording is not Taylor's Version", T("Taylor Swift", "Style (Taylor’s Version)"), [T("Taylor Swift", "Style")], None),
    Case("ten minutes are another version", T("Taylor Swift", "All Too Well (Taylor's Version)"), [T("Taylor Swift", "All Too Well (10 Minute Version) (Taylor's Version)")], None),
    Case("a radio edit is another version", T("X", "Song"), [T("X", "Song (Radio Edit)")], None),
    Case("sped up is another version", T("X", "Song"), [T("X", "Song (Sped Up)")], None),
    Case("slowed is another version", T("X", "Song"), [T("X", "Song - Slowed + Reverb")], None),
    Case("extended is another version", T("X", "Song"), [T("X", "Song (Extended Mix)")], None),
    Case("a club mix is a remix", T("X", "Song"), [T("X", "Song (Club Mix)")], None),
    Case("another language is another version", T("X", "Song"), [T("X", "Song (Spanish Version)")], None),
    Case("orchestral is another version", T("X", "Song"), [T("X", "Song (Orchestral Version)")], None),
    Case("a cappella is another version", T("X", "Song"), [T("X", "Song (A Cappella)")], None),
    Case("an alternate take is another recording", T("X", "Song"), [T("X", "Song (Alternate Take)")], None),
    Case("one take is not the other", T("X", "Song (Take 3)"), [T("X", "Song (Take 5)")], None),
    Case("a rehearsal is another recording", T("X", "Song"), [T("X", "Song (Rehearsal)")], None),
    Case("a session is played live", T("X", "Song"), [T("X", "Song (BBC Session)")], None),
    Case("a tribute is another recording", T("X", "Song"), [T("X", "Song (Tribute to X)")], None),
    Case("a voice memo is a demo", T("X", "Song"), [T("X", "Song (Voice Memo)")], None),
    Case("one place is not the other", T("X", "Song (Live at Wembley)"), [T("X", "Song (Live in Paris)")], None),
    Case("live from several places, none named", T("X", "Song (Live)"), [T("X", "Song (Live at Wembley)"), T("X", "Song (Live in Paris)")], None),
    Case("live in Japanese", T("YOASOBI", "夜に駆ける"), [T("YOASOBI", "夜に駆ける（ライブ）")], None),
    Case("part one is not part two", T("X", "Song, Pt. 1"), [T("X", "Song, Pt. 2")], None),
    Case("part two is not the whole", T("X", "Song"), [T("X", "Song, Pt. II")], None),
    Case("movements of one work", T("Berliner Philharmoniker", "Symphony No. 5: I. Allegro"), [T("Berliner Philharmoniker", "Symphony No. 5: II. Andante")], None),
    Case("a number is part of the title", T("X", "Song 1"), [T("X", "Song 2")], None),
    Case("durations 40 s apart", T("X", "Song", "", 200), [T("X", "Song", "", 240)], None),
    Case("a short intro of the same name", T("X", "Song", "", 200), [T("X", "Song", "", 40)], None),
    Case("11 s apart is beyond 10 s and 5 %", T("X", "Song", "", 200), [T("X", "Song", "", 211)], None),
    Case("one-letter titles are compared whole", T("X", "A"), [T("X", "B")], None),
    Case("punctuation-only titles differ", T("X", "!!!"), [T("X", "???")], None),
    Case("a title of symbols is not the empty one", T("Sigur Rós", "( )"), [T("Sigur Rós", "[ ]")], None),
    Case("voiced kana is another letter", T("X", "かき"), [T("X", "かぎ")], None),
    Case("half of a duo with a one-word name", T("Simon", "Cecilia"), [T("Simon & Garfunkel", "Cecilia")], None),
    Case("Earth is not Earth, Wind & Fire", T("Earth", "Fantasy"), [T("Earth, Wind & Fire", "Fantasy")], None),
    Case("Tyler is not Tyler, The Creator", T("Tyler", "Yonkers"), [T("Tyler, The Creator", "Yonkers")], None),
    Case("a band that begins with another's name", T("Queen", "Flash"), [T("Queens of the Stone Age", "Flash")], None),
    Case("The The is not The", T("The The", "Uncertain Smile"), [T("Them", "Uncertain Smile")], None),
    Case("a guest is not the artist", T("Bruno Mars", "Uptown Funk"), [T("Mark Ronson feat. Bruno Mars", "Uptown Funk")], None),
    Case("now here is not nowhere", T("X", "Now Here"), [T("X", "Nowhere")], None),
    Case("nothing is known of the artist", T("", "Hello"), [T("Adele", "Hello")], None),
    Case("Various Artists is nobody", T("Various Artists", "Hello"), [T("Adele", "Hello", album_artist="Various Artists")], None),
    Case("the band Live is no version word", T("Live", "Lightning Crashes"), [T("Live", "Lightning Crashes (Live)")], None),
]  # fmt: skip

YES = [
    Case("equal to the letter", T("Adele", "Hello"), [T("Adele", "Hello")], 0),
    Case("letter case", T("adele", "HELLO"), [T("Adele", "Hello")], 0),
    Case("accents", T("Beyonce", "Deja Vu"), [T("Beyoncé", "Déjà Vu")], 0),
    Case("curly apostrophe", T("Queen", "Don’t Stop Me Now"), [T("Queen", "Don't Stop Me Now")], 0),
    Case("leading The", T("Beatles", "Help!"), [T("The Beatles", "Help!")], 0),
    Case("trailing The", T("The Beatles", "Help!"), [T("Beatles, The", "Help!")], 0),
    Case("& and and", T("Simon & Garfunkel", "America"), [T("Simon and Garfunkel", "America")], 0),
    Case("a comma for &", T("Simon, Garfunkel", "America"), [T("Simon & Garfunkel", "America")], 0),
    Case("x for &", T("Skrillex x Diplo", "To Ü"), [T("Skrillex & Diplo", "To U")], 0),
    Case("+ for and", T("Florence + The Machine", "Dog Days"), [T("Florence and the Machine", "Dog Days")], 0),
    Case("names in another order", T("Diplo, Skrillex", "Beats Knockin"), [T("Skrillex & Diplo", "Beats Knockin")], 0),
    Case("n' for and", T("Guns N’ Roses", "Patience"), [T("Guns and Roses", "Patience")], 0),
    Case("& in the title", T("X", "The Back Roads and the Back Row"), [T("X", "The Back Roads & The Back Row")], 0),
    Case("slash inside a name", T("ACDC", "T.N.T."), [T("AC/DC", "TNT")], 0),
    Case("hyphen inside a name", T("Jay Z", "99 Problems"), [T("JAY-Z", "99 Problems")], 0),
    Case("hyphen inside a title", T("X", "Goodbye"), [T("X", "Good-bye")], 0),
    Case("signs for letters", T("Pink", "So What"), [T("P!nk", "So What")], 0),
    Case("feat. in the title only", T("Zedd", "Clarity (feat. Foxes)"), [T("Zedd", "Clarity")], 0),
    Case("feat. in the artist only", T("Zedd feat. Foxes", "Clarity"), [T("Zedd", "Clarity")], 0),
    Case("feat. from title to artist", T("Zedd", "Clarity (feat. Foxes)"), [T("Zedd ft. Foxes", "Clarity")], 0),
    Case("feat. from title to a list of artists", T("Zedd, Foxes", "Clarity"), [T("Zedd", "Clarity (feat. Foxes)")], 0),
    Case("feat. without brackets", T("Zedd", "Clarity feat. Foxes"), [T("Zedd", "Clarity [ft. Foxes]")], 0),
    Case("with X in brackets", T("Ava Max", "Alone, Pt. II (with Alan Walker)"), [T("Ava Max", "Alone, Pt. II")], 0),
    Case("Left is no feat.", T("X", "Left Behind"), [T("X", "Left Behind")], 0),
    Case("Drift is no feat.", T("X", "Drift Away"), [T("X", "Drift Away")], 0),
    Case("Defeat is no feat.", T("X", "Defeat the Low"), [T("X", "Defeat the Low")], 0),
    Case("a list of artists beside a full first name", T("Kenny Chesney & Willie Nelson", "Sun"), [T("Kenny Chesney", "Sun")], 0),
    Case("a list of artists, the duration agrees", T("Zedd, Foxes", "Clarity", "", 271), [T("Zedd", "Clarity", "", 270)], 0),
    Case("a guest asks, the album agrees", T("Bruno Mars", "Uptown Funk", "Uptown Special"), [T("Mark Ronson feat. Bruno Mars", "Uptown Funk", "Uptown Special")], 0),
    Case("the track artist of a compilation", T("Adele", "Hello"), [T("Adele", "Hello", "Hits 2016", None, "Various Artists")], 0),
    Case("the album artist where the track says more", T("Miles Davis", "So What"), [T("Miles Davis Quintet", "So What", "", None, "Miles Davis")], 0),
    Case("remastered is the same recording", T("Queen", "Bohemian Rhapsody"), [T("Queen", "Bohemian Rhapsody - Remastered 2011")], 0),
    Case("the year first", T("Queen", "Bohemian Rhapsody - 2011 Remaster"), [T("Queen", "Bohemian Rhapsody")], 0),
    Case("one remaster for the other", T("X", "Song - 2009 Remaster"), [T("X", "Song (Remastered 2015)")], 0),
    Case("deluxe is an edition", T("X", "Song"), [T("X", "Song (Deluxe Edition)")], 0),
    Case("mono is an edition", T("X", "Song"), [T("X", "Song (Mono)")], 0),
    Case("explicit is an edition", T("X", "Song"), [T("X", "Song [Explicit]")], 0),
    Case("bonus track is an edition", T("X", "Song (Bonus Track)"), [T("X", "Song")], 0),
    Case("album version is an edition", T("X", "Song"), [T("X", "Song (Album Version)")], 0),
    Case("original mix is the plain one", T("X", "Song"), [T("X", "Song (Original Mix)")], 0),
    Case("a new mix of the same recording", T("The Beatles", "Help!"), [T("The Beatles", "Help! (2018 Mix)")], 0),
    Case("from a film", T("Idina Menzel", "Let It Go"), [T("Idina Menzel", 'Let It Go (From "Frozen")')], 0),
    Case("from the vault", T("Taylor Swift", "Nothing New (Taylor's Version)"), [T("Taylor Swift", "Nothing New (Taylor's Version) [From The Vault]")], 0),
    Case("the plain one before the remaster", T("X", "Song"), [T("X", "Song (Remastered)"), T("X", "Song")], 1),
    Case("the remaster that was asked for", T("X", "Song (Remastered)"), [T("X", "Song"), T("X", "Song (Remastered)")], 1),
    Case("the album decides", T("X", "Song", "Two"), [T("X", "Song", "One"), T("X", "Song", "Two")], 1),
    Case("the album's edition does not matter", T("X", "Song", "One"), [T("X", "Song", "Best Of"), T("X", "Song", "One (Deluxe Edition)")], 1),
    Case("the own album before a compilation", T("X", "Song"), [T("X", "Song", "Hits", None, "Various Artists"), T("X", "Song", "One", None, "X")], 1),
    Case("the duration breaks the tie", T("X", "Song", "", 200), [T("X", "Song", "", 207), T("X", "Song", "", 201)], 1),
    Case("the studio one beside seven versions", T("Imagine Dragons", "Believer"), [T("Imagine Dragons", f"Believer ({kind})") for kind in ("Live", "Acoustic", "Remix", "Instrumental", "Demo", "Karaoke")] + [T("Imagine Dragons", "Believer")], 6),
    Case("the right artist among three", T("Eurythmics", "Sweet Dreams"), [T("Marilyn Manson", "Sweet Dreams"), T("Weezer", "Sweet Dreams"), T("Eurythmics", "Sweet Dreams")], 2),
    Case("live wanted, live there", T("X", "Song (Live)"), [T("X", "Song"), T("X", "Song - Live")], 1),
    Case("live wanted, one place there", T("X", "Song (Live)"), [T("X", "Song (Live at Wembley)")], 0),
    Case("live by the albums of both sides", T("X", "Song (Live)", "Show (Live)"), [T("X", "Song", "Live at Wembley")], 0),
    Case("the same remix", T("X", "Song - Kasum Remix"), [T("X", "Song (Kasum Remix)")], 0),
    Case("the same edit", T("X", "Song - Radio Edit"), [T("X", "Song (Radio Edit)")], 0),
    Case("brackets that are part of the title", T("The Rolling Stones", "Satisfaction (I Can't Get No)"), [T("The Rolling Stones", "Satisfaction I Can’t Get No")], 0),
    Case("brackets in front", T("The Rolling Stones", "(I Can't Get No) Satisfaction"), [T("The Rolling Stones", "I Can't Get No Satisfaction")], 0),
    Case("Part II and Pt. 2", T("X", "Song, Pt. 2"), [T("X", "Song (Part II)")], 0),
    Case("a title that is a version word", T("X", "Live"), [T("X", "Live")], 0),
    Case("a title that begins with one", T("Wings", "Live and Let Die"), [T("Wings", "Live And Let Die")], 0),
    Case("a band named Live", T("Live", "Lightning Crashes"), [T("Live", "Lightning Crashes", "Throwing Copper")], 0),
    Case("a studio album that begins with Live", T("Hole", "Violet"), [T("Hole", "Violet", "Live Through This")], 0),
    Case("one-letter names", T("X", "E"), [T("X", "E")], 0),
    Case("an artist of punctuation", T("!!!", "Slyd"), [T("!!!", "Slyd")], 0),
    Case("a title of punctuation", T("Sigur Rós", "( )"), [T("Sigur Ros", "()")], 0),
    Case("full-width letters", T("Ｐｅｒｆｕｍｅ", "ポリリズム"), [T("Perfume", "ポリリズム")], 0),
    Case("half-width kana", T("X", "ｶﾞﾗｽ"), [T("X", "ガラス")], 0),
    Case("Cyrillic", T("КИНО", "Группа крови"), [T("Кино", "Группа Крови")], 0),
    Case("Cyrillic without the dots", T("Земфира", "Ёлка"), [T("Земфира", "Елка")], 0),
    Case("Hebrew without points", T("X", "שָׁלוֹם"), [T("X", "שלום")], 0),
    Case("Hangul in parts", T("X", unicodedata.normalize("NFD", "한국")), [T("X", "한국")], 0),
    Case("10 s apart is still one recording", T("X", "Song", "", 200), [T("X", "Song", "", 210)], 0),
    Case("5 % of a long one", T("X", "Song", "", 1000), [T("X", "Song", "", 1049)], 0),
    Case("a duration of one side says nothing", T("X", "Song", "", 200), [T("X", "Song")], 0),
]  # fmt: skip


def params(cases: list[Case]) -> list[Any]:
    """Return the cases under their reasons."""
    return [pytest.param(case, id=case.reason) for case in cases]


CASES = params(NO + YES)


def wanted_of(track: T) -> WantedTrack:
    return WantedTrack(
        artist=track.artist,
        title=track.title,
        album=track.album,
        album_artist=track.album_artist,
        duration_ms=track.seconds * 1000 if track.seconds else None,
    )


def library_of(track: T, place: int) -> LibraryTrack:
    return LibraryTrack(
        server_id=ServerId(f"t{place}"),
        artist=track.artist,
        title=track.title,
        album=track.album,
        album_artist=track.album_artist,
        duration_ms=track.seconds * 1000 if track.seconds else None,
    )


def match_of(wanted: T, library: list[T]) -> int | None:
    decision = decide(wanted_of(wanted), [library_of(track, place) for place, track in enumerate(library)])
    return None if decision.match is None else int(decision.match.server_id[1:])


def test_there_are_enough_traps() -> None:
    assert len(NO) >= 60
    assert len({case.reason for case in NO + YES}) == len(NO + YES) >= 130


@pytest.mark.parametrize("case", CASES)
def test_the_right_track_or_none(case: Case) -> None:
    assert match_of(case.wanted, case.library) == case.right


@pytest.mark.parametrize("case", CASES)
def test_the_order_of_candidates_changes_nothing(case: Case) -> None:
    candidates = [library_of(track, place) for place, track in enumerate(case.library)]
    first = decide(wanted_of(case.wanted), candidates)
    for seed in range(3):
        random.Random(seed).shuffle(candidates)
        assert decide(wanted_of(case.wanted), candidates) == first


@pytest.mark.parametrize("case", CASES)
def test_the_unicode_form_changes_nothing(case: Case) -> None:
    wanted = case.wanted._replace(
        artist=unicodedata.normalize("NFD", case.wanted.artist),
        title=unicodedata.normalize("NFD", case.wanted.title),
        album=unicodedata.normalize("NFD", case.wanted.album),
    )
    assert match_of(wanted, case.library) == case.right


@pytest.mark.parametrize("case", CASES)
def test_a_growing_library_changes_nothing(case: Case) -> None:
    others = [T("Somebody Else", case.wanted.title + " Again"), T("Nobody", "Nothing"), T("Z", "Hello World")]
    assert match_of(case.wanted, [*case.library, *others]) == case.right


@pytest.mark.parametrize("case", params(NO))
def test_swapping_the_sides_accepts_nothing_more(case: Case) -> None:
    for track in case.library:
        if match_of(case.wanted, [track]) is None:
            assert match_of(track, [case.wanted]) is None


@pytest.mark.parametrize("case", params(YES))
def test_every_match_is_found_by_a_key(case: Case) -> None:
    assert case.right is not None
    right = library_of(case.library[case.right], case.right)
    assert set(match_keys(wanted_of(case.wanted))) & set(track_keys(right))


def test_capitals_change_nothing() -> None:
    for case in NO + YES:
        loud = case.wanted._replace(artist=case.wanted.artist.upper(), title=case.wanted.title.upper())
        assert match_of(loud, case.library) == case.right, case.reason
