"""What the path of an audio file says about its track: `Artist/Album (2001)/01 - Title.mp3` and its cousins."""

import re
from dataclasses import dataclass

AUDIO_EXTENSIONS = frozenset(
    {
        *("mp3", "mp2", "flac", "m4a", "m4b", "mp4", "aac", "alac", "ogg", "oga", "opus", "spx"),
        *("wav", "aif", "aiff", "wma", "ape", "mpc", "wv", "tta", "dsf", "mka"),
    }
)

_DRIVE = re.compile(r"^[A-Za-z]:/")
_NUMBERED = re.compile(
    r"(?:(?P<disc>\d{1,2})[-.])?(?P<number>\d{1,3})(?:\s*[-–._]\s*|\s*\)\s*)(?=\S)(?P<rest>.+)"
)
_PADDED = re.compile(r"(?P<number>0\d{1,2}|[1-3]\d)\s+(?P<rest>\S.*)")
_DISC_FOLDER = re.compile(r"(?:cd|dis[ck]|disque)[\s_#-]*(\d{1,2})\b.*", re.IGNORECASE)
_YEAR_AFTER = re.compile(r"[(\[]((?:19|20)\d\d)[)\]]$")
_YEAR_BEFORE = re.compile(r"[(\[]?((?:19|20)\d\d)[)\]]?\s+-\s+(?=\S)")
_VARIOUS = frozenset({"various artists", "various", "va", "compilations", "soundtracks"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PathGuess:
    """What a path says; empty or None where it says nothing."""

    title: str
    artist: str = ""
    album: str = ""
    album_artist: str = ""
    disc: int | None = None
    number: int | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class _Folders:
    artist: str
    album: str
    year: int | None
    disc: int | None


def has_audio_extension(path: str) -> bool:
    """Whether the path ends like an audio file."""
    return path.rpartition(".")[2].lower() in AUDIO_EXTENSIONS


def guess_from_path(path: str) -> PathGuess:
    """Return artist, album, numbers and title as the folders and the name of the file tell them.

    A name with `Artist - Title` wins over the folders when it carries no track number, when there is no artist
    folder, or when that folder is for various artists.
    """
    *parents, name = [
        part for part in _DRIVE.sub("", path.replace("\\", "/")).split("/") if part not in {"", "."}
    ] or [""]
    folders = _read_folders(parents)
    stem = name.rpartition(".")[0] if has_audio_extension(name) else name
    disc, number, rest = _split_number(stem.strip(), in_album=bool(folders.album))
    artist, title = _split_artist(rest, folders.artist, has_number=number is not None)
    return PathGuess(
        title=title,
        artist=artist or folders.artist,
        album=folders.album,
        album_artist=folders.artist if folders.album else "",
        disc=disc if disc is not None else folders.disc,
        number=number,
        year=folders.year,
    )


def _read_folders(parents: list[str]) -> _Folders:
    disc = _DISC_FOLDER.fullmatch(parents[-1].strip()) if parents else None
    if disc:
        parents = parents[:-1]
    if len(parents) < 2:
        return _Folders(parents[-1].strip() if parents else "", "", None, int(disc[1]) if disc else None)
    album, year = _split_year(parents[-1].strip())
    return _Folders(parents[-2].strip(), album, year, int(disc[1]) if disc else None)


def _split_year(album: str) -> tuple[str, int | None]:
    """Take the year off `Album (2001)` or `2001 - Album`; a name that is only a year stays."""
    after, before = _YEAR_AFTER.search(album), _YEAR_BEFORE.match(album)
    if after and album[: after.start()].strip():
        return album[: after.start()].strip(), int(after[1])
    return (album[before.end() :], int(before[1])) if before else (album, None)


def _split_number(stem: str, *, in_album: bool) -> tuple[int | None, int | None, str]:
    found = _NUMBERED.fullmatch(stem)
    if found:
        disc = int(found["disc"]) if found["disc"] else None
        return disc, int(found["number"]), found["rest"].strip()
    padded = _PADDED.fullmatch(stem) if in_album else None
    if padded:
        return None, int(padded["number"]), padded["rest"].strip()
    return None, None, stem


def _split_artist(rest: str, folder_artist: str, *, has_number: bool) -> tuple[str, str]:
    artist, dash, title = (part.strip() for part in rest.partition(" - "))
    if not dash or not artist or not title:
        return "", rest
    folder = folder_artist.casefold()
    if has_number and folder and folder not in _VARIOUS and folder != artist.casefold():
        return "", rest
    return artist, title
