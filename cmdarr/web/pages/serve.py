"""From page routes to routes: forms are read, the work and the rendering are done in a thread, errors become pages."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from cmdarr.app.control import Control
from cmdarr.web.pages.frame import Frame
from cmdarr.web.pages.page import Done, PageRoute, View, Visit
from cmdarr.web.problem import Problem, problem_of
from cmdarr.web.reading import read_limited
from cmdarr.web.security.gate import Entry
from cmdarr.web.upload_form import receive_file_form
from cmdarr.web.workers import Workers

MOST_FORM_BYTES = 2_000_000
NOTICE = "cmdarr_notice"
_NOTICE_S = 60
_MOST_NOTICE = 1500
_NO_STORE = {"Cache-Control": "no-store"}


class Pages:
    """Makes routes of pages."""

    def __init__(self, control: Control, frame: Frame, workers: Workers) -> None:
        self._control = control
        self._frame = frame
        self._workers = workers

    def route(self, page: PageRoute) -> Route:
        """Return the route of one page."""

        async def handle(request: Request) -> Response:
            visit = visit_of(self._control, request, {})
            try:
                async with self._read_form(page, request) as (form, upload):
                    sent = replace(visit, form=form, upload=upload)
                    return await self._workers.run(partial(self._answer, page, sent), is_slow=page.is_slow)
            except Exception as error:  # noqa: BLE001 - the web side's error handler, as in the API
                if page.method == "POST":
                    return self._redirect(self._failed(page, error, visit), visit)
                return await self._workers.run(partial(self.error_page, problem_of(error), visit))

        return Route(page.path, handle, methods=[page.method])

    async def not_found(self, request: Request, error: Exception) -> Response:
        """Answer what no route takes, as a page."""
        visit = visit_of(self._control, request, {})
        return await self._workers.run(partial(self.error_page, problem_of(error), visit))

    def error_page(self, problem: Problem, visit: Visit) -> Response:
        """Return an error as a page."""
        view = View(
            template="error.html", title=problem.title, context={"problem": problem}, status=problem.status
        )
        return self._html(view, visit, None)

    @asynccontextmanager
    async def _read_form(
        self, page: PageRoute, request: Request
    ) -> AsyncIterator[tuple[Mapping[str, str], Path | None]]:
        """Read what came with a request: the fields of its form, and a file where the page takes one."""
        if page.method == "GET":
            yield {}, None
        elif page.upload_bytes:
            async with receive_file_form(request, self._control.app.data_dir, page.upload_bytes) as (
                form,
                file,
            ):
                yield form, file
        else:
            yield await read_form(request), None

    def _answer(self, page: PageRoute, visit: Visit) -> Response:
        if page.is_alone:
            return self._respond(page.show(visit), visit)
        with self._control.inside():
            return self._respond(page.show(visit), visit)

    def _respond(self, result: View | Done | Response, visit: Visit) -> Response:
        if isinstance(result, Response):
            return result
        if isinstance(result, Done):
            return self._redirect(result, visit)
        return self._html(result, visit, read_notice(visit.cookies))

    def _html(self, view: View, visit: Visit, notice: Mapping[str, str] | None) -> Response:
        response = HTMLResponse(self._frame.render(view, visit, notice), view.status, _NO_STORE)
        if notice is not None:
            response.delete_cookie(NOTICE, path=self._frame.url("/"))
        return response

    def _failed(self, page: PageRoute, error: Exception, visit: Visit) -> Done:
        parts = {key: quote(value, safe="") for key, value in visit.parts.items()}
        return Done(to=page.back.format_map(parts), sentence=problem_of(error).detail, kind="failed")

    def _redirect(self, done: Done, visit: Visit) -> Response:
        response = RedirectResponse(self._frame.url(done.to), 303, _NO_STORE)
        text = self._control.redact(done.sentence)[:_MOST_NOTICE]
        response.set_cookie(
            NOTICE,
            quote(json.dumps({"kind": done.kind, "text": text})),
            max_age=_NOTICE_S,
            path=self._frame.url("/"),
            secure=visit.entry.visitor.is_secure,
            httponly=True,
            samesite="strict",
        )
        return response


def read_notice(cookies: Mapping[str, str]) -> Mapping[str, str] | None:
    """Return what the form before said; a cookie that is none is ignored."""
    try:
        notice: Any = json.loads(unquote(cookies.get(NOTICE, "")))
        return {"kind": "done" if notice["kind"] == "done" else "failed", "text": str(notice["text"])}
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def visit_of(control: Control, request: Request, form: Mapping[str, str]) -> Visit:
    """Return a request as pages see it."""
    entry: Entry = request.state.entry
    return Visit(
        control=control,
        entry=entry,
        path=request.url.path,
        parts={key: str(value) for key, value in request.path_params.items()},
        query=dict(parse_qsl(request.url.query, keep_blank_values=True, max_num_fields=100)),
        form=form,
        cookies=request.cookies,
        last_event=control.board.last_id,
    )


async def read_form(request: Request) -> Mapping[str, str]:
    """Return the fields of a form, each with its last value."""
    data = await read_limited(request, MOST_FORM_BYTES)
    return dict(parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=1000))
