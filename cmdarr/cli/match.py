"""`cmdarr match …`: explain the decision for one track, or run the matcher over two CSV files."""

from pathlib import Path

import click
import msgspec

from cmdarr.cli.output import print_json, print_table
from cmdarr.cli.progress import terminal_progress
from cmdarr.cli.state import CliState, json_option, pass_state
from cmdarr.models.cancel import CancelToken
from cmdarr.models.match import Candidate, Decision
from cmdarr.models.track import WantedTrack

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("artist", required=False)
@click.argument("title", required=False)
@click.option("--album", default="", help="The album, where it is known.")
@click.option("--server", help="The server to look in [default: every configured one].")
@click.option(
    "--wanted", type=_FILE, help="CSV of wanted tracks: id,title,artist,album,duration_s,isrc,recording_mbid."
)
@click.option("--library", type=_FILE, help="CSV of library tracks with the same columns.")
@json_option
@pass_state
def match(
    state: CliState,
    artist: str | None,
    title: str | None,
    album: str,
    server: str | None,
    wanted: Path | None,
    library: Path | None,
) -> None:
    """Explain which track is taken for ARTIST TITLE. The nearest others are named, and why they are not.

    With --wanted and --library it runs the matcher over two CSV files, without any server.
    """
    if wanted and library and not (artist or album or server):
        _match_files(wanted, library, as_json=state.as_json)
    elif artist and title and not (wanted or library):
        from cmdarr.app.music_shapes import decision_shape
        from cmdarr.app.playlists import explain_on_servers

        wanted_track = WantedTrack(artist=artist, title=title, album=album)
        with terminal_progress() as progress:
            decisions = explain_on_servers(
                state.app, wanted_track, server, progress=progress, cancel=CancelToken()
            )
        if state.as_json:
            print_json({name: decision_shape(decision) for name, decision in decisions.items()})
        else:
            for name, decision in decisions.items():
                _print_decision(name, decision)
    else:
        raise click.UsageError("give ARTIST and TITLE, or --wanted FILE and --library FILE.")


def _match_files(wanted: Path, library: Path, *, as_json: bool) -> None:
    from cmdarr.library.match_files import match_files

    rows = match_files(wanted, library)
    if as_json:
        print_json(rows)
        return
    columns = ("id", "decision", "match", "stage", "score", "reason")
    documents = [msgspec.to_builtins(row) for row in rows]
    print_table(
        columns, [["-" if row[name] is None else str(row[name]) for name in columns] for row in documents]
    )


def _print_decision(server: str, decision: Decision) -> None:
    found = decision.match
    if found is None:
        print(f"{server}: no match. {decision.reason}")
    else:
        print(f"{server}: {found.artist} – {found.title} ({found.album or 'no album'})")
        print(f"  stage {decision.stage}, score {decision.score:.2f}: {decision.reason}")
    others = [candidate for candidate in decision.candidates if candidate.track != found]
    if others:
        print_table(("nearest", "album", "score", "why not"), [_row(candidate) for candidate in others])


def _row(candidate: Candidate) -> tuple[str, ...]:
    track = candidate.track
    return (f"{track.artist} – {track.title}", track.album or "-", f"{candidate.score:.2f}", candidate.reason)
