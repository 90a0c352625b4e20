"""A restore beside the running daemon, as the page and the API do it."""

from http import HTTPStatus
from pathlib import Path

from cmdarr.app.archives import check_archive
from cmdarr.app.control import Control
from cmdarr.app.upkeep import restore
from cmdarr.errors import StorageError, http_status_for
from cmdarr.web.problem import Refused


def restore_archive(control: Control, file: Path, called: str) -> Path | None:
    """Put an archive back: the daemon stops for a moment and goes on with what was in it.

    `called` is what a sentence calls the file. Returns where what was replaced is kept, None when there was nothing.
    Call it outside of `Control.inside`.

    Raises:
        Busy: a run goes on; nothing was changed.
        ConfigError: the settings in it do not work here; nothing was changed.
        Refused: it is no archive of Cmdarr, or damaged; nothing was changed.
        StorageError: a folder cannot be written.
    """
    try:
        check_archive(control.app, file)  # before anything is stopped
        return control.alone(lambda: restore(control.app, file))
    except StorageError as error:
        if http_status_for(error) != HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        sentence = str(error).replace(str(file), file.name).replace(file.name, called)
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, sentence) from error
