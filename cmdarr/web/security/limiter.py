"""The limiter of logins: after a few wrong passwords an address waits, longer each time, and so does everybody."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from cmdarr.models.clock import Clock
from cmdarr.web.security.visitor import parse_address

FREE_TRIES = 5
"""So many wrong passwords an address may send before it waits."""
LONGEST_WAIT_S = 900.0
ALL_TRIES = 60
"""So many wrong passwords all addresses together may send in a minute."""
_WINDOW_S = 60.0
_FORGET_S = 3600.0
_MOST_ADDRESSES = 2000


@dataclass(slots=True)
class _Failures:
    count: int
    last: float


class LoginLimiter:
    """Counts wrong passwords in memory. Safe to share by threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._by_address: OrderedDict[str, _Failures] = OrderedDict()
        self._window_began = clock.monotonic()
        self._in_window = 0

    def wait_s(self, address: str) -> float:
        """Return for how many seconds a login from the address is refused, 0.0 when it may be tried."""
        with self._lock:
            now = self._clock.monotonic()
            found = self._by_address.get(_group(address))
            own = found.last + _pause_s(found.count) - now if found else 0.0
            window = self._window_began + _WINDOW_S - now
            every = window if self._in_window >= ALL_TRIES else 0.0
            return max(own, every, 0.0)

    def note_failure(self, address: str) -> None:
        """Count a wrong password."""
        with self._lock:
            now, name = self._clock.monotonic(), _group(address)
            if now - self._window_began >= _WINDOW_S:
                self._window_began, self._in_window = now, 0
            self._in_window += 1
            found = self._by_address.pop(name, None)
            if found is None or now - found.last > _FORGET_S:
                found = _Failures(0, now)
            self._by_address[name] = _Failures(found.count + 1, now)
            while len(self._by_address) > _MOST_ADDRESSES:
                self._by_address.popitem(last=False)

    def note_success(self, address: str) -> None:
        """Forget the wrong passwords of an address."""
        with self._lock:
            self._by_address.pop(_group(address), None)


def _pause_s(failures: int) -> float:
    beyond = failures - FREE_TRIES
    return 0.0 if beyond < 0 else min(2.0**beyond, LONGEST_WAIT_S)


def _group(address: str) -> str:
    """Return what counts as one client: an IPv6 user has a whole /64."""
    found = parse_address(address)
    if found is not None and found.version == 6:
        return found.exploded[:19]
    return address
