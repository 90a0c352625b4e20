"""What Prometheus reads: the state of a daemon as metric families, put together at every scrape.

No text of a label holds a secret, and each label has as many values as the configuration has things: commands,
services, playlists. Only `cmdarr.web.metrics` imports this, at the first scrape.
"""

import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector

from cmdarr import __version__
from cmdarr.app.control import Control
from cmdarr.app.run_figures import CommandFigures, Distribution, Figures
from cmdarr.app.run_verdict import runs_before
from cmdarr.errors import StorageError
from cmdarr.models.execution import Status
from cmdarr.storage.engine_version import sqlite_version

_Samples = Iterable[tuple[Sequence[str], float]]
_PLAYLIST = ("command", "server", "user", "title")


def make_registry(control: Control) -> CollectorRegistry:
    """Return a registry of its own that asks the daemon at every scrape, and the system about the process."""
    registry = CollectorRegistry()
    registry.register(_Daemon(control))
    ProcessCollector(registry=registry)
    return registry


@dataclass(frozen=True)
class _Daemon(Collector):
    """Collects from a daemon; call it inside of `Control.inside`."""

    control: Control

    def describe(self) -> Iterable[Metric]:
        """Name nothing: the registry would collect everything to find the names."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield every family."""
        control = self.control
        figures = self._figures()
        yield _build_info()
        yield from self._health()
        yield from _run_families(figures, control)
        yield from _command_families(figures.commands, control)
        yield from _playlist_families(figures.commands, control)
        yield from _active_families(control)
        yield from _schedule_families(figures, control)
        yield from _config_families(figures, control)
        yield from _cache_families(control)
        yield from _library_families(control)
        yield from _budget_families(control)
        yield from _held_families(control)
        yield from _notice_families(control)

    def _figures(self) -> Figures:
        """Return the figures; how the commands ended before the start is looked up once."""
        figures, names = self.control.daemon.figures, list(self.control.snapshot.commands)
        with suppress(StorageError):
            history, unknown = self.control.store.history, figures.unknown(names)
            ended = [next(runs_before(history, name), None) for name in unknown]
            figures.remember(unknown, (run for run in ended if run is not None))
        return figures.read(names)

    def _health(self) -> Iterator[Metric]:
        problems = self.control.daemon.find_problems()
        yield GaugeMetricFamily(
            "cmdarr_health_problems", "Reasons that /health gives for not being well.", len(problems)
        )


def _build_info() -> Metric:
    about = {"version": __version__, "python": platform.python_version(), "sqlite": sqlite_version()}
    return InfoMetricFamily("cmdarr_build", "What runs here.", about)


def _run_families(figures: Figures, control: Control) -> Iterator[Metric]:
    # The usual ends of every command are there from the start: of a series that begins with 1, Prometheus sees no rise.
    runs = {
        (name, entry.kind, status): 0
        for name, entry in control.snapshot.commands.items()
        if entry.options is not None
        for status in (Status.SUCCEEDED.value, Status.FAILED.value)
    }
    yield _counter(
        "cmdarr_runs", "Finished runs since the start, without dry runs.", ("command", "kind", "status"),
        sorted({**runs, **figures.runs}.items()),
    )  # fmt: skip
    durations = HistogramMetricFamily(
        "cmdarr_run_duration_seconds", "How long runs took, without dry runs.", labels=("kind",)
    )
    for kind, known in sorted(figures.durations.items()):
        durations.add_metric((_text(kind),), *_buckets(known))
    yield durations


def _command_families(commands: Mapping[str, CommandFigures], control: Control) -> Iterator[Metric]:
    labels = ("command", "kind")
    rows = {(name, found.kind): found for name, found in sorted(commands.items())}
    yield _gauge(
        "cmdarr_command_failing", "Whether the last run that worked or failed has failed.", labels,
        ((key, found.verdict == "failing") for key, found in rows.items()),
    )  # fmt: skip
    yield _gauge(
        "cmdarr_command_held", "Whether the last run waits for somebody to accept its removals.", labels,
        ((key, found.is_held) for key, found in rows.items()),
    )  # fmt: skip
    yield _gauge(
        "cmdarr_command_last_run_timestamp_seconds", "When the last run that worked or failed ended.", labels,
        ((key, found.finished_at.timestamp()) for key, found in rows.items() if found.finished_at),
    )  # fmt: skip
    states: dict[str, int] = {}
    for entry in control.snapshot.commands.values():
        states[entry.state.value] = states.get(entry.state.value, 0) + 1
    yield _gauge(
        "cmdarr_commands", "Commands of the configuration in force.", ("state",),
        (((state,), count) for state, count in sorted(states.items())),
    )  # fmt: skip


def _playlist_families(commands: Mapping[str, CommandFigures], control: Control) -> Iterator[Metric]:
    rows = {
        (name, one.server, one.user, control.redact(one.title)): one
        for name, found in sorted(commands.items())
        for one in found.playlists
    }
    yield _gauge(
        "cmdarr_playlist_match_ratio", "Share of the wanted tracks that the server has, at the last run.",
        _PLAYLIST, ((key, one.matched / one.wanted) for key, one in rows.items()),
    )  # fmt: skip
    yield _gauge(
        "cmdarr_playlist_wanted_tracks", "Tracks that the source has, at the last run.",
        _PLAYLIST, ((key, one.wanted) for key, one in rows.items()),
    )  # fmt: skip
    yield _gauge(
        "cmdarr_playlist_unmatched_tracks", "Wanted tracks that the server lacks, at the last run.",
        _PLAYLIST, ((key, one.wanted - one.matched) for key, one in rows.items()),
    )  # fmt: skip


def _active_families(control: Control) -> Iterator[Metric]:
    active = control.active()
    yield _gauge(
        "cmdarr_runs_active", "Runs that wait or go on.", ("state",),
        (((state.value,), sum(run.status is state for run in active)) for state in (Status.QUEUED, Status.RUNNING)),
    )  # fmt: skip
    yield _gauge(
        "cmdarr_run_start_timestamp_seconds", "When the runs that go on began.", ("command", "kind"),
        (((run.command, run.kind), run.started_at.timestamp()) for run in active if run.started_at),
    )  # fmt: skip
    stuck = control.daemon.executor.stubborn()
    yield GaugeMetricFamily("cmdarr_runs_stuck", "Runs that were asked to stop and do not.", len(stuck))


def _schedule_families(figures: Figures, control: Control) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "cmdarr_schedule_lateness_seconds", "For how long the earliest due time has been waiting for the scheduler.",
        control.daemon.schedule_lateness_s(),
    )  # fmt: skip
    delays = HistogramMetricFamily(
        "cmdarr_schedule_delay_seconds", "How late scheduled runs were queued, runs made up after a pause included.",
        labels=(),
    )  # fmt: skip
    delays.add_metric((), *_buckets(figures.delays))
    yield delays


def _config_families(figures: Figures, control: Control) -> Iterator[Metric]:
    status = control.daemon.reloader.status()
    yield _counter(
        "cmdarr_config_reloads", "Reloads that found a change, since the start.", ("outcome",),
        (((outcome,), figures.reloads.get(outcome, 0)) for outcome in ("applied", "rejected", "held")),
    )  # fmt: skip
    durations = SummaryMetricFamily(
        "cmdarr_config_reload_duration_seconds", "How long these reloads took.", labels=()
    )
    durations.add_metric((), sum(figures.reload_s.counts), figures.reload_s.total)
    yield durations
    yield GaugeMetricFamily(
        "cmdarr_config_last_good_timestamp_seconds", "When the files on disk were last read and all in force.",
        status.last_success.timestamp(),
    )  # fmt: skip
    yield GaugeMetricFamily(
        "cmdarr_config_valid", "Whether all files on disk are in force.",
        float(not control.snapshot.errors and status.held is None),
    )  # fmt: skip


def _cache_families(control: Control) -> Iterator[Metric]:
    cache = control.app.cache
    yield GaugeMetricFamily("cmdarr_cache_size_bytes", "Size of cache.db on the disk.", cache.size_bytes())
    look_ups = cache.look_ups().items()
    yield _counter(
        "cmdarr_cache_hits", "Look-ups that the cache answered, since it was emptied.", ("source",),
        (((source,), hits) for source, (hits, _) in look_ups),
    )  # fmt: skip
    yield _counter(
        "cmdarr_cache_misses", "Look-ups that the cache could not answer, since it was emptied.", ("source",),
        (((source,), misses) for source, (_, misses) in look_ups),
    )  # fmt: skip


def _library_families(control: Control) -> Iterator[Metric]:
    labels, libraries = ("server", "section"), control.app.cache.library.info()
    yield _gauge(
        "cmdarr_library_tracks", "Tracks of a library in the cache.", labels,
        (((one.server, one.section), one.tracks) for one in libraries),
    )  # fmt: skip
    yield _gauge(
        "cmdarr_library_refresh_timestamp_seconds", "When a library was last read.", labels,
        (((one.server, one.section), one.refreshed_at.timestamp()) for one in libraries),
    )  # fmt: skip


def _budget_families(control: Control) -> Iterator[Metric]:
    budgets = control.app.throttles.budgets()
    yield _gauge(
        "cmdarr_rate_limit_remaining_requests", "Requests that may be sent to a service at once.", ("service",),
        (((one.service,), one.left) for one in budgets),
    )  # fmt: skip
    yield _gauge(
        "cmdarr_rate_limit_burst_requests", "The most requests that may ever be sent to a service at once.",
        ("service",), (((one.service,), one.burst) for one in budgets),
    )  # fmt: skip
    yield _gauge(
        "cmdarr_rate_limit_hold_seconds", "For how long a service asked to be left alone.", ("service",),
        (((one.service,), one.held_s) for one in budgets),
    )  # fmt: skip


def _held_families(control: Control) -> Iterator[Metric]:
    with suppress(StorageError):  # /health tells of it
        held = control.store.held.count_by_command()
        yield _gauge(
            "cmdarr_held_changes", "Changes that wait for somebody to accept them.", ("command",),
            (((command,), count) for command, count in sorted(held.items())),
        )  # fmt: skip


def _notice_families(control: Control) -> Iterator[Metric]:
    figures, waiting = control.daemon.outbox.figures()
    results = {"sent": figures.sent, "failed": figures.failed, "dropped": figures.dropped}
    yield _counter(
        "cmdarr_notifications", "Notifications since the start, one for each URL.", ("result",),
        (((result,), count) for result, count in results.items()),
    )  # fmt: skip
    yield GaugeMetricFamily("cmdarr_notifications_waiting", "Notifications on their way.", waiting)


def _gauge(name: str, text: str, labels: Sequence[str], samples: _Samples) -> Metric:
    family = GaugeMetricFamily(name, text, labels=labels)
    for values, value in samples:
        family.add_metric(tuple(map(_text, values)), float(value))
    return family


def _counter(name: str, text: str, labels: Sequence[str], samples: _Samples) -> Metric:
    family = CounterMetricFamily(name, text, labels=labels)
    for values, value in samples:
        family.add_metric(tuple(map(_text, values)), float(value))
    return family


def _buckets(known: Distribution) -> tuple[list[tuple[str, float]], float]:
    bounds = (*map(str, known.bounds), "+Inf")
    return list(zip(bounds, map(float, accumulate(known.counts)), strict=True)), known.total


def _text(value: str) -> str:
    """Return a text that can be written as UTF-8, whatever a foreign service made of it."""
    return value.encode("utf-8", "replace").decode()
