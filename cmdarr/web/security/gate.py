"""The gate: every request passes here; who may come in, from which site, and which headers every answer carries."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http.cookies import CookieError, SimpleCookie
from typing import Literal
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cmdarr.app.control import Control
from cmdarr.config.settings import WebSettings
from cmdarr.web.problem import PROBLEM_JSON, Refused, problem_of, redacted
from cmdarr.web.security.login import COOKIE, Login, is_key
from cmdarr.web.security.origin import SAFE_METHODS, is_local_host, is_same_origin
from cmdarr.web.security.visitor import Visitor, header, trusted_networks, visitor_of
from cmdarr.web.workers import Workers

Identity = Literal["open", "session", "key", "nobody"]
"""How somebody came in: no password is set, with a session, with the API key, or not at all."""

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_BEARER = "bearer "
_FOREIGN = (
    "this came from a page of another site and was refused; use the pages of Cmdarr itself, or the API key."
)
_FOREIGN_HOST = (
    "this name is not answered while no password is set: call Cmdarr as localhost, or set `web.password` in "
    "settings.yaml."
)
_NO_LOGIN = "log in first, or send the API key as `X-API-Key` or as a bearer token."


@dataclass(frozen=True, slots=True)
class Entry:
    """What the gate found out; pages and API find it in `request.state.entry`."""

    visitor: Visitor
    identity: Identity


def is_public(path: str, settings: WebSettings) -> bool:
    """Whether a path answers without a login; import lists look at their own setting."""
    return (
        path in {"/health", "/login", "/favicon.ico"}
        or path.startswith(("/static/", "/import_lists/"))
        or (path == "/metrics" and settings.public_metrics)
    )


class Gate:
    """ASGI middleware. An error of what is behind it ends here too, as an answer without a detail of the inside."""

    def __init__(self, inner: ASGIApp, control: Control, login: Login, workers: Workers) -> None:
        self._inner = inner
        self._control = control
        self._login = login
        self._workers = workers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it."""
        if scope["type"] != "http":
            return
        settings = self._control.web_settings
        path = self._strip(scope, settings)
        answer = _Answering(send)
        try:
            entry = await self._examine(scope, path, settings)
            if entry is None:
                await self._ask_for_login(scope, path, settings)(scope, receive, answer)
                return
            scope.setdefault("state", {})["entry"] = entry
            await self._inner(scope, receive, answer)
        except Exception as error:
            if answer.has_begun:
                raise  # too late for another answer: the connection is closed
            await self._refuse(path, error)(scope, receive, answer)

    def _strip(self, scope: Scope, settings: WebSettings) -> str:
        """Take the base path off, whether or not the proxy already did; return the path that is left."""
        path: str = scope["path"]
        base = settings.base_path
        if base and (path == base or path.startswith(f"{base}/")):
            path = path[len(base) :] or "/"
        scope["path"], scope["root_path"] = path, ""
        return path

    async def _examine(self, scope: Scope, path: str, settings: WebSettings) -> Entry | None:
        """Return who comes in, None for somebody who must log in first; raise for what is refused."""
        visitor = visitor_of(scope, trusted_networks(settings.trusted_proxies))
        identity = await self._identify(scope, path, settings)
        if identity == "nobody" and not is_public(path, settings):
            return None
        if identity == "open" and not is_public(path, settings):
            _check_host(scope, settings)
        if scope["method"] not in SAFE_METHODS and identity != "key":
            is_strict = identity == "session"
            if not is_same_origin(scope, visitor, without_headers=not is_strict):
                raise Refused(403, _FOREIGN)
        return Entry(visitor, identity)

    async def _identify(self, scope: Scope, path: str, settings: WebSettings) -> Identity:
        if is_key(settings, stated_key(scope)):
            return "key"
        if settings.password is None:
            return "open"
        token = session_token(scope)
        if (
            token
            and not path.startswith("/static/")
            and await self._workers.run(partial(self._is_session, token))
        ):
            return "session"
        return "nobody"

    def _is_session(self, token: str) -> bool:
        with self._control.inside():
            return self._login.is_session(token)

    def _ask_for_login(self, scope: Scope, path: str, settings: WebSettings) -> Response:
        if is_machine_path(path):
            return problem_response(Refused(401, _NO_LOGIN), self._control.redact)
        after = (
            ""
            if path == "/" or scope["method"] != "GET"
            else f"?next={quote(_local_path(scope, path), safe='/')}"
        )
        return RedirectResponse(f"{settings.base_path}/login{after}", 303, {"Cache-Control": "no-store"})

    def _refuse(self, path: str, error: Exception) -> Response:
        if is_machine_path(path):
            return problem_response(error, self._control.redact)
        problem = problem_of(error)
        text = f"{problem.title}: {self._control.redact(problem.detail)}\n"
        return Response(text, problem.status, problem.headers(), "text/plain; charset=utf-8")


def is_machine_path(path: str) -> bool:
    """Whether programs, not people, ask at a path."""
    return (path.startswith("/api/") and path != "/api/docs") or path in {"/metrics", "/health"}


def problem_response(error: BaseException, redact: Callable[[str], str]) -> JSONResponse:
    """Return an error as problem+json."""
    problem = problem_of(error)
    document = redacted(problem.document(), redact)
    return JSONResponse(document, problem.status, problem.headers(), PROBLEM_JSON)


def stated_key(scope: Scope) -> str:
    """Return the API key that a request states, empty for none."""
    stated = header(scope, "x-api-key")
    authorization = header(scope, "authorization")
    if not stated and authorization.lower().startswith(_BEARER):
        stated = authorization[len(_BEARER) :].strip()
    return stated


def session_token(scope: Scope) -> str:
    """Return the session token of the cookie, empty for none."""
    try:
        found = SimpleCookie(header(scope, "cookie")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _check_host(scope: Scope, settings: WebSettings) -> None:
    if not is_local_host(header(scope, "host"), settings.host):
        raise Refused(403, _FOREIGN_HOST)


def _local_path(scope: Scope, path: str) -> str:
    query = scope.get("query_string", b"").decode("latin-1")
    return f"{path}?{query}" if query else path


class _Answering:
    """Sends on what an answer consists of, adds the security headers, and knows whether it has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.has_begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_begun = True
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)
