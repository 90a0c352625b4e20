"""The history of executions in config.db: written by the engine, read by everybody.

What the run of this process told, but the disk did not take, is kept in memory, shown to readers, and written by
`flush`. A run that began before config.db was deleted is written again, whole, into the new file.
"""

import hashlib
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from cmdarr.errors import NothingFound, StorageError
from cmdarr.models.execution import Execution, Status, Trigger
from cmdarr.storage.config_file import ConfigFile
from cmdarr.storage.execution_row import COLUMNS, INSERT, execution_of, insert_values
from cmdarr.storage.moment import to_us
from cmdarr.storage.process import is_alive, own_process
from cmdarr.storage.retention import prune_executions

logger = logging.getLogger(__name__)

_FROM = "FROM execution AS e JOIN document AS d ON d.id = e.document_id"
_LAST_OF_EACH = f"""
    WITH RECURSIVE name (command) AS (
        SELECT min(command) FROM execution
        UNION ALL
        SELECT (SELECT min(command) FROM execution WHERE command > name.command) FROM name
        WHERE name.command IS NOT NULL)
    SELECT {COLUMNS} FROM name
    JOIN execution AS e ON e.id = (SELECT max(id) FROM execution WHERE command = name.command)
    JOIN document AS d ON d.id = e.document_id
    WHERE name.command IS NOT NULL"""  # noqa: S608 - constants only
_OF_COMMAND = (  # a former name stands for the command of today
    "e.command = coalesce((SELECT command FROM former_name WHERE former = ?1), ?1)"
)
_NEXT_ID = "SELECT max(coalesce(max(seq), 0), ?) + 1 FROM sqlite_sequence WHERE name = 'execution'"


class History:
    """Executions, newest first. Safe to share by threads; other processes may use the same file."""

    def __init__(self, file: ConfigFile) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._process = ""
        self._last_id = 0
        self._own: dict[int, Execution] = {}
        """The runs of this process that are not over and written yet, as they stand."""
        self._unwritten: set[int] = set()

    def queue(
        self,
        *,
        command: str,
        kind: str,
        trigger: Trigger,
        dry_run: bool,
        generation: str,
        document: str,
        queued_at: datetime,
        due_at: datetime | None = None,
        retry_of: int | None = None,
    ) -> int:
        """Record a new run and return its id.

        Raises:
            StorageError: config.db does not take it; the run does not exist.
        """
        execution = Execution(
            id=0, command=command, kind=kind, status=Status.QUEUED, trigger=trigger, dry_run=dry_run,
            generation=generation, document=document, queued_at=queued_at, due_at=due_at, retry_of=retry_of,
        )  # fmt: skip
        with self._file.writing() as connection:
            number = int(connection.execute(_NEXT_ID, (self._last_id,)).fetchone()[0])
            execution = replace(execution, id=number)
            self._insert(connection, execution)
        with self._lock:
            self._last_id = max(self._last_id, number)
            self._own[number] = execution
        return number

    def start(self, execution_id: int, at: datetime) -> None:
        """Record that the run began; kept in memory when config.db does not take it."""
        self._update(replace(self._current(execution_id), status=Status.RUNNING, started_at=at))

    def finish(
        self,
        execution_id: int,
        status: Status,
        at: datetime,
        *,
        summary: str,
        result: Mapping[str, object],
        changes: int,
        error: str | None,
        error_class: str | None,
    ) -> None:
        """Record how the run ended; kept in memory when config.db does not take it."""
        done = replace(
            self._current(execution_id), status=status, finished_at=at, summary=summary, result=result,
            changes=changes, error=error, error_class=error_class,
        )  # fmt: skip
        self._update(done)

    def get(self, execution_id: int) -> Execution:
        """Return one execution.

        Raises:
            NothingFound: there is none of that id.
        """
        with self._lock:
            kept = self._own.get(execution_id) if execution_id in self._unwritten else None
        if kept is not None:
            return kept
        with self._file.reading() as connection:
            row = connection.execute(f"SELECT {COLUMNS} {_FROM} WHERE e.id = ?", (execution_id,)).fetchone()
        if row is None:
            raise NothingFound(f"there is no execution {execution_id}: `cmdarr history` lists them.")
        return execution_of(row)

    def recent(
        self,
        command: str | None = None,
        status: Status | None = None,
        limit: int = 50,
        before_id: int | None = None,
    ) -> list[Execution]:
        """Return at most `limit` executions, newest first; the next page begins `before_id` the last one's id."""
        wanted = {_OF_COMMAND: command, "e.status = ?": status and status.value, "e.id < ?": before_id}
        terms = {term: value for term, value in wanted.items() if value is not None}
        where = f"WHERE {' AND '.join(terms)}" if terms else ""
        sql = f"SELECT {COLUMNS} {_FROM} {where} ORDER BY e.id DESC LIMIT ?"
        with self._file.reading() as connection:
            rows = connection.execute(sql, (*terms.values(), limit)).fetchall()
        return self._as_kept(map(execution_of, rows), status)

    def last_of_each(self) -> dict[str, Execution]:
        """Return the newest execution of each command."""
        with self._file.reading() as connection:
            rows = connection.execute(_LAST_OF_EACH).fetchall()
        return {found.command: found for found in self._as_kept(map(execution_of, rows), None)}

    def mark_interrupted(self, at: datetime) -> list[Execution]:
        """Record the runs that no living process carries on as interrupted, and return them."""
        with self._file.writing() as connection:
            open_runs = connection.execute(
                "SELECT id, process FROM execution WHERE status IN ('queued', 'running') ORDER BY id"
            ).fetchall()
            dead = [number for number, process in open_runs if not is_alive(process)]
            connection.executemany(
                "UPDATE execution SET status = 'interrupted', finished_at = ?, error = ?, error_class = ? WHERE id = ?",
                [(to_us(at), "The process ended under the run.", "Interrupted", number) for number in dead],
            )
        return [self.get(number) for number in dead]

    def prune(
        self, keep_days: int, keep_per_command: int, now: datetime, *, pause: Callable[[], None]
    ) -> int:
        """Remove old executions in batches, with a `pause` between them, and return how many.

        A run stays while it is younger than `keep_days` and among the newest `keep_per_command` of its command;
        the newest of each command and those in progress always stay.
        """
        return prune_executions(self._file, keep_days, keep_per_command, now, pause=pause)

    def flush(self) -> int:
        """Write what was kept in memory, and return how many runs still wait."""
        with self._lock:
            waiting = [self._own[number] for number in sorted(self._unwritten)]
        for execution in waiting:
            if not self._try_write(execution):
                break
        if not self._unwritten:
            self._file.probe()
        return len(self._unwritten)

    def waiting(self) -> int:
        """Return how many runs wait in memory for a disk that takes them."""
        return len(self._unwritten)

    def unwritten(self) -> dict[int, Execution]:
        """Return the runs that wait in memory, as they stand, by id."""
        if not self._unwritten:
            return {}
        with self._lock:
            return {number: self._own[number] for number in self._unwritten}

    def _current(self, execution_id: int) -> Execution:
        with self._lock:
            known = self._own.get(execution_id)
        return known or self.get(execution_id)

    def _update(self, execution: Execution) -> None:
        with self._lock:
            self._own[execution.id] = execution
            self._unwritten.add(execution.id)
        self._try_write(execution)

    def _try_write(self, execution: Execution) -> bool:
        try:
            with self._file.writing() as connection:
                if self._is_newest(execution):  # another thread may have written what came after it
                    self._insert(connection, execution)
        except StorageError as error:
            self._file.tell_failure(error)
            return False
        with self._lock:
            if self._own.get(execution.id) is execution:  # it may have gone on meanwhile
                self._unwritten.discard(execution.id)
                if execution.status.is_final:
                    del self._own[execution.id]
        return True

    def _is_newest(self, execution: Execution) -> bool:
        with self._lock:
            return self._own.get(execution.id) is execution

    def _insert(self, connection: sqlite3.Connection, execution: Execution) -> None:
        digest = hashlib.sha256(execution.document.encode()).digest()
        connection.execute(
            "INSERT OR IGNORE INTO document (digest, text) VALUES (?, ?)", (digest, execution.document)
        )
        connection.execute(INSERT, insert_values(execution, self._process_name(), digest))

    def _process_name(self) -> str:
        """Return the name of this process, also after a fork."""
        if f":{os.getpid()}:" not in self._process:
            self._process = own_process()
        return self._process

    def _as_kept(self, executions: Iterable[Execution], status: Status | None) -> list[Execution]:
        """Put what waits in memory in the place of its older state on the disk."""
        found = list(executions)
        if kept := self.unwritten():
            found = [kept.get(execution.id, execution) for execution in found]
            found = [execution for execution in found if status in (None, execution.status)]
        return found
