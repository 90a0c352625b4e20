"""Who a server is shared with, as plex.tv writes it in XML. Pure."""

from dataclasses import dataclass, field
from xml.parsers import expat  # nosec: no document type is let through, so nothing can expand


@dataclass(frozen=True, slots=True)
class SharedServer:
    """One user whom the server is shared with; `token` opens the server for that user."""

    user_id: str
    username: str
    token: str = field(repr=False)


class UnreadableXml(ValueError):
    """The text is no XML, or XML with a document type."""


def parse_shared_servers(body: bytes) -> list[SharedServer]:
    """Read the `SharedServer` elements.

    Raises:
        UnreadableXml: as its name says; nothing of the text is in it.
    """
    found: list[SharedServer] = []

    def refuse(*_: object) -> None:
        raise UnreadableXml("a document type")

    def begin(name: str, values: dict[str, str]) -> None:
        if name == "SharedServer":
            user_id, username = values.get("userID", ""), values.get("username", "")
            found.append(SharedServer(user_id, username, values.get("accessToken", "")))

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = begin
    try:
        parser.Parse(body, True)  # noqa: FBT003 - the library has no name for it
    except expat.ExpatError as error:
        raise UnreadableXml(f"line {error.lineno}") from error
    return found
