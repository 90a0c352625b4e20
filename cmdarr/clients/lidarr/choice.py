"""Folders, profiles and tags by name: what Lidarr has none of is an error that lists the choices. Pure."""

from collections.abc import Iterable, Sequence

from cmdarr.clients.lidarr.answers import Named, RootFolder
from cmdarr.errors import CommandError


def choose_folder(folders: Sequence[RootFolder], wanted: str | None, service: str) -> RootFolder:
    """Return the root folder of a path or name; without one the only folder there is.

    Raises:
        CommandError: there is none such, or several to choose from.
    """
    if wanted is None:
        if len(folders) == 1:
            return folders[0]
        if not folders:
            raise CommandError(
                f"{service}: Lidarr has no root folder: add one in Settings → Media Management."
            )
        raise CommandError(
            f"{service}: Lidarr has several root folders: name one of {_listed(each.path for each in folders)} as "
            "`root_folder`."
        )
    for folder in folders:
        if wanted.rstrip("/\\") == folder.path.rstrip("/\\") or wanted == folder.name:
            return folder
    raise CommandError(
        f"{service}: Lidarr has no root folder {wanted!r}: name one of {_listed(each.path for each in folders)}."
    )


def choose_id(choices: Sequence[Named], wanted: str | None, default: int, what: str, service: str) -> int:
    """Return the id of a profile by its name, whatever its case; without a name the folder's default, else the first.

    Raises:
        CommandError: there is no profile of that name, or none at all.
    """
    if wanted is None:
        known = [each.id for each in choices]
        if not known:
            raise CommandError(f"{service}: Lidarr has no {what}: add one in Settings → Profiles.")
        return default if default in known else known[0]
    for each in choices:
        if each.title.casefold() == wanted.strip().casefold():
            return each.id
    raise CommandError(
        f"{service}: Lidarr has no {what} {wanted!r}: name one of {_listed(each.title for each in choices)}."
    )


def choose_tags(choices: Sequence[Named], wanted: Iterable[str], service: str) -> list[int]:
    """Return the ids of tags by their names.

    Raises:
        CommandError: there is no tag of that name.
    """
    return [choose_id(choices, name, 0, "tag", service) for name in wanted]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names) or "none, as it has none"
