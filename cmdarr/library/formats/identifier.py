"""Identifiers and durations as the formats write them, to the values that Cmdarr compares."""

import re

from cmdarr.models.track import Isrc, RecordingMbid

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_MBID = re.compile(_UUID, re.IGNORECASE)
_RECORDING = re.compile(rf"(?:https?://(?:\w+\.)?musicbrainz\.org/recording/)?({_UUID})/?", re.IGNORECASE)
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,4}):([0-5]?\d)(?:[.,]\d+)?")
_NUMBER = re.compile(r"(\d{1,12}(?:[.,]\d{1,9})?)\s*(ms|s|sec)?", re.IGNORECASE)
_LONGEST_S = 20_000
"""A bare number above this many seconds is taken for milliseconds."""


def parse_isrc(text: str) -> Isrc | None:
    """Return the first ISRC of the text without hyphens, or None when there is no valid one."""
    for part in re.split(r"[;,/|]", text):
        plain = re.sub(r"[\s-]", "", part).upper()
        plain = plain.removeprefix("ISRC").removeprefix(":") if len(plain) > 12 else plain
        if _ISRC.fullmatch(plain):
            return Isrc(plain)
    return None


def parse_mbid(text: str) -> str | None:
    """Return the MBID in lower case, or None when it is not one."""
    plain = text.strip()
    return plain.lower() if _MBID.fullmatch(plain) else None


def parse_recording_mbid(text: str) -> RecordingMbid | None:
    """Return the recording MBID of a bare id or a musicbrainz.org address; None for anything else."""
    found = _RECORDING.fullmatch(text.strip())
    return RecordingMbid(found[1].lower()) if found else None


def parse_milliseconds(text: str) -> int | None:
    """Read `210226`, `210226 ms` as milliseconds; None when it is no number above 0."""
    found = _NUMBER.fullmatch(text.strip())
    if not found:
        return None
    scale = 1000 if (found[2] or "").lower().startswith("s") else 1
    return round(float(found[1].replace(",", ".")) * scale) or None


def parse_duration(text: str) -> int | None:
    """Read `225`, `225s`, `3:45`, `1:02:03`, `225000 ms` to milliseconds; None when it is none of them."""
    found = _NUMBER.fullmatch(text.strip())
    if found:
        value = float(found[1].replace(",", "."))
        unit = (found[2] or "").lower()
        is_ms = unit == "ms" or (not unit and value > _LONGEST_S)
        return round(value if is_ms else value * 1000) or None
    clock = _CLOCK.fullmatch(text.strip())
    if not clock:
        return None
    hours, minutes, seconds = (int(part or 0) for part in clock.groups())
    return (hours * 3600 + minutes * 60 + seconds) * 1000 or None
