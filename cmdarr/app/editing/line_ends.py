"""Texts that went through a browser: their line ends as they were in the file, and what differs from it."""

import re
from collections import Counter
from collections.abc import Sequence

BYTE_ORDER_MARK = "\ufeff"
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
_BREAK = re.compile(r"\r\n|\n|\r")
_MOST_COMPARED = 4_000_000
"""Lines of one text times lines of the other: beyond that, changed parts get the usual line end of the file."""


def for_browser(text: str) -> str:
    """Return a text as a browser shows it: without a byte order mark, every line ended by a line feed."""
    return _BREAK.sub("\n", text.removeprefix(BYTE_ORDER_MARK))


def from_browser(submitted: str, before: str) -> str:
    """Return a text that came from a browser as it belongs into the file that held `before`.

    Byte order mark and line ends are those of the file; lines that were not there before end as most lines do.
    """
    lines = _split(_BREAK.sub("\n", submitted))
    mark = BYTE_ORDER_MARK if before.startswith(BYTE_ORDER_MARK) else ""
    old = _split(before.removeprefix(BYTE_ORDER_MARK))
    ends = Counter(_end_of(line) for line in old if _end_of(line))
    usual = ends.most_common(1)[0][0] if ends else "\n"
    kept = _kept_ends(old, lines) if len(ends) > 1 else {}
    stored: list[str] = []
    for place, line in enumerate(lines):
        end = kept.get(place) or usual
        if stored and stored[-1].endswith("\r") and line == end == "\n":  # the two would become one line end
            stored[-1] = stored[-1][:-1] + "\n"
        stored.append(_with_end(line, end))
    return mark + "".join(stored)


def unified_diff(before: str, after: str, file: str, *, is_new: bool = False) -> str:
    """Return the difference as `git apply` takes it, empty when there is none."""
    from difflib import unified_diff as compare

    if before == after:
        return ""
    old_name = "/dev/null" if is_new else f"a/{file}"
    lines = compare(_split(before), _split(after), old_name, f"b/{file}")
    return "".join(
        line if line.endswith(("\n", "\r")) else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _kept_ends(old: Sequence[str], lines: Sequence[str]) -> dict[int, str]:
    """Return the line ends of the lines that were there before, by their place now."""
    from difflib import SequenceMatcher

    before, after = [line.rstrip("\r\n") for line in old], [line.rstrip("\n") for line in lines]
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    shift = len(old) - len(lines)
    kept = {place: _end_of(old[place]) for place in range(start)}
    kept |= {place: _end_of(old[place + shift]) for place in range(len(lines) - end, len(lines))}
    middle, fresh = before[start : len(old) - end], after[start : len(lines) - end]
    if len(middle) * len(fresh) <= _MOST_COMPARED:
        for left, right, size in SequenceMatcher(None, middle, fresh, autojunk=False).get_matching_blocks():
            kept |= {start + right + step: _end_of(old[start + left + step]) for step in range(size)}
    return kept


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many items at the beginning are equal."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _split(text: str) -> list[str]:
    return _LINE.findall(text)


def _end_of(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]


def _with_end(line: str, end: str) -> str:
    return line[:-1] + end if line.endswith("\n") else line
