"""The first start beside a legacy install: say how to bring it over, and begin no second life next to it."""

import os
from pathlib import Path

from cmdarr.config.tree import is_config_file
from cmdarr.errors import NothingFound
from cmdarr.legacy.shapes import find_legacy_database
from cmdarr.storage.pending import is_restore_pending

_COMMANDS = "commands"


def refuse_second_life(config_dir: Path, data_dir: Path) -> None:
    """Refuse to start with an empty config folder where the data folder holds a legacy database.

    Raises:
        NothingFound: it is so; the sentence has the one command that imports it.
    """
    if _has_configuration(config_dir) or is_restore_pending(data_dir):
        return
    database = find_legacy_database(data_dir)
    if database is not None:
        raise NothingFound(
            f"{database} is the database of a legacy Cmdarr, and {config_dir} holds no configuration yet: run `cmdarr "
            f"--config-dir {config_dir} --data-dir {data_dir} import {data_dir}` to bring everything over, then start "
            "again; nothing was started."
        )


def _has_configuration(config_dir: Path) -> bool:
    try:
        names = os.listdir(config_dir)  # noqa: PTH208 - names only
        if _COMMANDS in names:
            names += [f"{_COMMANDS}/{name}" for name in os.listdir(config_dir / _COMMANDS)]  # noqa: PTH208 - names only
    except FileNotFoundError:
        return False
    except OSError:
        return True  # whoever reads the folder says what is wrong with it
    return any(map(is_config_file, names))
