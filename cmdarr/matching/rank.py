"""The order of what is accepted: which of several library tracks is the one. Pure; never by the order they came in."""

from cmdarr.matching.comparison import Comparison

_FAR_MS = 1 << 40


def rank(stage: int, pair: Comparison) -> tuple[object, ...]:
    """Order by stage, album, version, plainest edition, credit, duration, then by things that never change."""
    track = pair.track
    return (
        stage,
        not pair.same_album,
        not pair.is_wanted_version,
        pair.edition_distance,
        pair.artist,
        pair.found.artist.whole != pair.found.album_artist.whole,
        pair.duration_delta_ms if pair.duration_delta_ms is not None else _FAR_MS,
        track.year or 9999,
        track.album,
        track.disc or 0,
        track.number or 0,
        str(track.server_id),
    )
