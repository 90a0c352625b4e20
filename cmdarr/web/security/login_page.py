"""The login page, and the way out."""

from functools import partial

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from cmdarr.app.control import Control
from cmdarr.errors import CmdarrError
from cmdarr.web.pages.frame import Frame
from cmdarr.web.pages.page import View
from cmdarr.web.pages.serve import read_form, visit_of
from cmdarr.web.pages.words import span
from cmdarr.web.problem import problem_of
from cmdarr.web.security.gate import session_token
from cmdarr.web.security.limiter import LoginLimiter
from cmdarr.web.security.login import COOKIE, SESSION_LASTS, Login
from cmdarr.web.workers import Workers

_NO_STORE = {"Cache-Control": "no-store"}
_WRONG = "user name or password is wrong."


class LoginPage:
    """Lets people in and out; a wrong password costs time, more with each one."""

    def __init__(self, control: Control, frame: Frame, login: Login, workers: Workers) -> None:
        self._control = control
        self._frame = frame
        self._login = login
        self._workers = workers
        self._limiter = LoginLimiter(control.app.clock)

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        return [
            Route("/login", self._show, methods=["GET"]),
            Route("/login", self._enter, methods=["POST"]),
            Route("/logout", self._leave, methods=["POST"]),
        ]

    async def _show(self, request: Request) -> Response:
        after = local_path(request.query_params.get("next", ""))
        if request.state.entry.identity != "nobody":
            return self._go_to(after)
        return await self._page(request, after, "", 200)

    async def _enter(self, request: Request) -> Response:
        if request.state.entry.identity == "open":
            return self._go_to("/")
        address = request.state.entry.visitor.address
        form = await self._form(request)
        after = local_path(form.get("next", ""))
        if (wait := self._limiter.wait_s(address)) > 0:
            return await self._page(
                request, after, f"too many wrong passwords: wait {span(wait)}.", 429, wait
            )
        self._limiter.note_failure(address)  # before the answer is known: tries at the same time count too
        try:
            token = await self._workers.run(partial(self._check, form), is_slow=True)
        except CmdarrError as error:
            return await self._page(request, after, problem_of(error).detail, problem_of(error).status)
        if not token:
            return await self._page(request, after, _WRONG, 403)
        self._limiter.note_success(address)
        return self._with_cookie(request, self._go_to(after), token)

    async def _leave(self, request: Request) -> Response:
        await self._workers.run(partial(self._end, session_token(request.scope)))
        response = self._go_to("/login")
        response.delete_cookie(COOKIE, path=self._frame.url("/"))
        return response

    async def _form(self, request: Request) -> dict[str, str]:
        return dict(await read_form(request))

    def _check(self, form: dict[str, str]) -> str:
        """Return the token of a new session, empty when name or password is wrong."""
        if not self._login.is_right(form.get("username", ""), form.get("password", "")):
            return ""
        with self._control.inside():
            return self._login.begin_session()

    def _end(self, token: str) -> None:
        with self._control.inside():
            self._login.end_session(token)

    async def _page(
        self, request: Request, after: str, failure: str, status: int, wait: float = 0.0
    ) -> Response:
        view = View(template="login.html", title="Log in", context={"after": after, "failure": failure})
        visit = visit_of(self._control, request, {})
        html = await self._workers.run(partial(self._frame.render, view, visit))
        headers = _NO_STORE | ({"Retry-After": str(int(wait) + 1)} if wait else {})
        return HTMLResponse(html, status, headers)

    def _go_to(self, path: str) -> Response:
        return RedirectResponse(self._frame.url(path), 303, _NO_STORE)

    def _with_cookie(self, request: Request, response: Response, token: str) -> Response:
        response.set_cookie(
            COOKIE,
            token,
            max_age=int(SESSION_LASTS.total_seconds()),
            path=self._frame.url("/"),
            secure=request.state.entry.visitor.is_secure,
            httponly=True,
            samesite="lax",
        )
        return response


def local_path(text: str) -> str:
    """Return a path of ours to go to; anything that a browser could take for another site becomes `/`."""
    is_local = text.startswith("/") and not text.startswith(("//", "/\\", "/login", "/logout"))
    return text if is_local and text.isprintable() and "\\" not in text else "/"
