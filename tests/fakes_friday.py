"""A room whose command `friday` ran, ran again and waits: a playlist file against the demo library."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fakes_web import DEMO, WAITING, WebRoom, make_room

FRIDAY = """\
kind: playlist_sync
description: Friday's hits   # 'quoted' and not
schedule: "0 */6 * * *"
source: {service: file, playlist: friday.csv}
targets:
  - {server: files, title: Friday}
max_removals: 10%
"""
FOUND = (
    ("Harbour Lights", "Harbour Lights", "The Paper Lanterns"),
    ("O", "Harbour Lights", "The Paper Lanterns"),
    ("Naïve", "Été à Malmö", "Zoë Ångström"),
    ("Glass Elevator", "Static Blossoms: A Compilation", "Marble Giraffe"),
    ("Midnight Combine", "Static Blossoms: A Compilation", "Velvet Tractor"),
)
MISSING = ("The Long Way Down", "The Long Way Down", "The Paper Lanterns")
NOWHERE = ("<b>Nowhere</b>", "", "No & One")


def write_source(room: WebRoom, *tracks: tuple[str, str, str]) -> None:
    """Write the playlist file that `friday` reads."""
    lines = ["Track Name,Album Name,Artist Name(s)", *(",".join(track) for track in tracks)]
    (room.root / "friday.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def run(room: WebRoom, name: str = "friday", *, dry_run: bool = False) -> int:
    """Run a command to its end and return the id of the execution."""
    with room.control.inside():
        number = room.control.run(name, dry_run=dry_run).id
    room.wait_for_run(number)
    return number


@contextmanager
def friday_room(root: Path) -> Iterator[WebRoom]:
    """Serve a room with `friday` (synced in execution 1, held in execution 2, dry run 3) and `waits`."""
    room = make_room(root, DEMO, friday=FRIDAY, waits=WAITING)
    write_source(room, *FOUND)
    with room.serve():
        run(room)
        write_source(room, *FOUND[1:][::-1], MISSING, NOWHERE)
        run(room)
        run(room, dry_run=True)
        yield room
