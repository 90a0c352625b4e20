"""JSON bodies as values: what does not fit is an answer in an unknown form, with a short reason."""

from typing import TypeVar

import msgspec

from cmdarr.errors import UnexpectedResponse
from cmdarr.transport.request import Reply

T = TypeVar("T")
_LONGEST_REASON = 160


def decode(service: str, what: str, reply: Reply, form: type[T]) -> T:
    """Read the body of an answer as JSON of a form (a msgspec.Struct, `dict`, …).

    Raises:
        UnexpectedResponse: it is no JSON, or JSON of another form; no value of it is shown.
    """
    try:
        return msgspec.json.decode(reply.body, type=form)
    except msgspec.ValidationError as error:
        reason = str(error)[:_LONGEST_REASON]
        raise UnexpectedResponse(service, f"{what} was answered in an unknown form ({reason}).") from error
    except msgspec.DecodeError as error:
        raise UnexpectedResponse(
            service,
            f"{what} was answered with {_describe(reply)} instead of JSON; check the address in `url`.",
        ) from error
    except RecursionError as error:
        raise UnexpectedResponse(service, f"{what} was answered with JSON of endless depth.") from error


def _describe(reply: Reply) -> str:
    body = reply.body.lstrip()
    if not body:
        return "nothing"
    if body.startswith(b"<"):
        return "a web page or XML"
    return "broken text" if body[:1] in b"{[" else "other text"
