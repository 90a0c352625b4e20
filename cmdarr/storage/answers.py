"""The cache of API answers: one look-up on prepared SQL, without the ORM, as every run asks here thousands of times."""

import json
import sqlite3
import threading
from collections.abc import Iterable
from datetime import timedelta
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from cmdarr.models.cache import CachedAnswer
from cmdarr.models.clock import Clock
from cmdarr.storage.cache_file import CacheFile
from cmdarr.storage.database import single_value
from cmdarr.storage.eviction import trim

_BYTES, _JSON = 0, 1
_ROW_BYTES = 256  # what a row costs beside its body
_TOUCHES = 256
_COUNTS = 1_000

_FIND = """
    SELECT a.key, a.stored_at, a.expires_at, a.form, a.reason, b.value
    FROM answer AS a
    CROSS JOIN source AS s ON s.id = a.source AND s.generation = a.generation
    CROSS JOIN body AS b ON b.id = a.body
    WHERE a.id = ?"""
_SOURCE = (
    "INSERT INTO source (name, generation, hits, misses) VALUES (?, 1, 0, 0) ON CONFLICT (name) DO NOTHING"
)
_ANSWER = """
    INSERT OR REPLACE INTO answer
        (id, source, generation, key, stored_at, expires_at, used_at, body, size, form, reason)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_FORMER = """
    DELETE FROM body WHERE id IN (
        SELECT a.body FROM json_each(?) AS j CROSS JOIN answer AS a ON a.id = j.value)"""
_BODY = "INSERT INTO body (id, value) VALUES (?, ?)"
_TOUCH = "UPDATE answer SET used_at = ? WHERE id = ?"
_COUNT = "UPDATE source SET hits = hits + ?, misses = misses + ? WHERE name = ?"

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class _Written(NamedTuple):
    """An answer on its way into the file."""

    key: str
    body: bytes
    form: int
    size: int
    reason: str | None


class ApiCache:
    """Answers by source (the service's name in settings.yaml) and key (`cache_key`). Safe to share by threads.

    An outage (timeout, 5xx, 429) is never stored; a look-up that found nothing is, for a short time.
    """

    def __init__(self, file: CacheFile, clock: Clock, max_bytes: int) -> None:
        self._file = file
        self._clock = clock
        self._lock = threading.Lock()
        self._used: dict[int, int] = {}
        self._counts: dict[str, list[int]] = {}
        self._uncounted = 0
        self.set_max_bytes(max_bytes)

    def set_max_bytes(self, max_bytes: int) -> None:
        """Take another bound on the size of the file; it holds from the next answer stored on."""
        self._max_bytes = max_bytes
        self._check_every = max_bytes // 50
        self._unchecked = self._check_every

    def get(self, source: str, key: str) -> CachedAnswer | None:
        """Return the answer of that key while it is fresh, also when it says that the look-up failed."""
        number = _number(source, key)
        now = self._clock.now().timestamp()
        row = self._find(number, key)
        answer = None if row is None or row[2] <= now * 1e6 else _answer_of(row, is_stale=False)
        if answer is None:
            self._count(source, 1)
        else:
            self._count(source, 0, number, now)
        return answer

    def get_stale(self, source: str, key: str) -> CachedAnswer | None:
        """Return an answer that was found once, however old, for use while the service is down."""
        row = self._find(_number(source, key), key)
        if row is None or row[4] is not None:
            return None
        return _answer_of(row, is_stale=row[2] <= self._clock.now().timestamp() * 1e6)

    def put(self, source: str, key: str, value: Any, ttl: timedelta) -> None:
        """Store an answer (bytes, or what JSON can say) for as long as `ttl`."""
        self.put_many(source, ((key, value),), ttl)

    def put_many(self, source: str, items: Iterable[tuple[str, Any]], ttl: timedelta) -> None:
        """Store many answers (key, value) in one transaction."""
        self._store(source, [_written(key, value) for key, value in items], ttl)

    def put_negative(self, source: str, key: str, reason: str, ttl: timedelta) -> None:
        """Remember that the service has nothing there, and why. Never for an outage."""
        self._store(source, [_Written(key, b"", _BYTES, _ROW_BYTES + len(key) + len(reason), reason)], ttl)

    def purge(self, source: str) -> None:
        """Forget every answer of a source at once; the rows are swept later, in batches."""
        self._file.write(
            lambda connection: connection.execute(
                "UPDATE source SET generation = generation + 1 WHERE name = ?", (source,)
            ),
            None,
        )

    def flush(self) -> None:
        """Write the last uses and the counts of hits and misses, which are gathered in memory."""
        with self._lock:
            used, self._used = self._used, {}
            counts, self._counts = self._counts, {}
            self._uncounted = 0
        if used or counts:
            self._file.write(lambda connection: _write_uses(connection, used, counts), None)

    def forget_uses(self) -> None:
        """Drop what is gathered in memory: the file it belongs to is gone."""
        with self._lock:
            self._used, self._counts, self._uncounted = {}, {}, 0

    def _find(self, number: int, key: str) -> tuple[Any, ...] | None:
        desk = self._file.desk()
        if desk is None:
            return None
        try:
            row: tuple[Any, ...] | None = desk.cursor.execute(_FIND, (number,)).fetchone()
        except sqlite3.Error as error:
            self._file.note_failure(error, desk)
            return None
        return row if row is not None and row[0] == key else None

    def _count(self, source: str, is_miss: int, number: int | None = None, now: float = 0.0) -> None:
        with self._lock:
            try:
                self._counts[source][is_miss] += 1
            except KeyError:
                self._counts[source] = [1 - is_miss, is_miss]
            self._uncounted += 1
            if number is not None:
                self._used[number] = int(now * 1e6)
            is_due = self._uncounted >= _COUNTS or len(self._used) >= _TOUCHES
        if is_due:
            self.flush()

    def _store(self, source: str, written: list[_Written], ttl: timedelta) -> None:
        now = int(self._clock.now().timestamp() * 1e6)
        expires_at = now + int(ttl.total_seconds() * 1e6)
        by_number = {_number(source, answer.key): answer for answer in written}

        def work(connection: sqlite3.Connection) -> None:
            of_source = _source(connection, source)
            body = single_value(connection, "SELECT coalesce(max(id), 0) FROM body")
            connection.execute(_FORMER, (json.dumps(list(by_number)),))
            connection.executemany(
                _ANSWER,
                [
                    (
                        number,
                        *of_source,
                        found.key,
                        now,
                        expires_at,
                        now,
                        place,
                        found.size,
                        found.form,
                        found.reason,
                    )
                    for place, (number, found) in enumerate(by_number.items(), start=body + 1)
                ],
            )
            connection.executemany(
                _BODY, [(place, found.body) for place, found in enumerate(by_number.values(), start=body + 1)]
            )

        self._file.write(work, None)
        self._keep_bound(sum(answer.size for answer in written), now)

    def _keep_bound(self, written_bytes: int, now_us: int) -> None:
        """Look at the size of the file now and then, as counted by what was written."""
        self._unchecked += written_bytes
        if self._unchecked >= self._check_every:
            self._unchecked = 0
            self.flush()
            trim(self._file, self._max_bytes, now_us)


def _written(key: str, value: Any) -> _Written:
    body, form = (value, _BYTES) if isinstance(value, bytes) else (_encode(value), _JSON)
    return _Written(key, body, form, _ROW_BYTES + len(key) + len(body), None)


def _source(connection: sqlite3.Connection, name: str) -> tuple[int, int]:
    """Return id and generation of a source, which is created when it is new."""
    sql = "SELECT id, generation FROM source WHERE name = ?"
    found: tuple[int, int] | None = connection.execute(sql, (name,)).fetchone()
    if found is None:
        connection.execute(_SOURCE, (name,))
        found = connection.execute(sql, (name,)).fetchone()
    assert found is not None  # noqa: S101 - it was just written
    return found


def _number(source: str, key: str) -> int:
    """Return the id of an answer: 64 bits of a hash; the key beside it tells a collision."""
    digest = blake2b(f"{source}\0{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def _answer_of(row: tuple[Any, ...], *, is_stale: bool) -> CachedAnswer | None:
    """Return the answer of a row; None when its body is damaged."""
    _, stored_at, expires_at, form, reason, body = row
    try:
        value = None if reason is not None else _decode(body) if form == _JSON else body
    except msgspec.MsgspecError:
        return None
    return CachedAnswer(value, reason, stored_at / 1e6, expires_at / 1e6, is_stale)


def _write_uses(connection: sqlite3.Connection, used: dict[int, int], counts: dict[str, list[int]]) -> None:
    connection.executemany(_SOURCE, [(source,) for source in counts])
    connection.executemany(_COUNT, [(hits, misses, source) for source, (hits, misses) in counts.items()])
    connection.executemany(_TOUCH, [(at, number) for number, at in used.items()])
