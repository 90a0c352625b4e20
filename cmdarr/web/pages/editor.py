"""The editor: a file as text, what is found in it, what saving would change, and saving it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cmdarr.app.editing import (
    Conflict,
    Draft,
    FileChanged,
    NotWritable,
    OpenFile,
    TooLargeToEdit,
    UnknownMark,
    for_browser,
    from_browser,
    unified_diff,
)
from cmdarr.config.tree import is_command_file
from cmdarr.errors import CmdarrError, Finding, UsageError
from cmdarr.models.naming import is_command_name
from cmdarr.web.pages.page import Done, PageResult, PageRoute, View, Visit
from cmdarr.web.pages.reload_words import said_of_saved

if TYPE_CHECKING:
    from markupsafe import Markup

_HERE = "/configuration"
_START = (
    "# yaml-language-server: $schema=../schema/command.json\nkind: {kind}\ndescription:\nschedule: manual\n"
)
_NAME_RULE = "a name has 1 to 64 of the characters a-z, 0-9, - and _, and begins with a letter or digit."
_SIGNS = {"+": "added", "-": "removed", "@": "place"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the page shows beside the file itself.

    `previewed` names the text whose difference is shown: only that text is saved. `must_accept` asks for the tick to
    save in spite of errors.
    """

    findings: Sequence[Finding] = ()
    difference: str | None = None
    previewed: str = ""
    must_accept: bool = False
    conflict: Conflict | None = None
    message: str = ""
    status: int = 200


def edit_file(visit: Visit) -> View:
    """Show a file."""
    file = visit.parts["file"]
    before = visit.control.editor.open(file)
    if before.is_new and is_command_file(file):
        return _view(before, _START.format(kind=_kind(visit)), Page())
    return _view(before, before.text, Page(findings=visit.control.editor.check(file, before.text).findings))


def new_command(visit: Visit) -> View:
    """Ask for the name of a new command, and begin its file once it is said."""
    name = visit.query.get("name", "").strip()
    if name and is_command_name(name):
        before = visit.control.editor.open(f"commands/{name}.yaml")
        if before.is_new:
            return _view(before, _START.format(kind=_kind(visit)), Page())
    message = f"there is a command {name} already." if is_command_name(name) else _NAME_RULE
    context = {
        "name": name,
        "kinds": visit.control.editor.kinds(),
        "kind": _kind(visit),
        "message": message if name else "",
    }
    return View(
        template="new_command.html", title="New command", context=context, status=422 if name else 200
    )


def save_file(visit: Visit) -> PageResult:
    """Show what saving would change; save it when that was seen, and the file is as it was."""
    file, form, editor = visit.parts["file"], visit.form, visit.control.editor
    if "text" not in form:
        raise UsageError("the form holds no text.")
    before = editor.open(file)
    text = from_browser(form["text"], before.text)
    if before.digest != form.get("digest"):
        return _conflict(visit, text)
    try:
        draft = editor.check(file, text)
    except (UnknownMark, TooLargeToEdit, UsageError) as error:
        return _view(before, text, Page(message=str(error), status=error.http_status))
    is_accepted = not draft.errors or form.get("anyway") == "true"
    is_seen = form.get("previewed") == _name_of(text)
    if form.get("do") != "save" or not draft.diff or not is_seen or not is_accepted:
        return _view(before, text, _preview(draft, text, is_asked=form.get("do") == "save"))
    try:
        saved = editor.save(file, text, before.digest, anyway=form.get("anyway") == "true")
    except FileChanged:
        return _conflict(visit, text)
    except NotWritable as error:
        return commit_instead(before, text, str(error))
    return Done(to=_HERE, **said_of_saved(saved, f"{file} is saved"))


def commit_instead(before: OpenFile, text: str, message: str) -> View:
    """Show what to commit where the configuration comes from, since it cannot be written here."""
    difference = unified_diff(before.text, text, before.file, is_new=before.is_new)
    return _view(before, text, Page(difference=difference, message=message, status=409))


def _preview(draft: Draft, text: str, *, is_asked: bool) -> Page:
    """Return what the preview shows; a save that was asked for and not done says why."""
    message = "the text was changed after the preview: look at what is saved now." if is_asked else ""
    if draft.errors and is_asked:
        message = "the file would be broken: correct it, or tick that it is to be saved all the same."
    return Page(
        findings=draft.findings,
        difference=draft.diff,
        previewed=_name_of(text),
        must_accept=bool(draft.errors),
        message=message,
        status=422 if is_asked else 200,
    )


def _conflict(visit: Visit, text: str) -> View:
    """Show both versions; saving then replaces the one on disk."""
    editor, file = visit.control.editor, visit.parts["file"]
    conflict = editor.conflict(file, text, visit.form.get("digest", ""))
    try:
        draft = editor.check(file, text)
    except CmdarrError as error:
        return _view(conflict.now, text, Page(conflict=conflict, message=str(error), status=409))
    return _view(
        conflict.now,
        text,
        Page(
            findings=draft.findings,
            difference=conflict.mine,
            previewed=_name_of(text),
            must_accept=bool(draft.errors),
            conflict=conflict,
            message=f"{file} was changed on disk since you began: nothing was saved.",
            status=409,
        ),
    )


def _view(file: OpenFile, text: str, page: Page) -> View:
    context = {
        "file": file,
        "shown": _as_written(for_browser(text)),
        "page": page,
        "difference": None if page.difference is None else _lines(page.difference),
        "difference_text": _as_written(page.difference or ""),
        "theirs": _lines(page.conflict.theirs) if page.conflict else [],
        "has_marks": bool(file.secrets),
        "rows": min(max(text.count("\n") + 3, 14), 40),
    }
    return View(template="editor.html", title=file.file, context=context, status=page.status)


def _lines(difference: str) -> "list[tuple[str, Markup]]":
    """Return the lines of a difference, each with the word for its sign."""
    lines = difference.replace("\r", "").split("\n")[:-1] if difference else []
    return [
        ("" if line[:3] in {"---", "+++"} else _SIGNS.get(line[:1], ""), _as_written(line)) for line in lines
    ]


def _as_written(text: str) -> "Markup":
    """Return a text as HTML; its secrets are behind marks already, and masking it again would lose these."""
    from markupsafe import escape

    return escape(text)


def _name_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _kind(visit: Visit) -> str:
    kind = visit.query.get("kind", "")
    return kind if kind in visit.control.editor.kinds() else "playlist_sync"


ROUTES = (
    PageRoute(path=f"{_HERE}/new", show=new_command),
    PageRoute(path=f"{_HERE}/edit/{{file:path}}", show=edit_file),
    PageRoute(path=f"{_HERE}/edit/{{file:path}}", show=save_file, method="POST", back=_HERE, is_slow=True),
)
