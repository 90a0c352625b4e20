"""The `file` source: a playlist file, read only when it stands still."""

import re
from pathlib import Path

from cmdarr.errors import CommandError, NotFound, ServiceUnavailable, SourceIncomplete
from cmdarr.library.formats import MAX_BYTES, parse_playlist
from cmdarr.library.ports import ClientContext
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import SourcePlaylist

_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://")
_ATTEMPTS = 20


class FileSource:
    """Reads playlists from paths: absolute, `~`, or relative to the folder that holds the config folder."""

    def __init__(self, context: ClientContext, *, pause_s: float = 0.05) -> None:
        self.name = context.name
        self._root = context.root
        self._pause_s = pause_s

    def fetch_playlist(self, playlist: str, cancel: CancelToken) -> SourcePlaylist:
        """Read the playlist file that the path names.

        Raises:
            SourceIncomplete: the file is broken, cut off, empty, or is being written all the time.
            NotFound: there is no such file.
            ServiceUnavailable: it cannot be read.
            CommandError: the text is an address, not a path.
        """
        path = self._resolve(playlist)
        try:
            if path.is_dir():
                raise NotFound(self.name, f"{path} is a folder: name the playlist file in it.")
            if path.exists() and not path.is_file():
                raise NotFound(self.name, f"{path} is no ordinary file: name a playlist file.")
            data = self._read_stable(path, cancel)
        except (FileNotFoundError, NotADirectoryError, ValueError) as error:
            raise NotFound(
                self.name, f"the playlist file {path} does not exist: correct `playlist`."
            ) from error
        except OSError as error:
            reason = error.strerror or error
            raise ServiceUnavailable(
                self.name, f"{path} cannot be read ({reason}): check its permissions."
            ) from error
        return parse_playlist(data, str(path))

    def _resolve(self, playlist: str) -> Path:
        if _ADDRESS.match(playlist):
            raise CommandError(
                f"{self.name}: this version reads playlists from files only, not from addresses: "
                "download the file and name its path in `playlist`."
            )
        try:
            return self._root / Path(playlist).expanduser()
        except RuntimeError:
            return self._root / playlist

    def _read_stable(self, path: Path, cancel: CancelToken) -> bytes:
        """Return the bytes once two readings in a row are the same."""
        before = _load(path)
        for _ in range(_ATTEMPTS):
            cancel.wait(self._pause_s)
            now = _load(path)
            if now == before:
                return now
            before = now
        raise SourceIncomplete(f"{path} is being written all the time: run again when it is complete.")


def _load(path: Path) -> bytes:
    """Return at most one byte more than a playlist may have."""
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)
