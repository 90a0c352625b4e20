"""The words by which a title announces another version of a recording, or another edition of the same one."""

import re
from collections.abc import Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


KIND_WORDS: Mapping[str, str] = {
    word: kind
    for kind, words in {
        "live": "live session sessions unplugged onstage ライブ ライヴ 라이브",
        "remix": "remix remixed remixes rmx rework reworked bootleg mashup refix flip vip dub remezcla ремикс "
        "リミックス",
        "edit": "edit",
        "extended": "extended maxi 12inch",
        "acoustic": "acoustic akustik akustisch acustico acustica acoustique stripped акустика",
        "instrumental": "instrumental instrumentals instrumentale インストゥルメンタル",
        "karaoke": "karaoke playback караоке カラオケ",
        "cover": "cover tribute lullaby rendition 8bit кавер",
        "demo": "demo demos outtake outtakes rehearsal rehearsals alternate alternative unfinished",
        "rerecorded": "rerecorded rerecording rerecord",
        "speed": "nightcore slowed sped reverb 8d chopped screwed spedup",
        "vocals": "acapella acappella acapellas cappella",
        "orchestral": "orchestral orchestra symphonic philharmonic symphony",
        "commentary": "commentary",
    }.items()
    for word in words.split()
}
"""A folded word in brackets or behind a dash -> the kind of version it announces."""

KIND_PHRASES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"\b(?:{pattern})\b"), kind)
    for pattern, kind in (
        ("made famous by|in the style of|originally performed by|backing track|sing ?along", "karaoke"),
        ("in concert|en vivo|ao vivo|dal vivo|en directo", "live"),
        ("radio (?:edit|version|mix|cut)", "edit"),
        ("12 (?:inch|mix|version)|long version", "extended"),
        (r"rough (?:mix|cut|version)|early (?:mix|version|take)|take \d+|voice memo", "demo"),
        ("re recorded|re recording|newly recorded", "rerecorded"),
        ("speed up|sped up", "speed"),
        ("tribute to|string quartet", "cover"),
        ("a capella|vocals only", "vocals"),
    )
)
"""Folded phrases -> the kind of version they announce."""
OWN_VERSION = re.compile(r"^\W*(?P<owner>.+)['’]s? version\b", re.IGNORECASE)
"""An artist's own new recording, in the text as written: "Taylor's Version"."""

DETAIL_NOISE = _words(
    "version versions the a an at in on from of by and mix recorded recording track take up re radio 12 inch for "
    "to with"
)
"""Words that say nothing of which live or which remix it is."""

EDITION_WORDS = _words(
    "remaster remastered remasters remastering remasterizado remasterise remasterisee deluxe expanded anniversary "
    "mono stereo explicit clean edited amended bonus reissue reissued official hd hq uhd 4k edition editions exclusive "
    "digital digitally album lp original main standard special super collectors collector legacy single full "
    "uncensored censored"
)
"""Words of which an edition is made."""
EDITION_FILLERS = _words(
    "version versions mix mixes track tracks audio video lyric lyrics music visualizer visualiser the in from of and "
    "24 16 bit 192khz 96khz hires hi res quality japanese uk us european japan vault recording master disc cd vinyl "
    "only itunes amazon spotify"
)
"""Words that may stand beside them."""
WEAK_EDITION_WORDS = _words(
    "album lp original main single full special standard super digital legacy collector collectors official"
)
"""Edition words that need a filler such as "version" beside them: they may be part of a name."""
PLAIN_EDITIONS = frozenset(
    {"from the vault", "original", "single", "album", "official", "lyric video", "lyrics", "music video", "video",
     "audio", "visualizer", "visualiser"}
)  # fmt: skip
"""Groups that are an edition only when they hold nothing else."""
YEAR = re.compile(r"(?:19|20)\d\d|\d{1,3}(?:st|nd|rd|th)")
"""A year, or the ordinal of an anniversary."""
SOUNDTRACK = re.compile(
    r"^(?:from|music from|theme from|as heard in)\b.*?"
    r"(?:[\"“”«]|\b(?:soundtrack|motion picture|film|movie|musical|series|ost|game)\b)",
    re.IGNORECASE,
)
"""Where a recording was heard: 'From "Frozen"'."""
