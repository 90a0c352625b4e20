"""Where the running daemon listens: a file in the data folder, by which `cmdarr health` finds it."""

import json
import logging
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

logger = logging.getLogger(__name__)
ADDRESS_FILE = "serve.url"
_TIMEOUT_S = 5.0
_MOST_BYTES = 64_000
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is listened on, and how it is called from here


def write_address(data_dir: Path, url: str) -> None:
    """Note where the daemon listens; a disk that does not take it only costs `cmdarr health`."""
    try:
        (data_dir / ADDRESS_FILE).write_text(f"{url}\n", encoding="utf-8")
    except OSError as error:
        logger.warning(
            "%s cannot be written (%s): `cmdarr health` will not find this daemon.", ADDRESS_FILE, error
        )


def remove_address(data_dir: Path) -> None:
    """Forget where the daemon listened; absent is fine."""
    with suppress(OSError):
        (data_dir / ADDRESS_FILE).unlink()


def ask_health(data_dir: Path) -> list[str]:
    """Return why the daemon over a data folder is not well, as sentences; empty when it is."""
    try:
        url = (data_dir / ADDRESS_FILE).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return [f"no daemon runs over {data_dir}: start it with `cmdarr serve`, or name its --data-dir."]
    parts = urlsplit(url)
    host = parts.hostname or ""
    connection = HTTPConnection(_ANY.get(host, host), parts.port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", "/health")
        document = json.loads(connection.getresponse().read(_MOST_BYTES))
        status, reasons = document["status"], document["reasons"]
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return [f"the daemon does not answer at {url}: look into its log."]
    finally:
        connection.close()
    return [] if status == "ok" else [*map(str, reasons)] or [f"the daemon says {status}."]
