"""The tracks of the demo library: every artist and title is invented."""

import uuid
from dataclasses import dataclass

from cmdarr.clients.files.file_name import safe_name

_NAMESPACE = uuid.UUID("6f2c1c2e-6f0d-5f7e-9d0c-1f3a5b7c9d11")
VARIOUS = "Various Artists"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoTrack:
    """One file of the demo library; `ending` decides how it is encoded."""

    album_artist: str
    album: str
    year: int
    number: int
    artist: str
    title: str
    ending: str

    @property
    def path(self) -> str:
        """The place in the library: `Album artist/Album (Year)/NN - Title.ending`."""
        name = f"{self.artist} - {self.title}" if self.album_artist == VARIOUS else self.title
        folders = f"{safe_name(self.album_artist)}/{safe_name(f'{self.album} ({self.year})')}"
        return f"{folders}/{self.number:02} - {safe_name(name)}.{self.ending}"

    @property
    def recording_mbid(self) -> str:
        """An invented recording MBID, always the same."""
        return str(uuid.uuid5(_NAMESPACE, f"recording {self.path}"))

    @property
    def release_track_mbid(self) -> str:
        """An invented release-track MBID, always the same."""
        return str(uuid.uuid5(_NAMESPACE, f"track {self.path}"))

    @property
    def isrc(self) -> str:
        """An invented ISRC: no country has the code ZZ."""
        return f"ZZCMD{self.year % 100:02}{uuid.UUID(self.recording_mbid).int % 100_000:05}"


_ALBUMS: tuple[tuple[str, str, int, str, tuple[tuple[str, str], ...]], ...] = (
    (
        "The Paper Lanterns",
        "Harbour Lights",
        2019,
        "flac",
        (
            ("", "Harbour Lights"),
            ("", "Slow Ferry"),
            ("", "Every Window Open"),
            ("", "Salt & Copper"),
            ("", "O"),
        ),
    ),
    (
        "The Paper Lanterns",
        "Live at Kestrel Hall",
        2021,
        "mp3",
        (
            ("", "Harbour Lights (Live)"),
            ("", "Slow Ferry (Live at Kestrel Hall)"),
            ("", "The Long Way Down (Live)"),
            ("", "Every Window Open (Live)"),
            ("", "Encore: Salt & Copper (Live)"),
        ),
    ),
    (
        "Zoë Ångström",
        "Été à Malmö",
        2016,
        "mp3",
        (
            ("", "Été à Malmö"),
            ("", "Snöflinga"),
            ("", "Naïve"),
            ("Zoë Ångström feat. DJ Otter", "Crème Brûlée Disco"),
            ("", "Señor Niebla"),
        ),
    ),
    (
        "夜明けカモメ",
        "灯台の歌",
        2020,
        "flac",
        (
            ("", "灯台の歌"),
            ("", "雨の電車"),
            ("", "星屑ドライブ"),
            ("", "海鳥"),
            ("", "Lighthouse Song (English Version)"),
        ),
    ),
    (
        VARIOUS,
        "Static Blossoms: A Compilation",
        2014,
        "wav",
        (
            ("Marble Giraffe", "Glass Elevator"),
            ("Ninth Orchard", "Pollen Count"),
            ("Velvet Tractor", "Midnight Combine"),
            ("Zoë Ångström & Marble Giraffe", "Kilowatt Hour"),
            ("Ninth Orchard feat. Ada Quill", "Moth"),
        ),
    ),
    (
        "The Quiet Engines",
        "First Signal (Remastered 2018)",
        2018,
        "mp3",
        (
            ("", "First Signal - Remastered 2018"),
            ("", "Tin Horizon - Remastered 2018"),
            ("", "Borrowed Radio - Remastered 2018"),
            ("", "What's Left of Monday? - Remastered 2018"),
            ("", "(Don't) Switch Me Off - Remastered 2018"),
        ),
    ),
)

DEMO_TRACKS = tuple(
    DemoTrack(
        album_artist=album_artist,
        album=album,
        year=year,
        number=number,
        artist=artist or album_artist,
        title=title,
        ending=ending,
    )
    for album_artist, album, year, ending, tracks in _ALBUMS
    for number, (artist, title) in enumerate(tracks, 1)
)
