"""The scheduler under a clock that is set by hand: every due time once, none lost, none doubled."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from fakes_engine import NOON, FakeClock, MemoryMarks, Submissions, make_entry, make_snapshot
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.config.snapshot import CommandState, Snapshot
from cmdarr.engine.scheduler import Scheduler
from cmdarr.engine.timetable import timing_of
from cmdarr.errors import StoreUnavailable
from cmdarr.models.execution import Trigger

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


class Daemon:
    """A scheduler with its marks; `restart` is a new process over the same marks."""

    def __init__(self, snapshot: Snapshot, now: datetime = NOON) -> None:
        self.clock = FakeClock(now)
        self.marks = MemoryMarks()
        self.submit = Submissions()
        self.snapshot = snapshot
        self.restart()

    def restart(self, snapshot: Snapshot | None = None, recorded: dict[str, datetime] | None = None) -> None:
        self.snapshot = snapshot or self.snapshot
        self.scheduler = Scheduler(
            marks=self.marks, submit=self.submit, snapshot=self.snapshot, clock=self.clock
        )
        self.scheduler.plan_start(recorded or {})
        self.scheduler.tick()

    def reload(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.scheduler.reload(snapshot)
        self.scheduler.tick()

    def sleep_until(self, end: datetime) -> None:
        """Let the time pass, with a tick at each due time, as the loop does."""
        while (wake := self.scheduler.next_wake()) is not None and wake <= end:
            self.clock.advance(max(wake - self.clock.now(), timedelta()))
            self.scheduler.tick()
        self.clock.advance(end - self.clock.now())
        self.scheduler.tick()

    def suspend_until(self, end: datetime) -> None:
        """Let the time pass without a tick."""
        self.clock.jump(end)
        self.scheduler.tick()


def nightly(**options: Any) -> Snapshot:
    return make_snapshot(make_entry("nightly", **{"schedule": "0 3 * * *", **options}))


def at(hour: int, minute: int = 0, day: int = 5) -> datetime:
    return datetime(2026, 5, day, hour, minute, tzinfo=UTC)


def test_a_due_command_is_submitted_once_with_its_due_time() -> None:
    daemon = Daemon(nightly())
    daemon.sleep_until(at(3))
    daemon.scheduler.tick()
    (request,) = daemon.submit.requests
    assert (request.command, request.trigger, request.due_at) == ("nightly", Trigger.SCHEDULE, at(3))
    assert request.snapshot is daemon.snapshot
    assert not request.dry_run


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"]
)
def test_a_whole_year_of_a_job_at_half_past_two_runs_once_each_day(zone: str) -> None:
    daemon = Daemon(make_snapshot(make_entry("x", schedule="30 2 * * *"), timezone=zone), now=NOON)
    daemon.sleep_until(NOON + timedelta(days=365))
    days = Counter(due.astimezone(daemon.snapshot.settings.zone).date() for due in daemon.submit.dues)
    assert len(days) == 365
    assert set(days.values()) == {1}


@pytest.mark.parametrize("state", [CommandState.BROKEN, CommandState.UNAVAILABLE, CommandState.EXPIRED])
def test_a_command_that_cannot_run_never_starts(state: CommandState) -> None:
    daemon = Daemon(make_snapshot(make_entry("x", state=state, schedule="* * * * *")))
    daemon.sleep_until(NOON + HOUR)
    assert daemon.submit.requests == []
    assert daemon.scheduler.next_run("x") is None


def test_disabled_and_manual_commands_never_start() -> None:
    daemon = Daemon(
        make_snapshot(
            make_entry("off", enabled=False, schedule="* * * * *"), make_entry("hand", schedule="manual")
        )
    )
    daemon.sleep_until(NOON + HOUR)
    assert daemon.submit.requests == []


def test_a_command_stops_on_the_local_day_that_it_expires() -> None:
    snapshot = make_snapshot(
        make_entry("x", schedule="0 */6 * * *", expires=date(2026, 5, 6)), timezone="America/New_York"
    )
    daemon = Daemon(snapshot, now=at(0, day=5))
    daemon.sleep_until(at(0, day=8))
    zone = snapshot.settings.zone
    assert [due.astimezone(zone).day for due in daemon.submit.dues] == [5, 5, 5, 5]


def test_a_run_missed_while_the_daemon_was_off_is_made_up_once() -> None:
    daemon = Daemon(nightly())
    daemon.clock.jump(at(9))
    daemon.restart()
    assert daemon.submit.dues == [at(3)]
    daemon.restart()
    daemon.sleep_until(at(2, day=6))
    assert daemon.submit.dues == [at(3)]
    daemon.sleep_until(at(3, day=6))
    assert daemon.submit.dues == [at(3), at(3, day=6)]


def test_a_run_missed_by_more_than_the_grace_is_not_made_up() -> None:
    daemon = Daemon(nightly())
    daemon.clock.jump(at(15, 1))
    daemon.restart()
    assert daemon.submit.dues == []
    daemon.sleep_until(at(3, day=6))
    assert daemon.submit.dues == [at(3, day=6)]


def test_many_missed_runs_are_made_up_as_one() -> None:
    daemon = Daemon(make_snapshot(make_entry("x", schedule="*/10 * * * *")))
    daemon.clock.jump(NOON + timedelta(days=3, minutes=7))
    daemon.restart()
    assert daemon.submit.dues == [NOON + timedelta(days=3)]


def test_a_restart_in_the_minute_of_a_run_does_not_double_it() -> None:
    daemon = Daemon(nightly())
    daemon.sleep_until(at(3))
    daemon.restart()
    daemon.sleep_until(at(3, 1))
    daemon.restart()
    assert daemon.submit.dues == [at(3)]


def test_a_crash_between_the_record_and_the_mark_does_not_double_the_run() -> None:
    daemon = Daemon(nightly())
    behind = dict(daemon.marks.marks)
    daemon.sleep_until(at(3))
    daemon.marks.marks = behind
    daemon.restart(recorded={"nightly": at(3)})
    assert daemon.submit.dues == [at(3)]


def test_a_schedule_changed_while_the_daemon_was_off_counts_from_the_start() -> None:
    daemon = Daemon(nightly())
    daemon.clock.jump(at(9))
    daemon.restart(nightly(schedule="0 4 * * *"))
    assert daemon.submit.dues == []
    daemon.sleep_until(at(4, day=6))
    assert daemon.submit.dues == [at(4, day=6)]


def test_a_time_zone_changed_while_the_daemon_was_off_counts_from_the_start() -> None:
    daemon = Daemon(nightly())
    daemon.clock.jump(at(9))
    daemon.restart(make_snapshot(make_entry("nightly", schedule="0 3 * * *"), timezone="America/New_York"))
    assert daemon.submit.dues == []


def test_a_first_start_makes_nothing_up() -> None:
    daemon = Daemon(nightly(), now=at(3, 0) + timedelta(seconds=30))
    assert daemon.submit.dues == []


def test_a_run_missed_before_the_first_one_ever_is_made_up() -> None:
    daemon = Daemon(nightly(), now=at(2))
    daemon.clock.jump(at(4))
    daemon.restart()
    assert daemon.submit.dues == [at(3)]


def test_a_changed_schedule_takes_effect_at_reload() -> None:
    daemon = Daemon(nightly(), now=at(2))
    daemon.reload(nightly(schedule="30 2 * * *"))
    assert daemon.scheduler.next_run("nightly") == at(2, 30)
    daemon.sleep_until(at(4))
    assert daemon.submit.dues == [at(2, 30)]


def test_what_was_due_before_the_reload_still_runs_with_the_new_options() -> None:
    daemon = Daemon(nightly(), now=at(2, 59))
    daemon.clock.jump(at(3))
    after = nightly(schedule="0 5 * * *")
    daemon.reload(after)
    assert daemon.submit.dues == [at(3)]
    assert daemon.submit.requests[0].snapshot is after
    daemon.sleep_until(at(6))
    assert daemon.submit.dues == [at(3), at(5)]


def test_what_was_due_before_a_reload_that_disables_it_does_not_run() -> None:
    daemon = Daemon(nightly(), now=at(2, 59))
    daemon.clock.jump(at(3))
    daemon.reload(nightly(enabled=False))
    assert daemon.submit.dues == []


def test_a_reload_that_changes_nothing_of_the_schedule_changes_no_run() -> None:
    daemon = Daemon(nightly(), now=at(2))
    for minute in range(1, 90):
        daemon.clock.jump(at(2) + minute * MINUTE)
        daemon.reload(nightly(description=f"version {minute}"))
    assert daemon.submit.dues == [at(3)]


def test_a_schedule_changed_back_and_forth_loses_no_later_run() -> None:
    daemon = Daemon(nightly(), now=at(2))
    daemon.reload(nightly(schedule="0 4 * * *"))
    daemon.reload(nightly())
    daemon.sleep_until(at(5))
    assert daemon.submit.dues == [at(3)]


def test_a_command_that_was_disabled_when_it_was_due_is_not_made_up() -> None:
    daemon = Daemon(nightly(), now=at(2))
    daemon.reload(nightly(enabled=False))
    daemon.sleep_until(at(4))
    daemon.reload(nightly())
    daemon.restart()
    daemon.sleep_until(at(5))
    assert daemon.submit.dues == []


def test_marks_of_removed_commands_are_dropped() -> None:
    daemon = Daemon(make_snapshot(make_entry("a"), make_entry("b")))
    assert set(daemon.marks.marks) == {"a", "b"}
    daemon.reload(make_snapshot(make_entry("a")))
    assert set(daemon.marks.marks) == {"a"}
    daemon.restart(make_snapshot(make_entry("c")))
    assert set(daemon.marks.marks) == {"c"}


def test_a_tick_without_news_writes_no_mark() -> None:
    daemon = Daemon(nightly(), now=at(2))
    daemon.marks.is_down = True
    daemon.suspend_until(at(2, 30))
    daemon.reload(nightly(description="new words"))


def test_a_run_due_while_the_machine_slept_is_made_up_at_wake_up() -> None:
    daemon = Daemon(nightly(), now=at(1))
    daemon.suspend_until(at(8))
    assert daemon.submit.dues == [at(3)]
    daemon.sleep_until(at(2, day=6))
    assert daemon.submit.dues == [at(3)]


@pytest.mark.parametrize("back", [timedelta(seconds=1), MINUTE, HOUR, 20 * HOUR])
def test_a_clock_set_back_after_a_run_does_not_double_it(back: timedelta) -> None:
    daemon = Daemon(nightly(), now=at(2))
    daemon.suspend_until(at(3) + timedelta(seconds=0.4))
    daemon.clock.jump(at(3) - back)
    daemon.scheduler.tick()
    daemon.sleep_until(at(3, 1))
    assert daemon.submit.dues == [at(3)]
    daemon.sleep_until(at(3, 1, day=6))
    assert daemon.submit.dues == [at(3), at(3, day=6)]


def test_a_clock_set_back_before_any_run_loses_none() -> None:
    daemon = Daemon(nightly(), now=at(14))
    daemon.suspend_until(at(2))
    daemon.sleep_until(at(4))
    assert daemon.submit.dues == [at(3)]


def test_a_clock_that_was_years_ahead_does_not_silence_the_schedule() -> None:
    daemon = Daemon(nightly(), now=datetime(2039, 1, 1, 2, tzinfo=UTC))
    daemon.sleep_until(datetime(2039, 1, 1, 4, tzinfo=UTC))
    daemon.suspend_until(at(2))
    daemon.sleep_until(at(4))
    assert daemon.submit.dues[1:] == [at(3)]


def test_a_clock_that_was_years_ahead_at_the_last_start_does_not_silence_the_schedule() -> None:
    daemon = Daemon(nightly(), now=datetime(2039, 1, 1, 2, tzinfo=UTC))
    daemon.clock.jump(at(2))
    daemon.restart()
    daemon.sleep_until(at(4))
    assert daemon.submit.dues == [at(3)]


def test_a_clock_set_forward_makes_up_what_it_jumped_over() -> None:
    daemon = Daemon(nightly(), now=at(2))
    daemon.suspend_until(at(3, 30))
    assert daemon.submit.dues == [at(3)]


def test_a_run_that_cannot_be_queued_stays_due_and_the_others_run() -> None:
    daemon = Daemon(
        make_snapshot(make_entry("a", schedule="0 3 * * *"), make_entry("b", schedule="0 3 * * *")), now=at(2)
    )
    daemon.submit.error = StoreUnavailable("the disk is full.")
    with pytest.raises(StoreUnavailable, match="disk is full"):
        daemon.sleep_until(at(3))
    daemon.submit.error = None
    daemon.sleep_until(at(3, 10))
    assert sorted(request.command for request in daemon.submit.requests) == ["a", "b"]
    assert set(daemon.submit.dues) == {at(3)}


def test_a_mark_that_cannot_be_stored_is_stored_later_and_doubles_no_run() -> None:
    daemon = Daemon(nightly(), now=at(2))
    daemon.marks.is_down = True
    with pytest.raises(StoreUnavailable):
        daemon.sleep_until(at(3))
    daemon.marks.is_down = False
    daemon.sleep_until(at(3, 1))
    assert daemon.submit.dues == [at(3)]
    assert daemon.marks.marks["nightly"].last_due == at(3)


@given(
    minute=st.sampled_from(["*", "*/7", "0", "30", "59", "0,30", "10-20/3"]),
    hour=st.sampled_from(["*", "1", "2", "3", "*/2", "1-3", "0,23"]),
    weekday=st.sampled_from(["*", "0", "1-5"]),
    zone=st.sampled_from(
        ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"]
    ),
    start=st.sampled_from(
        [
            datetime(2026, 3, 28, 18, tzinfo=UTC),
            datetime(2026, 10, 24, 18, tzinfo=UTC),
            datetime(2026, 3, 7, 23, tzinfo=UTC),
            datetime(2026, 10, 31, 23, tzinfo=UTC),
            datetime(2026, 10, 3, 10, tzinfo=UTC),
            datetime(2026, 4, 4, 10, tzinfo=UTC),
            datetime(2026, 2, 14, 18, tzinfo=UTC),
            datetime(2026, 12, 31, 18, tzinfo=UTC),
        ]
    ),
    seed=st.integers(0, 2**32),
)
@settings(deadline=None, max_examples=40)
def test_each_due_time_fires_exactly_once_whatever_the_pattern_of_ticks(
    minute: str, hour: str, weekday: str, zone: str, start: datetime, seed: int
) -> None:
    """Ticks at random moments, at most a minute apart, with reloads and restarts among them."""
    random = Random(seed)
    snapshot = make_snapshot(make_entry("x", schedule=f"{minute} {hour} * * {weekday}"), timezone=zone)
    daemon = Daemon(snapshot, now=start)
    end = start + timedelta(hours=14)
    while daemon.clock.now() < end:
        daemon.clock.advance(timedelta(seconds=random.uniform(0.1, 59)))
        act = random.random()
        if act < 0.02:
            daemon.restart()
        elif act < 0.06:
            daemon.reload(make_snapshot(*snapshot.commands.values(), timezone=zone))
        else:
            daemon.scheduler.tick()
    assert daemon.submit.dues == dues_between(snapshot, start, daemon.clock.now())


@given(
    schedule=st.sampled_from(["* * * * *", "*/20 * * * *", "30 2 * * *", "0 */6 * * *", "@weekly"]),
    gaps=st.lists(st.integers(1, 40 * 3600), min_size=1, max_size=30),
)
@settings(deadline=None, max_examples=60)
def test_whatever_the_gaps_runs_are_never_doubled_and_the_newest_in_the_grace_is_made_up(
    schedule: str, gaps: list[int]
) -> None:
    snapshot = make_snapshot(make_entry("x", schedule=schedule), timezone="Europe/Berlin")
    daemon = Daemon(snapshot)
    for gap in gaps:
        before = daemon.clock.now()
        already = len(daemon.submit.dues)
        daemon.suspend_until(before + timedelta(seconds=gap))
        now = daemon.clock.now()
        outstanding = [due for due in dues_between(snapshot, before, now) if due > now - 12 * HOUR]
        assert daemon.submit.dues[already:] == outstanding[-1:]


def dues_between(snapshot: Snapshot, after: datetime, until: datetime) -> list[datetime]:
    """Walk the due times of the only command, one by one."""
    (entry,) = snapshot.commands.values()
    assert entry.options is not None
    timing = timing_of(entry.options, snapshot.settings)
    dues, due = [], timing.next_after(after)
    while due is not None and due <= until:
        dues.append(due)
        due = timing.next_after(due)
    return dues
