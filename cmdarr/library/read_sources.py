"""Reading what a playlist is made of: one or several sources, whole or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cmdarr.errors import CmdarrError, RunCancelled, SourceIncomplete
from cmdarr.library.definition import SyncContext, SyncDefinition, SyncSource
from cmdarr.library.ports import EditionSource
from cmdarr.library.selection import merge_playlists, select_tracks
from cmdarr.models.playlist import SourcePlaylist


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSource:
    """How the reading of one source went: its playlist, or why there is none."""

    source: SyncSource
    playlist: SourcePlaylist | None = None
    error: CmdarrError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPlaylist:
    """What one playlist shall hold, and where that comes from.

    `edition` changes whenever the source gives another playlist than before, as each week or each day.
    """

    playlist: SourcePlaylist
    sources: tuple[ReadSource, ...]
    left_out: int = 0
    """How many tracks of the sources the selection left out."""
    is_kept: bool = False
    """Whether each edition is a playlist of its own."""


def read_wanted(definition: SyncDefinition, context: SyncContext) -> tuple[WantedPlaylist, ...]:
    """Read every source and return the playlists that are wanted: one, or one for each kept edition, newest first.

    Raises:
        SourceIncomplete: a source answered short or empty, or the selection leaves nothing.
        ServiceError: a source failed; with `append` only when all did.
    """
    first = definition.sources[0]
    if first.keep is not None:
        return tuple(
            _select(definition, context, (ReadSource(source=first, playlist=edition),), is_kept=True)
            for edition in _read_editions(first, first.keep, context)
        )
    read = tuple(_read_source(source, definition, context) for source in definition.sources)
    if all(each.error is not None for each in read) and read[0].error is not None:
        raise read[0].error
    return (_select(definition, context, read),)


def _read_editions(source: SyncSource, keep: int, context: SyncContext) -> Sequence[SourcePlaylist]:
    context.progress.step(f"Reading the playlists from {source.service}")
    client = context.services.source(source.service)
    if not isinstance(client, EditionSource):
        raise SourceIncomplete(
            f"{source.service} has no editions of a playlist: remove `keep`, which is for playlists that appear "
            "anew each day or week."
        )
    return [
        _limited(_checked(playlist, source), source)
        for playlist in client.fetch_editions(source.playlist, keep, context.cancel)
    ]


def _read_source(source: SyncSource, definition: SyncDefinition, context: SyncContext) -> ReadSource:
    """Read one source; only a playlist that is never shortened can do without one of several."""
    context.progress.step(f"Reading the playlist from {source.service}")
    try:
        playlist = context.services.source(source.service).fetch_playlist(source.playlist, context.cancel)
        return ReadSource(source=source, playlist=_limited(_checked(playlist, source), source))
    except RunCancelled:
        raise
    except CmdarrError as error:
        if definition.mode != "append" or len(definition.sources) == 1:
            raise
        return ReadSource(source=source, error=error)


def _checked(playlist: SourcePlaylist, source: SyncSource) -> SourcePlaylist:
    if not playlist.tracks:
        raise SourceIncomplete(
            f"{source.service}: the playlist {source.playlist} is empty; no playlist was touched."
        )
    return playlist


def _limited(playlist: SourcePlaylist, source: SyncSource) -> SourcePlaylist:
    return replace(playlist, tracks=playlist.tracks[: source.limit])


def _select(
    definition: SyncDefinition, context: SyncContext, read: tuple[ReadSource, ...], *, is_kept: bool = False
) -> WantedPlaylist:
    playlists = [each.playlist for each in read if each.playlist is not None]
    merged = merge_playlists(playlists, definition.selection.merge)
    tracks = select_tracks(merged, definition.selection, seed=definition.command, day=context.day)
    if not tracks:
        raise SourceIncomplete(
            f"None of the {len(merged)} tracks is left by the filters of {definition.command!r}; no playlist was "
            "touched: widen them."
        )
    first = playlists[0]
    edition = context.day.isoformat() if definition.selection.shuffle else ""
    return WantedPlaylist(
        playlist=replace(
            first,
            tracks=tracks,
            edition=" ".join(filter(None, (*(each.edition for each in playlists), edition))),
            unavailable=tuple(name for each in playlists for name in each.unavailable),
        ),
        sources=read,
        left_out=len(merged) - len(tracks),
        is_kept=is_kept,
    )
