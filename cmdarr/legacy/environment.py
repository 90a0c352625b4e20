"""What only the environment of a legacy install held: an `.env` file, or the `environment` of a compose file."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from cmdarr.config.document import parse_document
from cmdarr.errors import NothingFound, UsageError

_LINE = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?P<value>.*?)\s*")
_VARIABLE = re.compile(
    r"\$\$|\$\{(?P<name>[A-Za-z_]\w*)(?::?-(?P<default>[^}]*))?[^}]*\}|\$(?P<bare>[A-Za-z_]\w*)"
)
_COMMENT = re.compile(r"\s#.*$")
_YAML = (".yaml", ".yml")
_LARGEST = 1024 * 1024
_KNOWN = re.compile(
    r"CMDARR_|LIDARR_|PLEX_|JELLYFIN_|LASTFM_|LISTENBRAINZ_|MUSICBRAINZ_|SPOTIFY_|DEEZER_|SETLIST_FM_|ARTIST_EVENTS_"
)


def read_environment(path: Path) -> dict[str, str]:
    """Return the variables of an `.env` or compose file.

    Raises:
        NothingFound: there is no such file.
        UsageError: it cannot be read as one.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise NothingFound(
            f"{path} does not exist: name the .env or compose file of the legacy Cmdarr."
        ) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}): check its permissions.") from error
    if len(data) > _LARGEST:
        raise UsageError(f"{path} is too large for an .env or compose file: name the right one.")
    if path.suffix.lower() in _YAML:
        return _of_compose(path, data)
    return dict(_of_lines(data.decode("utf-8-sig", "replace").splitlines()))


def _of_lines(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        found = _LINE.fullmatch(line)
        if found is not None:
            yield found["name"], _unquoted(found["value"])


def _unquoted(text: str) -> str:
    quote = text[:1]
    if quote in {'"', "'"} and (end := text.find(quote, 1)) > 0:
        return text[1:end]
    return _COMMENT.sub("", text).rstrip()


def _of_compose(path: Path, data: bytes) -> dict[str, str]:
    document = parse_document(path.name, data)
    services = document.value.get("services") if isinstance(document.value, dict) else None
    if not isinstance(services, dict):
        raise UsageError(
            f"{path} has no `services`, so it is no compose file that can be read: name the .env file."
        )
    beside = path.with_name(".env")
    known = read_environment(beside) if beside.is_file() else {}
    found: dict[str, str] = {}
    for name, service in services.items():
        if isinstance(service, dict) and _is_cmdarr(name, service):
            stated = {name: _expanded(value, known) for name, value in _pairs(service.get("environment"))}
            found |= _of_files(path, service.get("env_file")) | stated
    return found


def _is_cmdarr(name: str, service: Mapping[str, object]) -> bool:
    if "cmdarr" in name.lower() or "cmdarr" in str(service.get("image", "")).lower():
        return True
    return any(_KNOWN.match(key) for key, _ in _pairs(service.get("environment")))


def _pairs(stated: object) -> Iterator[tuple[str, str]]:
    if isinstance(stated, dict):
        for name, value in stated.items():
            if value is not None:
                yield str(name), str(value).lower() if isinstance(value, bool) else str(value)
    elif isinstance(stated, tuple):
        for each in stated:
            name, separator, value = str(each).partition("=")
            if separator:
                yield name, value


def _of_files(path: Path, stated: object) -> dict[str, str]:
    names = stated if isinstance(stated, tuple) else (stated,)
    found: dict[str, str] = {}
    for each in names:
        name = each.get("path") if isinstance(each, dict) else each
        if isinstance(name, str) and (file := path.parent / name).is_file():
            found |= read_environment(file)
    return found


def _expanded(text: str, known: Mapping[str, str]) -> str:
    def value_of(found: re.Match[str]) -> str:
        if found[0] == "$$":
            return "$"
        return known.get(found["name"] or found["bare"]) or found["default"] or ""

    return _VARIABLE.sub(value_of, text)
