"""One endpoint of the API as a value: method, path, bodies, answer, errors, and the function that does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.responses import Response

from cmdarr.app.control import Control
from cmdarr.errors import NothingFound
from cmdarr.web.problem import BadRequest

Method = Literal["GET", "POST", "PUT", "DELETE"]
ModelT = TypeVar("ModelT", bound="Body")


class Body(BaseModel):
    """A JSON body or a query string; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request to an endpoint, checked; the function of the endpoint gets it in a thread that may wait."""

    control: Control
    path: Mapping[str, Any]
    query: Body | None = None
    body: Body | None = None
    upload: Path | None = None

    def name(self, key: str = "name") -> str:
        """Return a part of the path as text."""
        return str(self.path[key])

    def number(self, key: str = "id") -> int:
        """Return a part of the path that is a number.

        Raises:
            NothingFound: it is larger than any that was ever given.
        """
        number = int(self.path[key])
        if number >= 2**63:
            raise NothingFound(f"there is nothing of the number {number}.")
        return number

    def uploaded(self) -> Path:
        """Return the file that was sent, which the table asks for; it is removed after the answer."""
        assert self.upload is not None  # noqa: S101 - as below
        return self.upload

    def body_as(self, model: type[ModelT]) -> ModelT:
        """Return the body, which the table says is of this model."""
        assert isinstance(self.body, model)  # noqa: S101 - the table and the function are written together
        return self.body

    def query_as(self, model: type[ModelT]) -> ModelT:
        """Return the query, which the table says is of this model."""
        assert isinstance(self.query, model)  # noqa: S101 - as above
        return self.query


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One row of the table. `answer` is the type of what `run` returns, None for a `Response` of its own kind.

    `errors` are the statuses beside 401, 403, 422 and 500. `is_slow` asks services or copies files; `is_alone` stops
    the daemon and so must not be inside of the databases when it begins. `upload_bytes` is how large a file may be that
    comes as the body, 0 for none.
    """

    method: Method
    path: str
    summary: str
    run: Callable[[Call], object]
    tag: str
    answer: Any = None
    status: int = 200
    query: type[Body] | None = None
    body: type[Body] | None = None
    upload_bytes: int = 0
    errors: tuple[int, ...] = ()
    is_slow: bool = False
    is_alone: bool = False
    description: str = ""
    content_type: str = "application/json"

    @property
    def operation_id(self) -> str:
        """A name that no other endpoint has."""
        return self.run.__name__.strip("_")


Answer = Mapping[str, Any] | Response


def validated(model: type[ModelT], value: object, what: str, *, is_strict: bool = False) -> ModelT:
    """Return a body or query as its model; a query is text, so only a body can be held to its types strictly.

    Raises:
        BadRequest: it has the wrong form; the message holds no value.
    """
    try:
        return model.model_validate(value, strict=is_strict)
    except ValidationError as error:
        found = [
            {"key": ".".join(map(str, one["loc"])), "message": one["msg"]}
            for one in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        first = f"{found[0]['key']}: {found[0]['message']}" if found[0]["key"] else found[0]["message"]
        raise BadRequest(
            f"{what} is not as it should be: {first}; `/api/docs` describes it.", found
        ) from None
