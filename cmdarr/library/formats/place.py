"""Where a playlist file is broken: every error of a parser names file, line, column and the cure."""

from dataclasses import dataclass

from cmdarr.errors import SourceIncomplete


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a file, counted from 1; line 0 is the file as a whole."""

    file: str
    line: int = 0
    column: int = 1

    def error(self, problem: str, cure: str) -> SourceIncomplete:
        """Return the error for a problem at this place."""
        where = f", line {self.line}, column {self.column}" if self.line else ""
        return SourceIncomplete(f"{self.file}{where}: {problem}; {cure}.")


def place_at(file: str, text: str, offset: int) -> Place:
    """Return the place of a character of the text."""
    before = text[:offset]
    line_start = max(before.rfind("\n"), before.rfind("\r")) + 1
    line = len(before.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return Place(file, line, offset - line_start + 1)
