"""Writing YAML that every reader understands alike: what could be misread is quoted, `${` stands for itself.

`Reference` is a text that is meant as a reference and is written as it is.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})
_PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9_./ -]*[A-Za-z0-9_./-])?")
_PLAIN_DURATION = re.compile(r"(?:[0-9]+[dhms]){1,4}")
_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9._~/-]+(?::[0-9]+)?[A-Za-z0-9._~/?=&%-]*")
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}
_SURROGATE = re.compile("[\ud800-\udfff]")
_LATIN1, _BMP = 0xFF, 0xFFFF


class Reference(str):
    """A text such as `${secret:plex_token}` that is to be resolved when it is read."""

    __slots__ = ()


def yaml_text(document: Mapping[str, object], *, is_resolved: bool = True) -> str:
    """Return a mapping as block YAML; `is_resolved=False` for secrets.yaml, where references mean nothing."""
    return "".join(f"{line}\n" for line in _mapping(document, "", is_resolved=is_resolved))


def quoted(text: str) -> str:
    """Return a text in double quotes, with everything escaped that is not printable."""
    return f'"{"".join(map(_escaped, text))}"'


def scalar(value: object, *, is_resolved: bool = True) -> str:
    """Return a scalar as YAML. Half a character, which no file can hold, becomes U+FFFD."""
    if isinstance(value, Reference):
        return quoted(value)
    if isinstance(value, str):
        return _text(_SURROGATE.sub("\ufffd", value), is_resolved=is_resolved)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return "null"


def _text(text: str, *, is_resolved: bool) -> str:
    if is_resolved:
        text = text.replace("${", "$${")
    is_plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS
    if is_plain or _PLAIN_DURATION.fullmatch(text) or _PLAIN_URL.fullmatch(text):
        return text
    return quoted(text)


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable() and character != "\ufeff":
        return character
    code = ord(character)
    if code <= _LATIN1:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code <= _BMP else f"\\U{code:08X}"


def _mapping(value: Mapping[str, object], indent: str, *, is_resolved: bool) -> Iterator[str]:
    for key, each in value.items():
        name = key if _PLAIN_KEY.fullmatch(key) and key.lower() not in _WORDS else quoted(key)
        yield from _entry(f"{indent}{name}:", each, f"{indent}  ", is_resolved=is_resolved)


def _entry(head: str, value: object, indent: str, *, is_resolved: bool) -> Iterator[str]:
    """Yield the lines of a value after `key:` or `-`."""
    if isinstance(value, Mapping) and value:
        yield head
        yield from _mapping(value, indent, is_resolved=is_resolved)
    elif isinstance(value, Sequence) and not isinstance(value, str) and value:
        yield head
        for each in value:
            yield from _item(each, indent, is_resolved=is_resolved)
    elif isinstance(value, Mapping):
        yield f"{head} {{}}"
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield f"{head} []"
    else:
        yield f"{head} {scalar(value, is_resolved=is_resolved)}"


def _item(value: object, indent: str, *, is_resolved: bool) -> Iterator[str]:
    """Yield the lines of one entry of a list; a mapping begins on the line of its dash."""
    if isinstance(value, Mapping) and value:
        lines = list(_mapping(value, f"{indent}  ", is_resolved=is_resolved))
        yield f"{indent}- {lines[0].lstrip()}"
        yield from lines[1:]
    else:
        yield from _entry(f"{indent}-", value, f"{indent}  ", is_resolved=is_resolved)


def commented(text: str) -> str:
    """Return YAML text as comment lines."""
    return "".join(f"# {line}\n" for line in text.splitlines())
