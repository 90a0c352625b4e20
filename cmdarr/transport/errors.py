"""What went wrong on the way, as sentences that name the cure. None holds a parameter, a header or a body."""

import socket
import ssl
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

from cmdarr.errors import (
    AuthenticationFailed,
    NotFound,
    RateLimited,
    ServiceError,
    ServiceUnavailable,
    UnexpectedResponse,
)
from cmdarr.transport.redirect import Target


def connection_error(service: str, url: str, error: BaseException, timeout_s: float) -> ServiceUnavailable:
    """Return the error for a request that got no answer; `url` is the base address of the service."""
    parts = urlsplit(url)
    place = f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
    return ServiceUnavailable(service, _describe(service, place, list(_causes(error)), timeout_s))


def is_tls_failure(error: BaseException) -> bool:
    """Whether a certificate or the handshake was at fault: asking again changes nothing."""
    return any(isinstance(cause, ssl.SSLError) and "EOF" not in str(cause) for cause in _causes(error))


def status_error(
    service: str, what: str, status: int, retry_after_s: float | None, setting: str
) -> ServiceError:
    """Return the error for an answer with an error status; `setting` names what holds the credentials."""
    phrase = _phrase(status)
    if status in {401, 403}:
        return AuthenticationFailed(
            service, f"{what} was refused ({phrase}): correct `{setting}`.", setting=setting
        )
    if status == 404:
        return NotFound(service, f"{what} was not found ({phrase}).")
    if status == 429:
        wait = f"; it can be asked again in {retry_after_s:.0f} s" if retry_after_s is not None else ""
        return RateLimited(service, f"it was asked too often ({phrase}){wait}.", retry_after_s=retry_after_s)
    if status == 503 and retry_after_s is not None:
        return RateLimited(
            service,
            f"it is busy ({phrase}) and can be asked again in {retry_after_s:.0f} s.",
            retry_after_s=retry_after_s,
        )
    if status >= 500:
        return ServiceUnavailable(service, f"{what} failed on the server ({phrase}): look into its log.")
    return UnexpectedResponse(service, f"{what} was answered with {phrase}.")


def redirect_error(service: str, what: str, target: Target) -> UnexpectedResponse:
    """Return the error for an answer that leads to another address."""
    return UnexpectedResponse(
        service,
        f"{what} leads to {target.place or 'no address'}: put the final address into `services.{service}.url`.",
    )


def _phrase(status: int) -> str:
    try:
        return f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"


def _describe(service: str, place: str, causes: list[BaseException], timeout_s: float) -> str:
    check = f"check `services.{service}.url` and that it runs"
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                f"the TLS certificate of {place} is not accepted ({cause.verify_message.rstrip('.')}): name its CA "
                f"file in `services.{service}.verify`, or set that to `false`."
            )
        if isinstance(cause, ssl.SSLError) and "EOF" not in str(cause):
            return f"{place} does not speak TLS: begin `services.{service}.url` with `http://`."
        if isinstance(cause, socket.gaierror):
            return f"the host {place.rpartition(':')[0]} cannot be found: check `services.{service}.url`."
        if isinstance(cause, ConnectionRefusedError):
            return f"nothing listens at {place}: {check}."
        if isinstance(cause, TimeoutError) or type(cause).__name__.endswith("Timeout"):
            return f"{place} did not answer within {timeout_s:g} s: {check}, or raise its `timeout`."
    return f"the connection to {place} was lost: {check}."


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and what led to it, at most twenty deep."""
    for _ in range(20):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__
