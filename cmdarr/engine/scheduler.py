"""The scheduler decides which commands are due; it starts nothing itself and never waits.

Its marks in config.db say until when the due times of a command are dealt with, so that a run missed while the
daemon was off is made up once and none is ever doubled.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from cmdarr.config.effective import next_run
from cmdarr.config.snapshot import Snapshot
from cmdarr.engine.ports import Marks
from cmdarr.engine.request import RunRequest, is_startable, local_date
from cmdarr.engine.timetable import Slot, Timing, new_slot, planned_timings
from cmdarr.errors import CmdarrError, StorageError
from cmdarr.models.clock import Clock, iso_utc
from cmdarr.models.execution import Trigger

logger = logging.getLogger(__name__)


class Scheduler:
    """Holds a slot for each command that is ever due. `tick` belongs to one thread; the rest may be called from any."""

    def __init__(
        self, *, marks: Marks, submit: Callable[[RunRequest], int], snapshot: Snapshot, clock: Clock
    ) -> None:
        self._marks = marks
        self._submit = submit
        self._clock = clock
        self._newest = snapshot
        self._planned: Snapshot | None = None
        self._slots: dict[str, Slot] = {}
        self._unsaved: set[str] = set()
        self._errors: list[CmdarrError] = []

    def reload(self, snapshot: Snapshot) -> None:
        """Hand over a new snapshot; the next tick plans by it."""
        self._newest = snapshot

    def next_run(self, name: str) -> datetime | None:
        """Return when the schedule runs a command next, None when it does not."""
        entry = self._newest.commands.get(name)
        return next_run(entry, self._newest.settings, self._clock.now()) if entry else None

    def next_wake(self) -> datetime | None:
        """Return the earliest due time of all commands."""
        return min((slot.next_due for slot in list(self._slots.values()) if slot.next_due), default=None)

    def plan_start(self, recorded: Mapping[str, datetime]) -> None:
        """Make the first plan from the marks.

        `recorded` holds the last due time that history knows of each command: a mark is written after its run is
        queued, so a crash between the two leaves the mark behind.

        Raises:
            StorageError: the marks cannot be read; nothing is planned.
        """
        now, snapshot = self._clock.now(), self._newest
        marks = self._marks.load_marks()
        slots: dict[str, Slot] = {}
        for name, timing in planned_timings(snapshot, now).items():
            mark = marks.get(name)
            if mark is None or mark.schedule != timing.text:
                slots[name] = self._fresh_slot(name, timing, now)
            else:
                slots[name] = new_slot(name, timing, max(mark.last_due, recorded.get(name, mark.last_due)))
        self._slots, self._planned = slots, snapshot
        self._drop_marks(marks.keys() - slots.keys())

    def tick(self) -> None:
        """Submit what is due now and take over a new snapshot.

        What was due under the old plan is run before the new plan counts, so a reload loses no run.

        Raises:
            CmdarrError: something could not be queued or stored (all else was done); the next tick tries again.
        """
        now, snapshot = self._clock.now(), self._newest
        self._errors = []
        self._run_due(now, snapshot)
        if snapshot is not self._planned:
            self._replan(snapshot, now)
        self._save_marks()
        if self._errors:
            raise self._errors[0]

    def _run_due(self, now: datetime, snapshot: Snapshot) -> None:
        for slot in list(self._slots.values()):
            if slot.is_set_back(now):
                logger.info("the clock was set back; %s counts its schedule from now.", slot.command)
                self._put(slot.after(now))
            elif slot.is_due(now):
                self._run_slot(slot, now, snapshot)

    def _run_slot(self, slot: Slot, now: datetime, snapshot: Snapshot) -> None:
        """Submit the run of a slot; one that cannot be queued stays outstanding."""
        due = slot.due_to_run(now, snapshot.settings.executor.misfire_grace)
        if due is None:
            logger.warning(
                "%s missed its run of %s by more than executor.misfire_grace; it waits for the next.",
                slot.command,
                iso_utc(slot.next_due or now),
            )
        elif is_startable(snapshot.commands.get(slot.command), local_date(due, snapshot)):
            try:
                self._submit(
                    RunRequest(command=slot.command, trigger=Trigger.SCHEDULE, snapshot=snapshot, due_at=due)
                )
            except CmdarrError as error:
                self._errors.append(error)
                return
        self._put(slot.after(due or now))

    def _replan(self, snapshot: Snapshot, now: datetime) -> None:
        """Keep the slots whose timing stays; a changed or new one counts from now."""
        before = self._slots
        timings = planned_timings(snapshot, now)
        self._slots = {
            name: slot
            if (slot := before.get(name)) and slot.timing == timing
            else self._fresh_slot(name, timing, now)
            for name, timing in timings.items()
        }
        self._planned = snapshot
        self._drop_marks(before.keys() - timings.keys())

    def _fresh_slot(self, name: str, timing: Timing, now: datetime) -> Slot:
        self._unsaved.add(name)
        return new_slot(name, timing, now)

    def _put(self, slot: Slot) -> None:
        self._slots[slot.command] = slot
        self._unsaved.add(slot.command)

    def _save_marks(self) -> None:
        for name in sorted(self._unsaved):
            slot = self._slots.get(name)
            try:
                if slot is not None:
                    self._marks.set_mark(name, slot.timing.text, slot.last_due)
            except StorageError as error:
                self._errors.append(error)
                return
            self._unsaved.discard(name)

    def _drop_marks(self, names: set[str]) -> None:
        if not names:
            return
        try:
            self._marks.drop_marks(sorted(names))
        except StorageError as error:
            logger.warning("old marks of the schedule cannot be removed: %s", error)
