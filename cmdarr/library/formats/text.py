"""Bytes of a playlist file to text, and texts of its fields to one clean line."""

import codecs
import re

from cmdarr.library.formats.place import Place, place_at

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def clean_line(text: str) -> str:
    """Return the text on one line: no control characters, no lone surrogates, no space around it."""
    if text.isprintable():  # almost every text, and ten times faster
        return text.strip()
    return _SURROGATE.sub("\ufffd", _CONTROL.sub(" ", text)).strip()


def find_encoding(data: bytes) -> tuple[str, int]:
    """Return the encoding that the first bytes show, and how many of them are its byte order mark."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return encoding, len(bom)
    even, odd = data[:200:2], data[1:200:2]
    if odd and odd.count(0) * 2 > len(odd) and even.count(0) == 0:
        return "utf-16-le", 0
    if even and even.count(0) * 2 > len(even) and odd.count(0) == 0:
        return "utf-16-be", 0
    return "utf-8", 0


def peek_text(data: bytes) -> str:
    """Decode the beginning of a file, whatever it is, to recognise its format."""
    encoding, skip = find_encoding(data)
    return data[skip : skip + 65_536].decode(encoding, "replace")


def decode(data: bytes, name: str, fallback: str = "") -> str:
    """Decode a whole file; `fallback` is the encoding tried when it is not the one its first bytes show.

    Raises:
        SourceIncomplete: a byte does not belong to the encoding.
    """
    encoding, skip = find_encoding(data)
    body = data[skip:]
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        if fallback:
            return decode_legacy(body, name, fallback)
        raise _undecodable(body, name, encoding, error) from error


def decode_legacy(body: bytes, name: str, encoding: str) -> str:
    """Decode a file in an encoding of before Unicode.

    Raises:
        SourceIncomplete: a byte does not belong to the encoding.
    """
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        raise _undecodable(body, name, encoding, error) from error


def _undecodable(body: bytes, name: str, encoding: str, error: UnicodeDecodeError) -> Exception:
    before = body[: error.start].decode(encoding, "replace")
    place = place_at(name, before, len(before))
    problem = f"byte 0x{body[error.start]:02X} is not {encoding.upper()}"
    if encoding != "utf-8":
        return Place(name, place.line, place.column).error(problem, "the file looks cut off: export it again")
    return place.error(problem, "save the file as UTF-8 (in Excel: 'CSV UTF-8')")
