"""JSON arrays of objects, read element by element as the bytes come: however long they are, little is held."""

import re
from typing import Generic, TypeVar

import msgspec

from cmdarr.errors import UnexpectedResponse

T = TypeVar("T")
LARGEST_ELEMENT = 4 * 1024**2
_END = re.compile(rb"\}\s*(?=[,\]])")
_SPACE = b" \t\r\n"
_TRUNCATED = "Input data was truncated"


class ArrayReader(Generic[T]):
    """Takes an array piece by piece.

    Where an element ends is found by trial: a text that is cut off at a brace within it is no complete object.
    """

    def __init__(self, service: str, what: str, form: type[T]) -> None:
        """`form` is what each element is read as (a msgspec.Struct)."""
        self._service = service
        self._what = what
        self._decode = msgspec.json.Decoder(form).decode
        self._elements: list[T] = []
        self._rest = b""
        self._tried = 0
        self._is_open = False
        self._is_closed = False

    def feed(self, piece: bytes) -> None:
        """Take the next bytes.

        Raises:
            UnexpectedResponse: this is no array of such objects.
        """
        self._rest += piece
        if self._is_open or self._begin():
            self._take()
        if self._is_closed and self._rest.strip(_SPACE):
            raise self._wrong("more than one document")
        if len(self._rest) > LARGEST_ELEMENT:
            raise self._wrong(f"an element of more than {LARGEST_ELEMENT >> 20} MB")

    def finish(self) -> list[T]:
        """Return the elements.

        Raises:
            UnexpectedResponse: the array did not end.
        """
        if not self._is_closed:
            raise self._wrong("a list that does not end" if self._is_open else "nothing")
        return self._elements

    def _begin(self) -> bool:
        """Read the opening bracket and what follows it; return whether elements follow."""
        stripped = self._rest.lstrip(_SPACE)
        if stripped[:1] not in {b"", b"["}:
            is_page = stripped.startswith(b"<")
            raise self._wrong("a web page instead of JSON" if is_page else "something that is no list")
        inner = stripped[1:].lstrip(_SPACE)
        if not inner:
            return False
        self._is_open, self._rest = True, inner
        if inner.startswith(b"]"):
            self._is_closed, self._rest = True, inner[1:]
        return not self._is_closed

    def _take(self) -> None:
        """Read every element that is complete by now."""
        start = 0
        while not self._is_closed and (end := _END.search(self._rest, self._tried)):
            self._tried = end.end()
            if not self._read(self._rest[start : end.start() + 1]):
                continue
            self._is_closed = self._rest[end.end() : end.end() + 1] == b"]"
            start = self._tried = end.end() + 1
        brace = self._rest.rfind(b"}", self._tried)  # the end, perhaps: what follows it has not come yet
        self._tried = (brace if brace >= 0 else len(self._rest)) - start
        self._rest = self._rest[start:]

    def _read(self, text: bytes) -> bool:
        """Read a text as an element; return whether it was complete."""
        try:
            self._elements.append(self._decode(text.lstrip(_SPACE)))
        except msgspec.ValidationError as error:
            raise self._wrong(f"an unknown form ({str(error)[:160]})") from error
        except msgspec.DecodeError as error:
            if str(error).startswith(_TRUNCATED):
                return False
            raise self._wrong("broken JSON") from error
        except RecursionError as error:
            raise self._wrong("JSON of endless depth") from error
        return True

    def _wrong(self, how: str) -> UnexpectedResponse:
        return UnexpectedResponse(
            self._service, f"{self._what} was answered with {how}; check the address in `url`."
        )
