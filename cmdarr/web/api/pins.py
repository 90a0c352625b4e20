"""`/api/pins`: the matches decided by hand, and adding one to pins.yaml."""

from typing import Annotated, Literal, TypedDict

from pydantic import Field

from cmdarr.app.pins import append_pin, look_at_pins, pin_text
from cmdarr.models.match import Pin, PinTarget
from cmdarr.web.api.endpoint import Body, Call, Endpoint

Name = Annotated[str, Field(min_length=1, max_length=1000)]


class PinTargetShape(TypedDict):
    """The library track that a pin names; an empty `server` stands for every one."""

    artist: str
    title: str
    album: str
    server: str


class PinShape(TypedDict):
    """A match decided by hand; `match` is null for `match: never`."""

    artist: str
    title: str
    album: str
    match: PinTargetShape | None


class PinsShape(TypedDict):
    """The pins in force; `digest` names the bytes of pins.yaml, `refusal` says why none can be added to it, if so."""

    pins: list[PinShape]
    digest: str
    refusal: str


class AddedPinShape(TypedDict):
    """What was added to pins.yaml, and the digest of the file since."""

    text: str
    digest: str


class PinTargetBody(Body):
    """The library track to take, by identity."""

    artist: Name
    """The track artist as the library has it."""
    title: Name
    """The title as the library has it."""
    album: str = ""
    """The album as the library has it; empty for any."""
    server: str = ""
    """The server that the pin is for; empty for every server."""


class PinBody(Body):
    """A match decided by hand."""

    artist: Name
    """The artist as the source writes it."""
    title: Name
    """The title as the source writes it."""
    album: str = ""
    """The album as the source writes it; empty for any."""
    match: Literal["never"] | PinTargetBody
    """The library track to take, or `never`."""
    digest: str | None = None
    """The digest of the file as you saw it: 409 when it is another by now. Left out, nothing is compared."""


def list_pins(call: Call) -> PinsShape:
    """Return the pins in force."""
    file = look_at_pins(call.control.app.config_dir)
    pins = [_pin_shape(pin) for pin in call.control.snapshot.pins]
    return {"pins": pins, "digest": file.digest, "refusal": file.refusal}


def add_pin(call: Call) -> AddedPinShape:
    """Add a pin at the end of pins.yaml."""
    body, folder = call.body_as(PinBody), call.control.app.config_dir
    target = None if body.match == "never" else PinTarget(**body.match.model_dump())
    pin = Pin(artist=body.artist, title=body.title, album=body.album, target=target)
    expected = look_at_pins(folder).digest if body.digest is None else body.digest
    return {"text": pin_text(pin), "digest": append_pin(folder, pin, expected)}


def _pin_shape(pin: Pin) -> PinShape:
    target = pin.target
    match: PinTargetShape | None = None
    if target is not None:
        match = {
            "artist": target.artist, "title": target.title, "album": target.album, "server": target.server,
        }  # fmt: skip
    return {"artist": pin.artist, "title": pin.title, "album": pin.album, "match": match}


ENDPOINTS = (
    Endpoint(
        method="GET", path="/api/pins", tag="playlists", summary="List the matches decided by hand",
        run=list_pins, answer=PinsShape,
    ),
    Endpoint(
        method="POST", path="/api/pins", tag="playlists", summary="Add a pin to pins.yaml",
        description="What stands in the file is kept byte for byte; 409 when it cannot be written.",
        run=add_pin, body=PinBody, answer=AddedPinShape, status=201, errors=(409,),
    ),
)  # fmt: skip
