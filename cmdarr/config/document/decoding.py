"""Bytes to text: the size limit, strict UTF-8, and the characters that YAML forbids."""

import codecs
import re

from cmdarr.config.document import codes, limits
from cmdarr.config.document.problem import Problem

BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What YAML takes for the end of a line."""
_FORBIDDEN = "[^\t\n\r\\x20-\\x7e\x85\\xa0-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufffd\\U00010000-\\U0010ffff]"
"""Compiled by `re` at the first text that needs it: a class of all characters takes it milliseconds."""
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SAVE_AS = "save the file as UTF-8"
_NAMES = {
    0: "a NUL character",
    0x1B: "an ESCAPE character",
    0x7F: "a DELETE character",
    0xFEFF: "an invisible byte order mark",
}


def decode(data: bytes) -> tuple[str, Problem | None]:
    """Return the text without a byte order mark, and what stands against reading it (the first problem)."""
    if len(data) > limits.FILE_BYTES:
        return "", _too_large(len(data))
    if data.startswith(_UTF16_MARKS):
        text = data.decode("utf-16", "replace")
        return text, Problem(codes.ENCODING, "the file is UTF-16, not UTF-8.", hint=_SAVE_AS)
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError as error:
        return data.decode("utf-8", "replace"), _bad_bytes(data, error.start)


def find_forbidden(text: str) -> Problem | None:
    """Return a problem for the first character that YAML forbids, or that its parsers disagree on (U+FEFF)."""
    if text.replace("\n", "").isprintable():
        return None  # nearly every file: what is forbidden is not printable either
    found = re.search(_FORBIDDEN, text)
    if found is None:
        return None
    line, column = position_of(text, found.start())
    code = ord(found[0])
    name = _NAMES.get(code, "a control character" if code < 0xA0 else "a character that is none")
    message = f"{name} (U+{code:04X}) stands here, and is not allowed."
    hint = (
        "save the file as UTF-8 text" if code == 0 else "remove it, or write it as an escape in double quotes"
    )
    return Problem(codes.ENCODING, message, line=line, column=column, hint=hint)


def position_of(text: str, index: int) -> tuple[int, int]:
    """Return line and column, both from 0, of a character."""
    breaks = [found.end() for found in BREAK.finditer(text, 0, index)]
    return len(breaks), index - (breaks[-1] if breaks else 0)


def _too_large(size: int) -> Problem:
    limit = limits.FILE_BYTES // 1024
    return Problem(
        codes.TOO_LARGE,
        f"the file has {size // 1024} KiB, more than the {limit} KiB that a configuration file may have.",
        hint="split it into several files, or check that it is the right file",
    )


def _bad_bytes(data: bytes, start: int) -> Problem:
    line, column = position_of(data[:start].decode("utf-8"), len(data[:start].decode("utf-8")))
    byte = data[start]
    message = f"the file is not valid UTF-8: byte 0x{byte:02X} stands here."
    if byte == 0xED and len(data) > start + 1 and data[start + 1] >= 0xA0:
        message = "the file is not valid UTF-8: half a character (a lone surrogate) stands here."
    return Problem(codes.ENCODING, message, line=line, column=column, hint=_SAVE_AS)
