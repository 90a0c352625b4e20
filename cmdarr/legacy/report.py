"""What became of each part of a legacy install, as lines for the terminal, for Markdown and for JSON."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from cmdarr.legacy.masking import Mask

_BREAKS = re.compile(r"[^\S ]+|[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_LONGEST = 300
_MANY = 8


class Fate(StrEnum):
    """What became of something."""

    CARRIED = "carried_over"
    CHANGED = "changed"
    LEFT_OUT = "not_carried_over"
    NEEDS_YOU = "needs_you"


TITLES = {
    Fate.NEEDS_YOU: "Needs you",
    Fate.CARRIED: "Carried over",
    Fate.CHANGED: "Changed on the way",
    Fate.LEFT_OUT: "Not carried over",
}
"""The headings, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One line. `what` names the legacy part, `where` the place it has now (empty for none), `why` says the rest."""

    fate: Fate
    what: str
    where: str = ""
    why: str = ""

    def text(self) -> str:
        """Return the line for people."""
        where = f" → {self.where}" if self.where else ""
        why = f": {self.why}" if self.why else ""
        return f"{self.what}{where}{why}"


class Report:
    """Collects lines; `finish` returns them masked: no secret, no line break."""

    def __init__(self) -> None:
        self._lines: list[ReportLine] = []

    def carried(self, what: str, where: str, why: str = "") -> None:
        """Note what was carried over, and to where."""
        self._lines.append(ReportLine(Fate.CARRIED, what, where, why))

    def changed(self, what: str, where: str, why: str) -> None:
        """Note what was carried over, but is not the same any more."""
        self._lines.append(ReportLine(Fate.CHANGED, what, where, why))

    def left_out(self, what: str, why: str) -> None:
        """Note what was not carried over."""
        self._lines.append(ReportLine(Fate.LEFT_OUT, what, "", why))

    def needs_you(self, what: str, why: str, where: str = "") -> None:
        """Note what the user has to look at."""
        self._lines.append(ReportLine(Fate.NEEDS_YOU, what, where, why))

    def finish(self, redactor: Mask) -> tuple[ReportLine, ...]:
        """Return every line once, in order, as one line of text each and with every secret masked."""
        masked = (
            ReportLine(line.fate, *(one_line(redactor(text)) for text in (line.what, line.where, line.why)))
            for line in self._lines
        )
        return tuple(dict.fromkeys(masked))


def one_line(text: str, longest: int = _LONGEST) -> str:
    """Return a text without line breaks and control characters, shortened."""
    text = _BREAKS.sub(" ", text).strip()
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def markdown(title: str, facts: dict[str, str], lines: tuple[ReportLine, ...]) -> str:
    """Return a report as a Markdown page."""
    parts = [f"# {title}", "", *(f"- {name}: {value}" for name, value in facts.items()), ""]
    for fate, heading in TITLES.items():
        its = [line for line in lines if line.fate is fate]
        if its:
            parts += [f"## {heading}", "", *(f"- {_escaped(line)}" for line in its), ""]
    return "\n".join(parts)


def _escaped(line: ReportLine) -> str:
    where = f" → `{line.where.replace('`', chr(39))}`" if line.where else ""
    why = f": {_plain(line.why)}" if line.why else ""
    return f"**{_plain(line.what)}**{where}{why}"


def _plain(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    return re.sub(r"([\\`*_\[\]<>#|~])", r"\\\1", text)


def folded(lines: Iterable[ReportLine]) -> Iterator[str]:
    """Yield the lines as texts for a terminal: of many that have the same reason, only how many there are."""
    by_reason: dict[tuple[str, str], list[ReportLine]] = {}
    for line in lines:
        by_reason.setdefault((line.why, line.where and line.what), []).append(line)
    for (why, _), its in by_reason.items():
        if len(its) > _MANY:
            yield f"{len(its)} times, from {its[0].what} to {its[-1].what}: {why}"
        else:
            yield from (line.text() for line in its)
