"""What is asked and what is answered, as values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

Method: TypeAlias = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Parameters: TypeAlias = Sequence[tuple[str, str]]
_REPEATABLE = frozenset({"GET", "PUT", "DELETE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One complete answer. `is_stale`: it came from the cache, past its time, as the service is down."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    """By lower-case name."""
    is_stale: bool = False


def _is_no_answer(reply: Reply) -> bool:  # noqa: ARG001 - the default of `Request.is_answer`
    return False


def _accept(reply: Reply) -> None:
    """Find nothing wrong with an answer: the default of `Request.check`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call of a service, without credentials: those are added by the session's `Authorize`."""

    path: str
    """Below the base address, for example `/rest/ping`."""
    method: Method = "GET"
    params: Parameters = ()
    form: Parameters | None = None
    """Sent as a form in the body; never together with `body`."""
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_repeatable: bool | None = None
    """Whether sending it twice does no harm; None: as its method says."""
    is_answer: Callable[[Reply], bool] = _is_no_answer
    """Tells an answer with an error status, or a redirect, that the caller wants to read itself."""
    check: Callable[[Reply], None] = _accept
    """Raises a `ServiceError` for an answer whose body is an error; called before an answer is cached."""
    sink: Callable[[], Callable[[bytes], None]] | None = None
    """Makes for each attempt what takes the body of a success piece by piece; the reply's own body is then empty."""

    @property
    def can_be_repeated(self) -> bool:
        """Whether it may be sent again when nobody knows whether it was carried out."""
        return self.method in _REPEATABLE if self.is_repeatable is None else self.is_repeatable

    @property
    def what(self) -> str:
        """How messages and logs name it: never with its parameters, which may hold credentials."""
        return f"{self.method} {self.path}"

    def with_params(self, *params: tuple[str, str]) -> "Request":
        """Return it with more parameters: in the form where there is one, so that they stay out of the address."""
        if self.form is not None:
            return replace(self, form=(*params, *self.form))
        return replace(self, params=(*params, *self.params))

    def checked_by(self, check: Callable[[Reply], object]) -> "Request":
        """Return it with a further check of its answer, after the one that it has."""
        first = self.check

        def both(reply: Reply) -> None:
            first(reply)
            check(reply)

        return replace(self, check=both)

    def with_headers(self, **headers: str) -> "Request":
        """Return it with more headers; `_` in a name stands for `-`."""
        return replace(self, headers={**self.headers, **{k.replace("_", "-"): v for k, v in headers.items()}})


Authorize: TypeAlias = Callable[[Request], Request]
"""Adds the credentials to a request, as parameters or headers."""


def anonymous(request: Request) -> Request:
    """Add no credentials."""
    return request
