"""YAML, and JSON, as HTML with highlighting, line by line; what stands at keys that sound like secrets is masked."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from cmdarr.config.references.secret_text import is_telling
from cmdarr.models.redaction import MASK

if TYPE_CHECKING:
    from markupsafe import Markup

_TOKEN = re.compile(
    r"""(?P<comment>(?:^|(?<=\s))\#.*)
    |(?P<key>(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'#&*!|>%@`{}\[\],:?-][^"'#{}\[\],:]*?)(?=\s*:(?:\s|$)))
    |(?P<text>(?:^|(?<=[\s\[{,:]))(?:"(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?))
    |(?P<reference>\$\{[^}]*\}?)
    |(?P<anchor>(?:^|(?<=[\s\[{,]))[&*!][^\s,\]}]+)
    |(?P<word>(?:^|(?<=[\s\[{,]))(?:true|false|null|~|-?(?:0|[1-9]\d*)(?:\.\d+)?)(?=$|[\s,\]}]))
    |(?P<mark>(?:^|(?<=\s))(?:-(?=\s|$)|[|>][+-]?\d?(?=\s*$|\s+\#))|---|\.\.\.|[\[\]{}]|:(?=\s|$))""",
    re.VERBOSE,
)
_BLOCK = re.compile(r"(?:^|[\s:-])[|>][+-]?\d?[+-]?\s*(?:\s\#.*)?$")
_KEY = re.compile(r"""(?<!\$\{)(?<![\w.-])(?P<key>["']?[\w.-]{1,100}["']?)\s*[:=]\s*""")
_FLOW_VALUE = re.compile(r"""["'](?:[^"'\\]|\\.)*["']?|(?:\$\{[^}]*\}|[^,}])+""")
_BLOCK_VALUE = re.compile(r".+")
_OPEN = ("{", "#")
_TELLING_ALONE = re.compile(r"""\s*(?:-\s)?\s*["']?(?P<key>[\w.-]{1,100})["']?\s*:\s*(?:\#.*)?""")
_ONLY_REFERENCES = re.compile(r"""["']?(?:\$\{[^}]*\})+["']?\s*(?:\#.*)?""")


def highlight(text: str, mask: Callable[[str], str], marked: Iterable[int] = ()) -> "Markup":
    """Return a text as HTML: one element a line, with its number; the lines `marked` (from 1) stand out."""
    from markupsafe import Markup

    wrong = frozenset(marked)
    lines = [
        Markup('<span class="line{}" data-line="{}">{}</span>').format(
            " wrong" if number in wrong else "", number, Markup("").join(pieces)
        )
        for number, pieces in enumerate(_lines(mask(text)), start=1)
    ]
    return Markup('<pre class="source" tabindex="0"><code>{}</code></pre>').format(Markup("\n").join(lines))


def mask_telling(line: str) -> str:
    """Mask what stands at a key that sounds like a secret, unless it is only a reference."""
    shown, end = "", 0
    for found in _KEY.finditer(line):
        value = (_FLOW_VALUE if "{" in line[: found.start()] else _BLOCK_VALUE).match(line, found.end())
        if found.start() < end or value is None or not is_telling(found["key"].strip("\"'")):
            continue
        if not value[0].startswith(_OPEN) and not _ONLY_REFERENCES.fullmatch(value[0]):
            shown += line[end : found.end()] + MASK
            end = len(line) if value[0].startswith("[") else value.end()
    return shown + line[end:]


def _lines(text: str) -> Iterator[list["Markup"]]:
    block: int | None = None
    is_hidden = False
    for line in text.splitlines():
        depth = len(line) - len(line.lstrip(" "))
        if block is not None and (not line.strip() or depth > block):
            yield [_span("text", " " * depth + MASK if is_hidden and line.strip() else line)]
            continue
        alone = _TELLING_ALONE.fullmatch(line)
        is_hidden = alone is not None and is_telling(alone["key"])
        is_block = _BLOCK.search(line) and not line.lstrip().startswith("#")
        block = depth if is_block or is_hidden else None
        key = line.strip().removeprefix("- ").partition(":")[0]
        is_hidden = is_hidden or (block is not None and is_telling(key))
        yield list(_pieces(line if block is not None else mask_telling(line)))


def _pieces(line: str) -> Iterator["Markup"]:
    from markupsafe import escape

    end = 0
    for found in _TOKEN.finditer(line):
        yield escape(line[end : found.start()])
        yield _span(str(found.lastgroup), found[0])
        end = found.end()
    yield escape(line[end:])


def _span(kind: str, text: str) -> "Markup":
    from markupsafe import Markup

    return Markup('<span class="y-{}">{}</span>').format(kind, text)
