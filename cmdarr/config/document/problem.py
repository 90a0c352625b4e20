"""A problem of the text before it becomes a finding: place, code and words, without file and excerpt."""

from dataclasses import dataclass

from cmdarr.config.document.nodes import Loc
from cmdarr.errors import Severity


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a place; `line` and `column` count from 0, `related_line` from 1 (0 for none)."""

    code: str
    message: str
    line: int = 0
    column: int = 0
    loc: Loc = ()
    hint: str = ""
    severity: Severity = "error"
    related_line: int = 0
