"""A pin for a track that did not match: the text for pins.yaml, and the button that adds it there."""

from collections.abc import Mapping

from cmdarr.app.pins import append_pin, look_at_pins, pin_text
from cmdarr.errors import NothingFound, UsageError
from cmdarr.models.match import Pin, PinTarget
from cmdarr.web.pages.page import Done, PageRoute, View, Visit
from cmdarr.web.pages.result import Nearest, TargetResult, Unmatched, read_result
from cmdarr.web.pages.yaml_text import highlight

_PLACES = ("run", "target", "track")
_MOST_DIGITS = 18


def show_pin(visit: Visit) -> View:
    """Show the pin for one track and one candidate, or for none of them (`match: never`)."""
    places = {key: visit.query.get(key, "") for key in (*_PLACES, "candidate")}
    target, track, candidate, pin = _find(visit, places)
    text = pin_text(pin)
    return View(
        template="pin.html",
        title="Pin a track",
        context={
            "name": visit.parts["name"],
            "target": target,
            "track": track,
            "candidate": candidate,
            "text": visit.control.redact(text),
            "shown": highlight(text, visit.control.redact),
            "is_pinned": pin in visit.control.snapshot.pins,
            "file": look_at_pins(visit.control.app.config_dir),
            "places": places,
        },
    )


def add_pin(visit: Visit) -> Done:
    """Add the pin to pins.yaml."""
    name, digest = visit.parts["name"], visit.form.get("digest", "")
    *_, pin = _find(visit, visit.form)
    append_pin(visit.control.app.config_dir, pin, digest)
    return Done(
        to=f"/commands/{name}", sentence="The pin stands in pins.yaml and counts from the next run on."
    )


def _find(visit: Visit, places: Mapping[str, str]) -> tuple[TargetResult, Unmatched, Nearest | None, Pin]:
    """Find what is meant in the history: nothing of what the browser sends becomes part of the pin."""
    run, target, track = (_number(places.get(key, "")) for key in _PLACES)
    execution = visit.control.store.history.get(run)
    try:
        found = read_result(execution.result).targets[target]
        wanted = found.unmatched[track]
        nearest = wanted.candidates[_number(places["candidate"])] if places.get("candidate") else None
    except IndexError:
        raise NothingFound(f"execution {run} has no such track.") from None
    match = (
        PinTarget(artist=nearest.artist, title=nearest.title, album=nearest.album, server=found.server)
        if nearest
        else None
    )
    return (
        found,
        wanted,
        nearest,
        Pin(artist=wanted.artist, title=wanted.title, target=match),
    )


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > _MOST_DIGITS:
        raise UsageError("this address names no track of a run: begin at the command's page.")
    return int(text)


ROUTES = (
    PageRoute(path="/commands/{name}/pin", show=show_pin),
    PageRoute(path="/commands/{name}/pin", show=add_pin, method="POST", back="/commands/{name}"),
)
