"""Make the pictures of the documentation from the real program: `make screenshots`."""

import io
import os
import pty
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

IMAGES = Path(__file__).parent / "images"
COLUMNS = 108
CHARACTER_WIDTH = 12.2  # of the pictures that rich makes
FIRST_RUN = ("cmdarr config init", "cmdarr run demo-favourites", "cmdarr list")
GREY = [
    (45, 52, 64),
    (176, 48, 48),
    (38, 120, 62),
    (150, 105, 10),
    (40, 90, 170),
    (120, 60, 150),
    (20, 120, 130),
]
LIGHT = TerminalTheme((252, 252, 250), (40, 44, 52), [*GREY, (120, 125, 135)], [*GREY, (40, 44, 52)])
SVG = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px;
  line-height: {line_height}px;
}}
.{unique_id}-title {{
  font: bold 18px system-ui, "Helvetica Neue", Arial, "DejaVu Sans", sans-serif;
}}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def session(calls: tuple[str, ...], folder: Path) -> Text:
    """Run calls one after the other in a folder, and return what a terminal shows."""
    shown = Text()
    for call in calls:
        shown += Text.assemble(("$ ", "green"), (call, "bold"), "\n")
        shown += Text.from_ansi(on_terminal(shlex.split(call), folder))
        shown += Text("\n\n")
    shown.rstrip()
    return shown + Text("\n")


def on_terminal(call: list[str], folder: Path) -> str:
    """Run one call with its stdout on a terminal, and return what it printed there."""
    ours, theirs = pty.openpty()
    environ = os.environ | {"COLUMNS": str(COLUMNS), "TERM": "xterm-256color", "TZ": "UTC"}
    program = [str(Path(sys.executable).parent / call[0]), *call[1:]]
    done = subprocess.run(
        program, cwd=folder, env=environ, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, check=False
    )
    os.close(theirs)
    if done.returncode:
        raise SystemExit(f"{shlex.join(call)} left with {done.returncode}: {done.stderr.decode()}")
    printed = bytearray()
    try:
        while part := os.read(ours, 65_536):
            printed += part
    except OSError:  # what Linux says at the end of a terminal
        pass
    os.close(ours)
    return printed.decode().replace("\r\n", "\n").strip("\n")


def picture(shown: Text, title: str) -> str:
    """Return a terminal session as SVG, without any font or file from elsewhere."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(shown, soft_wrap=False)
    svg = console.export_svg(title=title, theme=LIGHT, code_format=SVG, unique_id="terminal")
    svg = svg.replace('stroke="rgba(255,255,255,0.35)"', 'stroke="#d0d4da"')
    svg = re.sub(r' x="([\d.]+)"([^>]*) textLength="([\d.]+)"([^>]*)>((?:&#160;)+)', _indented, svg)
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def _indented(found: re.Match[str]) -> str:
    """Move a text that begins with spaces to the right instead: not every viewer draws them."""
    spaces = found[5].count(";")
    left = float(found[1]) + spaces * CHARACTER_WIDTH
    length = float(found[3]) - spaces * CHARACTER_WIDTH
    return f' x="{left:g}"{found[2]} textLength="{length:g}"{found[4]}>' if length > 0 else found[0]


def main() -> None:
    """Write every picture."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        shown = session(FIRST_RUN, Path(folder))
    path = IMAGES / "first-run.svg"
    path.write_text(picture(shown, "A first run"), encoding="utf-8")
    print(path.relative_to(Path(__file__).parents[1]))


if __name__ == "__main__":
    main()
