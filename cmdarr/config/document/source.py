"""The text of a file by lines, and how a piece of it is quoted for the user."""

import re

from cmdarr.config.document.decoding import BREAK

TELLING_KEY = re.compile(
    r"(?:^|[_.-])(?:token|api_?key|key|secret|password|passwd|pwd|auth|credentials?|urls?)$", re.IGNORECASE
)
_KEY = re.compile(r"""^[\s\ufeff]*(?:-\s+)*(?P<key>"[^"]*"|'[^']*'|[^\s"'#:][^:#]*?)\s*:(?:\s+|$)""")
_COMMENT = re.compile(r"(?:^|\s+)#.*$")
_FLOW_END = re.compile(r"\s*[,\]}].*$")
_FLOW_START = re.compile(r"(?:[\s:\[{,]|^)[\[{]")
_LONGEST_QUOTE = 60
_LONGEST_KEY = 500
"""How far a line is looked at: nobody is helped by a longer key, and a hostile line costs time."""
_GLUED = re.compile(r"(?P<key>[\w.-]+):(?=\S)")


class SourceText:
    """The text of one file; its lines are cut only when somebody asks for them."""

    __slots__ = ("_lines", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines: list[str] | None = None

    @property
    def lines(self) -> list[str]:
        """The lines without their ends; at least one."""
        if self._lines is None:
            self._lines = BREAK.split(self.text)
        return self._lines

    def line(self, number: int) -> str:
        """Return a line (from 0); an empty text when there is none."""
        return self.lines[number] if 0 <= number < len(self.lines) else ""

    def clamp(self, line: int, column: int) -> tuple[int, int]:
        """Return the nearest place inside the text: the parser may point behind the end of the file."""
        last = len(self.lines) - 1
        if last > 0 and not self.lines[last]:
            last -= 1
        line = max(line, 0)
        if line > last:
            return last, len(self.lines[last])
        return line, min(max(column, 0), len(self.lines[line]))


def key_of_line(line: str) -> str:
    """Return the key that a line in block style begins with, an empty text when it has none."""
    found = _KEY.match(line[:_LONGEST_KEY])
    return found["key"].strip("'\"") if found else ""


def value_column(line: str) -> int:
    """Return the column where the value of a line begins: behind its key, else behind its dashes."""
    found = _KEY.match(line[:_LONGEST_KEY])
    if found:
        return found.end()
    dashes = re.match(r"\s*(?:-\s+)*", line)
    return dashes.end() if dashes else 0


def value_text(line: str, column: int) -> str:
    """Return what was probably meant as one value from a column on: to the comment, in a flow to its next comma."""
    rest = _COMMENT.sub("", line[column : column + _LONGEST_KEY])
    if _FLOW_START.search(line[:column][:_LONGEST_KEY]):
        rest = _FLOW_END.sub("", rest)
    return rest.strip()


def is_glued(text: str) -> bool:
    """Whether the text looks like `key:value` with the space missing."""
    return _GLUED.match(text) is not None


def quoted(text: str) -> str:
    """Return the text as a quoted YAML scalar, in the plainest quotes that hold it."""
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    if "'" not in text:
        return f"'{text}'"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def quote_hint(text: str, *, key: str = "") -> str:
    """Return the hint that shows the quoted form; without the text where it is long or may be a secret."""
    if not text or len(text) > _LONGEST_QUOTE or not text.isprintable() or TELLING_KEY.search(key):
        return "put the value in quotes"
    return f"quote the value: {quoted(text)}"


def key_word(step: str | int) -> str:
    """Return a step of a place for a message; what follows a colon may be a value that was meant, even a secret."""
    found = _GLUED.match(step) if isinstance(step, str) else None
    return f"{found['key']}:…" if found else str(step)


def shown(text: str) -> str:
    """Return a short text for a message, with what cannot be printed written as code points."""
    cut = text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…"
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in cut)
