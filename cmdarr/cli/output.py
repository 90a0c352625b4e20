"""Printing: JSON documents, tables that are plain off a terminal, and times for people."""

import sys
from collections.abc import Sequence
from datetime import datetime

import click


def print_json(document: object) -> None:
    """Print one JSON document on stdout, indented, as UTF-8."""
    import msgspec

    text = msgspec.json.format(msgspec.json.encode(document), indent=2)
    sys.stdout.buffer.write(text + b"\n")
    sys.stdout.buffer.flush()


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows: a drawn table on a terminal, tab-separated values elsewhere."""
    if not sys.stdout.isatty():
        print("\t".join(columns))
        for row in rows:
            print("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in row))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for place, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=place == 0)  # the first names the row: never cut
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def local_time(moment: datetime | None) -> str:
    """Write an aware time in the machine's zone, to the minute; `-` for none."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M") if moment else "-"


def time_ago(moment: datetime | None, now: datetime) -> str:
    """Write how long ago something was, in its largest unit; `-` for none."""
    if moment is None:
        return "-"
    return f"{span(abs((now - moment).total_seconds()))} ago"


def span(seconds: float) -> str:
    """Write a span in its largest fitting unit: `12 s`, `5 min`, `3 h`, `8 d`."""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"


def size(count: int) -> str:
    """Write a number of bytes for people."""
    value = float(count)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def confirm(question: str, *, yes: bool) -> None:
    """Ask on the terminal unless `yes`; refuse when nobody can answer.

    Raises:
        click.UsageError: there is no terminal to ask on.
        click.Abort: the answer was no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("this needs a confirmation: add --yes.")
    click.confirm(question, abort=True)
