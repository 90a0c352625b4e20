"""A revision of a playlist: what it holds, what changed since or until then, and putting it back."""

from collections.abc import Sequence

from cmdarr.app.playlists import compare_revisions, put_back
from cmdarr.errors import NothingFound, UsageError
from cmdarr.library.plan import plan_change
from cmdarr.library.sync_report import plan_lines
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import Revision
from cmdarr.web.pages.command import MOST_SHOWN
from cmdarr.web.pages.page import Done, PageRoute, View, Visit, number_in
from cmdarr.web.pages.result import ChangeLine, read_lines

_NOW = "now"
_PATH = "/commands/{name}/revisions/{id:int}"


def show_revision(visit: Visit) -> View:
    """Show a revision, and how it differs from another one where the visitor asks for that."""
    revision = _find(visit)
    store, other = visit.control.store, visit.query.get("with", "")
    others = [
        each
        for each in store.revisions.list(server=revision.server, playlist_id=revision.playlist_id)
        if each.user == revision.user and each.id != revision.id
    ]
    if other not in {"", _NOW, *(str(each.id) for each in others)}:
        raise UsageError("choose one of the revisions of the same playlist to compare with.")
    return View(
        template="revision.html",
        title=f"Revision {revision.id}",
        context={
            "name": revision.command,
            "revision": revision,
            "others": others,
            "other": other,
            "lines": _compare(visit, revision, other) if other else None,
            "most": MOST_SHOWN,
        },
    )


def confirm_restore(visit: Visit) -> View:
    """Show what putting a revision back would change, before it is done."""
    revision = _find(visit)
    lines: Sequence[ChangeLine] | None = None
    try:
        change = compare_revisions(visit.control.app, revision, None, CancelToken())
        lines = read_lines(plan_lines(plan_change(change.wanted, change.current)))
    except NothingFound:
        pass  # the playlist is gone: it is made again
    return View(
        template="restore.html",
        title=f"Put revision {revision.id} back",
        context={"name": revision.command, "revision": revision, "lines": lines, "most": MOST_SHOWN},
    )


def restore(visit: Visit) -> Done:
    """Put a revision back on its server."""
    revision = _find(visit)
    report = put_back(visit.control.app, revision, CancelToken())
    change, missing = report.change, len(report.missing)
    parts = [
        f"{len(change.added)} added, {len(change.removed)} removed, {len(change.moved)} moved",
        f"{missing} of its tracks {'is' if missing == 1 else 'are'} no longer there" if missing else "",
    ]
    sentence = f"“{revision.title}” on {revision.server} is as in revision {revision.id}: "
    return Done(to=f"/commands/{revision.command}", sentence=f"{sentence}{'; '.join(filter(None, parts))}.")


def _find(visit: Visit) -> Revision:
    revision = visit.control.store.revisions.get(number_in(visit))
    if revision.command != visit.parts["name"]:
        raise NothingFound(f"{visit.parts['name']} has no revision {revision.id}.")
    return revision


def _compare(visit: Visit, revision: Revision, other: str) -> Sequence[ChangeLine]:
    number = None if other == _NOW else int(other)
    return read_lines(plan_lines(compare_revisions(visit.control.app, revision, number, CancelToken())))


ROUTES = (
    PageRoute(path=_PATH, show=show_revision, is_slow=True),
    PageRoute(path=f"{_PATH}/restore", show=confirm_restore, is_slow=True),
    PageRoute(path=f"{_PATH}/restore", show=restore, method="POST", back="/commands/{name}", is_slow=True),
)
