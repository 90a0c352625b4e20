"""Cache and data: what the two databases hold, how to empty, to save and to put them back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.responses import RedirectResponse, Response

from cmdarr.app.archives import find_archive, keep_with_secrets, kept_archives
from cmdarr.app.upkeep import reset
from cmdarr.errors import CmdarrError, UsageError
from cmdarr.models.cache import CacheSource, CacheStats
from cmdarr.web.api.data import MOST_UPLOAD_BYTES
from cmdarr.web.pages.page import Done, Nav, PageResult, PageRoute, View, Visit
from cmdarr.web.problem import problem_of
from cmdarr.web.restoring import restore_archive

HERE = "/data"
RESET_WORDS, RESTORE_WORDS = "reset all", "restore"
MOST_ARCHIVES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheTotals:
    """The cache as a whole; `hit_rate` is None while nobody has asked it."""

    size_bytes: int
    entries: int
    tracks: int
    hit_rate: float | None


def show_data(visit: Visit) -> View:
    """Show what is kept, and the buttons."""
    control = visit.control
    figures = control.app.cache.stats()
    archives, total = kept_archives(control.app, MOST_ARCHIVES)
    return View(
        template="data.html",
        title="Cache and data",
        context={
            "cache": _totals(figures),
            "sources": [(source, hit_rate(source.hits, source.misses)) for source in figures.sources],
            "libraries": figures.libraries,
            "active": control.active(),
            "archives": archives,
            "archive_total": total,
            "config_db_bytes": _size_of(control.store.path),
            "reset_words": RESET_WORDS,
            "restore_words": RESTORE_WORDS,
            "most_upload": MOST_UPLOAD_BYTES,
            "has_password": control.web_settings.password is not None,
        },
    )


def reset_cache(visit: Visit) -> Done:
    """Empty the cache, or forget what it holds of one service."""
    source = visit.form.get("source") or None
    visit.control.reset_cache(source)
    what = f"What the cache held of {source}" if source else "The cache"
    return Done(to=HERE, sentence=f"{what} is gone; it is rebuilt as it is needed.")


def reset_everything(visit: Visit) -> PageResult:
    """Empty both databases."""

    def work() -> Done:
        _check_words(visit.form, RESET_WORDS)
        kept = visit.control.alone(lambda: reset(visit.control.app))
        return Done(to=HERE, sentence=f"Both databases are empty.{_where(kept)}")

    return _or_say_why_not(visit, work)


def restore_upload(visit: Visit) -> PageResult:
    """Put an archive back that was sent."""

    def work() -> Done:
        _check_words(visit.form, RESTORE_WORDS)
        if visit.upload is None:
            raise UsageError("choose a file first.")
        return _restored(restore_archive(visit.control, visit.upload, "the upload"), "The backup")

    return _or_say_why_not(visit, work)


def restore_kept(visit: Visit) -> PageResult:
    """Put an archive back that lies in `data/backups`."""

    def work() -> Done:
        _check_words(visit.form, RESTORE_WORDS)
        file = find_archive(visit.control.app, visit.form.get("name", ""))
        return _restored(restore_archive(visit.control, file, file.name), file.name)

    return _or_say_why_not(visit, work)


def keep_backup(visit: Visit) -> Done:
    """Write an archive with the secrets into `data/backups`."""
    path = keep_with_secrets(visit.control.app)
    return Done(to=HERE, sentence=f"The backup with your secrets is `data/backups/{path.name}`.")


def go_back(visit: Visit) -> Response:
    """Lead somebody who asks again for what was the answer to a form to the page itself."""
    return RedirectResponse(f"{visit.control.web_settings.base_path}{HERE}", 303)


def hit_rate(hits: int, misses: int) -> float | None:
    """Return how many of the questions the cache answered, in percent; None without questions."""
    return 100 * hits / (hits + misses) if hits + misses else None


def _totals(figures: CacheStats) -> CacheTotals:
    def count(value: Callable[[CacheSource], int]) -> int:
        return sum(map(value, figures.sources))

    return CacheTotals(
        size_bytes=figures.size_bytes,
        entries=count(lambda source: source.entries),
        tracks=sum(library.tracks for library in figures.libraries),
        hit_rate=hit_rate(count(lambda source: source.hits), count(lambda source: source.misses)),
    )


def _or_say_why_not(visit: Visit, work: Callable[[], Done]) -> PageResult:
    """Do what needs the databases alone; what keeps it from being done is said on the same page, with its status."""
    try:
        return work()
    except CmdarrError as error:
        problem = problem_of(error)
        with visit.control.inside():
            view = show_data(visit)
        notice = {"kind": "failed", "text": problem.detail}
        return View(
            template=view.template,
            title=view.title,
            context={**view.context, "notice": notice},
            status=problem.status,
        )


def _restored(kept: Path | None, what: str) -> Done:
    return Done(to=HERE, sentence=f"{what} is in place, and Cmdarr goes on with it.{_where(kept)}")


def _where(kept: Path | None) -> str:
    return f" What was there before is kept in `data/backups/{kept.name}`." if kept else ""


def _check_words(form: Mapping[str, str], words: str) -> None:
    if form.get("confirm", "").strip().casefold() != words:
        raise UsageError(f"nothing was changed: type the words `{words}` to confirm.")


def _size_of(path: Path) -> int:
    """Return the bytes of a database and of its log."""
    return sum(file.stat().st_size for file in (path, path.with_name(f"{path.name}-wal")) if file.exists())


NAV = Nav("Data", HERE, 70)
ROUTES = (
    PageRoute(path=HERE, show=show_data),
    PageRoute(path=f"{HERE}/reset-cache", show=reset_cache, method="POST", back=HERE, is_slow=True),
    PageRoute(
        path=f"{HERE}/reset-all", show=reset_everything, method="POST", back=HERE, is_slow=True, is_alone=True
    ),
    PageRoute(path=f"{HERE}/keep", show=keep_backup, method="POST", back=HERE, is_slow=True),
    PageRoute(
        path=f"{HERE}/restore-kept", show=restore_kept, method="POST", back=HERE, is_slow=True, is_alone=True
    ),
    PageRoute(
        path=f"{HERE}/restore", show=restore_upload, method="POST", back=HERE, is_slow=True, is_alone=True,
        upload_bytes=MOST_UPLOAD_BYTES,
    ),
    *(PageRoute(path=f"{HERE}/{name}", show=go_back) for name in ("reset-all", "restore-kept", "restore")),
)  # fmt: skip
