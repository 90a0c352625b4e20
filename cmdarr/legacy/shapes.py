"""What a path holds of a legacy install: one database or two, lists beside them, in every mixture that occurs."""

import os
from dataclasses import dataclass
from pathlib import Path

from cmdarr.errors import NothingFound
from cmdarr.legacy.database import is_sqlite

SINGLE = "cmdarr.db"
SPLIT = "cmdarr_config.db"
CACHE = "cmdarr_cache.db"
_LISTS = "import_lists"
_LIST_FILES = (
    "discovery_lastfm.json",
    "discovery_lastfm_queried.json",
    "discovery_playlistsync.json",
    "discovery_playlistsync.json.backup",
    "discovery_listenbrainz.json",
)


@dataclass(frozen=True, slots=True)
class Install:
    """The files of one legacy install. `databases` is empty where only lists are left; `caches` are never read."""

    folder: Path
    databases: tuple[Path, ...]
    list_folders: tuple[Path, ...]
    caches: tuple[Path, ...] = ()


def find_install(path: Path) -> Install:
    """Return what a data folder, a program folder or one database file holds.

    Raises:
        NothingFound: nothing of a legacy install is there.
    """
    if path.is_dir():
        return _in_folder(path)
    if not os.path.lexists(path):
        raise NothingFound(
            f"{path} does not exist: name the data folder of the legacy Cmdarr, or its database."
        )
    if path.name == CACHE:
        raise _only_cache(path)
    return Install(path.parent, (path,), _list_folders(path.parent))


def find_legacy_database(data_dir: Path) -> Path | None:
    """Return the database of a legacy install that lies in a data folder, None when there is none."""
    for name in (SPLIT, SINGLE):
        path = data_dir / name
        if path.is_file() and path.stat().st_size and is_sqlite(path):
            return path
    return None


def _in_folder(path: Path) -> Install:
    for folder in (path, path / "data"):
        databases = tuple(folder / name for name in (SINGLE, SPLIT) if (folder / name).is_file())
        lists = _list_folders(folder)
        caches = tuple(folder / name for name in (CACHE,) if (folder / name).is_file())
        if databases or lists:
            return Install(folder, databases, lists, caches)
        if caches:
            raise _only_cache(caches[0])
    raise NothingFound(
        f"{path} holds nothing of a legacy Cmdarr: name the folder with {SINGLE} or {SPLIT}, or the file itself."
    )


def _list_folders(folder: Path) -> tuple[Path, ...]:
    """Return the folders with lists; they were relative to wherever the program was started."""
    candidates = [folder / _LISTS, folder / "data" / _LISTS, folder.parent / _LISTS, folder]
    found = [each for each in candidates if any((each / name).is_file() for name in _LIST_FILES)]
    return tuple(dict.fromkeys(found))


def _only_cache(path: Path) -> NothingFound:
    return NothingFound(
        f"{path} holds caches only, which are not imported: name the folder with {SPLIT} or {SINGLE}."
    )
