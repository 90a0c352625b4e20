"""A pin as text, and its way to the end of pins.yaml: what stands there is kept byte for byte."""

import hashlib
import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cmdarr.config.document import Document, parse_document
from cmdarr.config.document.nodes import Sequence as ListNode
from cmdarr.config.load.pins import PINS_FILE
from cmdarr.config.tree import LARGEST_FILE_BYTES
from cmdarr.errors import CmdarrError, ConfigError
from cmdarr.models.match import Pin

ABSENT = "absent"
"""The digest of a file that is not there."""
_BREAK = re.compile(rb"\r\n|\n|\r")
_BY_HAND = "add the pin by hand."


class PinsChanged(CmdarrError):
    """pins.yaml was changed meanwhile; look at it again, and add the pin once more."""

    http_status = 409


class PinsNotWritable(CmdarrError):
    """pins.yaml cannot be written here; paste the pin yourself."""

    http_status = 409


@dataclass(frozen=True, slots=True)
class PinsFile:
    """pins.yaml as it was read: `digest` names its bytes, `refusal` says why nothing can be added, if that is so."""

    digest: str
    refusal: str


def pin_text(pin: Pin) -> str:
    """Return a pin as it stands in pins.yaml, with a line end."""
    lines = [f"- artist: {_quoted(pin.artist)}", f"  title: {_quoted(pin.title)}"]
    if pin.album:
        lines.append(f"  album: {_quoted(pin.album)}")
    lines.append(f"  match: {_match_text(pin)}")
    return "\n".join(lines) + "\n"


def look_at_pins(config_dir: Path) -> PinsFile:
    """Return what a page needs to offer to add a pin."""
    path = config_dir / PINS_FILE
    try:
        data = _read(path)
        refusal = _refusal(path)
    except CmdarrError as error:
        return PinsFile("", str(error))
    return PinsFile(_digest(data), refusal)


def append_pin(
    config_dir: Path, pin: Pin, expected: str, *, before_exchange: Callable[[], None] | None = None
) -> str:
    """Add a pin at the end of pins.yaml and return the new digest; the file is written whole or not at all.

    Args:
        config_dir: the config folder.
        pin: the pin.
        expected: the digest of the file as the user saw it, `ABSENT` where there was none.
        before_exchange: called between the check and the exchange; only tests name it.

    Raises:
        PinsChanged: the file is not as it was.
        ConfigError: the file is broken, or written in a form that takes no more lines; nothing was written.
        PinsNotWritable: the disk does not allow it; nothing was written.
    """
    path = config_dir / PINS_FILE
    old = _read(path)
    if _digest(old) != expected:
        raise PinsChanged
    new = _with_pin(old or b"", pin)
    target = Path(os.path.realpath(path))  # a link stays one
    beside = target.with_name(f".{PINS_FILE}.{os.getpid()}.new")
    try:
        _write_beside(beside, new, target if old is not None else None)
        if before_exchange is not None:
            before_exchange()
        if _digest(_read(path)) != expected:
            raise PinsChanged
        beside.replace(target)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise PinsNotWritable(f"pins.yaml cannot be written ({reason}): {_BY_HAND}") from error
    finally:
        beside.unlink(missing_ok=True)
    return _digest(new)


def _with_pin(old: bytes, pin: Pin) -> bytes:
    """Return the file with the pin, proven by reading both: the old pins, and one more."""
    before = parse_document(PINS_FILE, old)
    if any(finding.severity == "error" for finding in before.findings):
        raise ConfigError("pins.yaml is broken: correct it first.", before.findings)
    if not before.is_empty and not isinstance(before.value, tuple):
        raise ConfigError("pins.yaml is no list: correct it first.")
    new = _join(old, before, pin)
    if len(new) > LARGEST_FILE_BYTES:
        raise ConfigError(f"pins.yaml would grow beyond {LARGEST_FILE_BYTES // 1024} KiB: remove pins first.")
    after = parse_document(PINS_FILE, new)
    pins = before.value if isinstance(before.value, tuple) else ()
    added = parse_document(PINS_FILE, pin_text(pin).encode()).value
    if after.findings != before.findings or not isinstance(added, tuple) or after.value != (*pins, *added):
        raise ConfigError(f"pins.yaml is written in a form that takes no more lines at its end: {_BY_HAND}")
    return new


def _join(old: bytes, before: Document, pin: Pin) -> bytes:
    """Put the pin behind what is there, with its indentation and line ends."""
    root = before.root
    column = root.start.column if isinstance(root, ListNode) and not before.is_empty else 0
    found = _BREAK.search(old)
    line_end = found[0] if found else b"\n"
    lines = pin_text(pin).splitlines()
    text = b"".join(b" " * column + line.encode() + line_end for line in lines)
    gap = line_end if old and not old.endswith((b"\n", b"\r")) and old != b"\xef\xbb\xbf" else b""
    return old + gap + text


def _match_text(pin: Pin) -> str:
    target = pin.target
    if target is None:
        return "never"
    parts = {"server": target.server, "artist": target.artist, "title": target.title, "album": target.album}
    return "{" + ", ".join(f"{key}: {_quoted(text)}" for key, text in parts.items() if text) + "}"


def _quoted(text: str) -> str:
    """Return a text in double quotes; what cannot stand there as it is, is escaped, and so is a `${`."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "$${")
    return '"' + "".join(one if one.isprintable() else _escape(ord(one)) for one in escaped) + '"'


def _escape(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _read(path: Path) -> bytes | None:
    """Return the bytes of the file, None where there is none."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise PinsNotWritable("pins.yaml is not a regular file: replace it by one.")
        return path.read_bytes()
    except FileNotFoundError:
        if path.is_symlink():
            raise PinsNotWritable(
                "pins.yaml is a link to a file that does not exist: correct the link."
            ) from None
        return None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise PinsNotWritable(f"pins.yaml cannot be read ({reason}): {_BY_HAND}") from error


def _refusal(path: Path) -> str:
    """Say why the file cannot be exchanged, as far as that is known before trying."""
    folder = Path(os.path.realpath(path)).parent
    if os.access(folder, os.W_OK | os.X_OK):
        return ""
    return (
        "the config folder is read-only here: paste the pin into pins.yaml where you keep the configuration."
    )


def _write_beside(beside: Path, data: bytes, like: Path | None) -> None:
    """Write the bytes beside their place, with the mode of the file that they follow, and wait for the disk."""
    with beside.open("xb") as stream:
        if like is not None:
            os.fchmod(stream.fileno(), stat.S_IMODE(like.stat().st_mode))
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _digest(data: bytes | None) -> str:
    return ABSENT if data is None else hashlib.sha256(data).hexdigest()
