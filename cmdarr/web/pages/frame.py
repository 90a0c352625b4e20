"""The frame of all pages: templates, what every template knows, and static files under a name that holds their hash."""

import hashlib
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cmdarr import __version__
from cmdarr.app.control import Control
from cmdarr.web.pages import words
from cmdarr.web.pages.page import Nav, View, Visit

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parents[1] / "templates"
STATIC = Path(__file__).parents[1] / "static"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}


class Frame:
    """Renders views. Safe to share by threads; Jinja is imported at the first page."""

    def __init__(self, control: Control, nav: Sequence[Nav], paths: Iterable[str] = ()) -> None:
        """`paths` are those of all pages: a template links only to what `exists`."""
        self._control = control
        self._paths = frozenset(paths)
        self._nav = tuple(sorted(nav, key=lambda one: one.place))
        self._lock = threading.Lock()

    @cached_property
    def files(self) -> Mapping[str, bytes]:
        """The static files by name."""
        return {path.name: path.read_bytes() for path in sorted(STATIC.iterdir()) if path.suffix in TYPES}

    @cached_property
    def version(self) -> str:
        """A text that changes whenever a static file does."""
        digest = hashlib.sha256()
        for name, data in self.files.items():
            digest.update(name.encode() + b"\0" + data)
        return digest.hexdigest()[:12]

    def render(self, view: View, visit: Visit, notice: Mapping[str, str] | None = None) -> str:
        """Return a page as HTML, every secret in its values masked."""
        return self._environment.get_template(view.template).render(
            {**self._shared(view, visit), "notice": notice, **view.context}
        )

    def url(self, path: str) -> str:
        """Return a path as the browser must ask for it."""
        return f"{self._control.web_settings.base_path}{path}"

    def asset(self, name: str) -> str:
        """Return where a static file lies."""
        return self.url(f"/static/{self.version}/{name}")

    def _shared(self, view: View, visit: Visit) -> dict[str, object]:
        snapshot = self._control.snapshot
        return {
            "title": view.title,
            "path": visit.path,
            "last_event": visit.last_event,
            "nav": self._nav,
            "identity": visit.entry.identity,
            "now": self._control.now(),
            "zone": snapshot.settings.zone,
            "version": __version__,
            "broken_files": len({finding.file for finding in snapshot.errors}),
        }

    @property
    def _environment(self) -> "Environment":
        with self._lock:
            return self._made_environment

    @cached_property
    def _made_environment(self) -> "Environment":
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            auto_reload=False,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=_masking(self._control.redact),
        )
        environment.globals.update(url=self.url, asset=self.asset, exists=self._paths.__contains__)
        environment.filters.update(_filters(self._control.redact))
        return environment


def _masking(redact: Callable[[str], str]) -> Callable[[Any], Any]:
    """Return what Jinja does with every value that it writes; markup was made of masked values already."""
    from markupsafe import Markup

    def mask(value: Any) -> Any:
        if isinstance(value, Markup) or not isinstance(value, str):
            return value
        return redact(value)

    return mask


def _filters(mask: Callable[[str], str]) -> dict[str, Callable[..., Any]]:
    return {
        "ago": words.ago,
        "until": words.until,
        "span": words.span,
        "size": words.size,
        "iso": words.iso,
        "local": words.local_time,
        "clock": words.clock_time,
        "schedule": words.schedule_in_words,
        "number": words.number,
        "prose": lambda text: words.prose(mask(text)),
    }
