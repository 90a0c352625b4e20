"""Notices: what somebody should hear of a run, because something is other than it was the run before.

What was before comes from the history, so a restart repeats nothing. Nothing here waits for a service: `Outbox` sends.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypedDict

from cmdarr.app.apprise_door import send_by_apprise
from cmdarr.app.outbox import Notice, NotSent, Outbox, Send, UrlName, name_of
from cmdarr.app.run_verdict import Past, RecentRuns, runs_before, verdict_of
from cmdarr.config.command import NotifyEvent
from cmdarr.config.settings import Settings
from cmdarr.config.snapshot import Snapshot
from cmdarr.errors import NothingFound
from cmdarr.models.execution import Execution, Status, Trigger

MOST_LINES = 10
_Target = tuple[str, str, str]
"""Server, user and title; all empty for a run that has no targets."""
_RUN: _Target = ("", "", "")
_NO_URL = "there is no URL to send to: add one to `notifications.urls` in settings.yaml."


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlAnswer:
    """How one URL took the test; `error` is None when it did."""

    url: UrlName
    error: str | None


class UrlAnswerShape(TypedDict):
    """How one URL took the test: `url` is its key in settings.yaml, `error` is null when it arrived."""

    url: str
    scheme: str
    error: str | None


class DeliveryShape(TypedDict):
    """How every URL took the test, in the order of settings.yaml."""

    urls: list[UrlAnswerShape]


@dataclass(frozen=True, slots=True)
class _Told:
    """One event and the lines that tell it."""

    event: NotifyEvent
    headline: str
    lines: Sequence[str]


class Notices:
    """Listens to runs of the daemon and puts into the outbox what changed."""

    def __init__(
        self, *, history: Callable[[], RecentRuns], current: Callable[[], Snapshot], outbox: Outbox
    ) -> None:
        self._history = history
        self._current = current
        self._outbox = outbox

    def run_queued(self, execution: Execution) -> None:
        """Say nothing."""

    def run_started(self, execution: Execution) -> None:
        """Say nothing."""

    def progress(self, execution: Execution, step: str, done: int, total: int | None) -> None:
        """Say nothing."""

    def run_finished(self, execution: Execution) -> None:
        """Compare a run with those before it, when anybody wants to hear of it."""
        snapshot = self._current()
        urls = snapshot.settings.notifications.urls
        wanted = _wanted_events(snapshot, execution.command)
        if not urls or not wanted:
            return
        before = runs_before(self._history(), execution.command, execution.id)
        notice = find_notice(execution, before, wanted)
        if notice is not None:
            self._outbox.put(notice, [url.get_secret_value() for url in urls])


def find_notice(
    execution: Execution, before: Iterator[Execution], wanted: Collection[NotifyEvent]
) -> Notice | None:
    """Return what to tell of a run, None when nothing is other than before; `before` is newest first.

    A run that was started by hand on the command line was watched there: it is neither told nor compared with.
    """
    if execution.dry_run or not _is_ours(execution) or verdict_of(execution) is None:
        return None
    past = Past(run for run in before if _is_ours(run))
    found = (*_verdict(execution, past), *_held(execution, past), *_unmatched(execution, past))
    told = [each for each in found if each.event in wanted]
    if not told:
        return None
    return Notice(
        title=f"Cmdarr: {execution.command} {', '.join(each.headline for each in told)}",
        body="\n".join(line for each in told for line in each.lines),
        is_bad=told[0].event in {"failed", "held"},
    )


def try_urls(settings: Settings, send: Send = send_by_apprise) -> list[UrlAnswer]:
    """Send a test to every URL of the settings, now, and return how each took it.

    Raises:
        NothingFound: there is none.
    """
    urls = [url.get_secret_value() for url in settings.notifications.urls]
    if not urls:
        raise NothingFound(_NO_URL)
    notice = Notice(title="Cmdarr: a test", body="Notifications of Cmdarr arrive here.", is_bad=False)
    results = []
    for place, url in enumerate(urls):
        error = None
        try:
            send(url, notice)
        except NotSent as failure:
            error = str(failure)
        results.append(UrlAnswer(url=name_of(place, url), error=error))
    return results


def delivery_shape(answers: Sequence[UrlAnswer]) -> DeliveryShape:
    """Return how the URLs took the test as JSON."""
    return {
        "urls": [
            {"url": answer.url.key, "scheme": answer.url.scheme, "error": answer.error} for answer in answers
        ]
    }


def _wanted_events(snapshot: Snapshot, command: str) -> Collection[NotifyEvent]:
    entry = snapshot.commands.get(command)
    own = entry.options.notify if entry and entry.options else None
    return snapshot.settings.notifications.on if own is None else own


def _is_ours(run: Execution) -> bool:
    return run.trigger is not Trigger.MANUAL


def _verdict(execution: Execution, past: Past) -> Iterator[_Told]:
    last = past.find()
    before = verdict_of(last) if last else None
    now = verdict_of(execution)
    if now == "failing" and before != "failing":
        yield _Told("failed", "failed", [execution.error or execution.summary])
    if now == "working" and before == "failing":
        yield _Told("recovered", "works again", [execution.summary])


def _held(execution: Execution, past: Past) -> Iterator[_Told]:
    lines = []
    for target, reason in _held_targets(execution).items():
        last = past.find(partial(_is_judged, target=target))
        if last is None or target not in _held_targets(last):
            lines.append(f"{_name(target)}: held, because {reason}" if target != _RUN else reason)
    if lines:
        cure = f"To let it happen: cmdarr run {execution.command} --accept-removals"
        yield _Told("held", "holds a change back", [*lines, cure])


def _unmatched(execution: Execution, past: Past) -> Iterator[_Told]:
    lines: list[str] = []
    for target, result in _targets(execution).items():
        if not _is_judged(execution, target):
            continue
        last = past.find(partial(_is_judged, target=target))
        known = set(map(_track, _tracks(_targets(last).get(target, {})))) if last else set()
        new = [track for track in _tracks(result) if _track(track) not in known]
        lines += [f"not on {_name(target)}: {track.get('artist')} – {track.get('title')}" for track in new]
    if lines:
        count = f"{len(lines)} new unmatched track{'' if len(lines) == 1 else 's'}"
        more = [f"… and {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else []
        yield _Told("unmatched", f"has {count}", [*lines[:MOST_LINES], *more])


def _targets(execution: Execution) -> dict[_Target, Mapping[str, object]]:
    targets = execution.result.get("targets")
    return {
        (str(one.get("server") or ""), str(one.get("user") or ""), str(one.get("title") or "")): one
        for one in (targets if isinstance(targets, list | tuple) else ())
    }


def _held_targets(execution: Execution) -> dict[_Target, str]:
    """Return why each target is held; a run that is held as a whole counts as one."""
    held = {
        target: str(one.get("held_reason") or execution.summary)
        for target, one in _targets(execution).items()
        if one.get("held")
    }
    return held or ({_RUN: execution.summary} if execution.status is Status.HELD else {})


def _is_judged(execution: Execution, target: _Target) -> bool:
    """Whether a run came as far as matching for a target: one that failed before says nothing about it."""
    if target == _RUN:
        return verdict_of(execution) == "working"
    one = _targets(execution).get(target, {})
    return bool(one.get("matched") or one.get("unmatched"))


def _tracks(target: Mapping[str, object]) -> Sequence[Mapping[str, object]]:
    tracks = target.get("unmatched")
    return tracks if isinstance(tracks, list | tuple) else ()


def _track(track: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(str(track.get(name) or "").casefold() for name in ("artist", "title", "album"))


def _name(target: _Target) -> str:
    server, user, title = target
    return f"{server}{f' ({user})' if user else ''} “{title}”"
