"""Errors as answers: one function that says status, sentence and findings of whatever went wrong (RFC 9457)."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException

from cmdarr.app.shapes import FindingShape, finding_shape
from cmdarr.errors import CmdarrError, ConfigError, http_status_for

logger = logging.getLogger(__name__)
PROBLEM_JSON = "application/problem+json"
_UNEXPECTED = "Cmdarr met an unexpected {}; the log has its traceback at level debug."
_PHRASES = {
    404: "there is nothing at this address: `/api/docs` lists the addresses of the API.",
    405: "this address does not take this method.",
}


class Refused(CmdarrError):
    """The request is refused."""

    def __init__(self, status: int, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after_s = retry_after_s


class BadRequest(CmdarrError):
    """The request has the wrong form."""

    http_status = 422

    def __init__(self, message: str, errors: list[dict[str, str]]) -> None:
        super().__init__(message)
        self.errors = errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What went wrong, for people and programs."""

    status: int
    code: str
    detail: str
    findings: tuple[FindingShape, ...] = ()
    errors: tuple[dict[str, str], ...] = ()
    retry_after_s: float | None = None
    allowed: str = ""

    @property
    def title(self) -> str:
        """The name of the status."""
        return HTTPStatus(self.status).phrase

    def document(self) -> dict[str, Any]:
        """Return the problem as JSON."""
        document: dict[str, Any] = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }
        if self.findings:
            document["findings"] = list(self.findings)
        if self.errors:
            document["errors"] = list(self.errors)
        return document

    def headers(self) -> dict[str, str]:
        """Return the headers that belong to it."""
        headers = {"Cache-Control": "no-store"}
        if self.retry_after_s is not None:
            headers["Retry-After"] = str(max(1, round(self.retry_after_s + 0.5)))
        elif self.status == HTTPStatus.SERVICE_UNAVAILABLE:
            headers["Retry-After"] = "5"
        if self.allowed:
            headers["Allow"] = self.allowed
        if self.status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = "Bearer"
        return headers


def problem_of(error: BaseException) -> Problem:
    """Return what an exception means for whoever asked; an unexpected one is logged."""
    match error:
        case Refused():
            return Problem(
                status=error.status, code="Refused", detail=str(error), retry_after_s=error.retry_after_s
            )
        case BadRequest():
            return Problem(status=422, code="BadRequest", detail=str(error), errors=tuple(error.errors))
        case CmdarrError():
            findings = tuple(map(finding_shape, error.findings)) if isinstance(error, ConfigError) else ()
            return Problem(
                status=http_status_for(error),
                code=type(error).__name__,
                detail=str(error),
                findings=findings,
                retry_after_s=getattr(error, "retry_after_s", None),
            )
        case HTTPException():
            detail = _PHRASES.get(error.status_code, f"{error.detail}.")
            allowed = (error.headers or {}).get("Allow", "")
            return Problem(status=error.status_code, code="HttpError", detail=detail, allowed=allowed)
        case _:
            logger.error(
                "the web side met an unexpected %s.", type(error).__name__, extra={"action": "web_failed"}
            )
            logger.debug("traceback of a request:", exc_info=error)
            return Problem(
                status=500, code=type(error).__name__, detail=_UNEXPECTED.format(type(error).__name__)
            )


def redacted(value: Any, redact: Callable[[str], str]) -> Any:
    """Return JSON-ready data with every secret in its texts masked."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {redact(str(key)): redacted(each, redact) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(each, redact) for each in value]
    return value
