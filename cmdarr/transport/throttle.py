"""The rate limit of a service: a bucket of tokens that everybody who asks the service shares."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

Monotonic = Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What is left of the rate limit of a service: requests that may be sent at once, of how many at most.

    `held_s` is for how many seconds the service wants to be left alone.
    """

    service: str
    left: float
    burst: int
    held_s: float


class Throttle:
    """Lets `rate_per_s` requests pass, `burst` of them at once. Safe to share by threads; it never sleeps itself."""

    def __init__(self, rate_per_s: float, *, burst: int = 1, monotonic: Monotonic) -> None:
        self._rate = rate_per_s
        self._burst = burst
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._tokens = float(burst)
        self._at = monotonic()

    def take(self) -> float:
        """Take a token and return the seconds to wait before it may be used: later takers wait longer."""
        with self._lock:
            now = self._monotonic()
            if now > self._at:
                self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
                self._at = now
            self._tokens -= 1
            held = max(0.0, self._at - now)
            return held + max(0.0, -self._tokens / self._rate)

    def held_s(self) -> float:
        """Return for how many seconds the service still wants to be left alone."""
        with self._lock:
            return max(0.0, self._at - self._monotonic())

    def budget(self, service: str) -> Budget:
        """Return what is left of it now, without taking any."""
        with self._lock:
            now = self._monotonic()
            gained = max(0.0, now - self._at) * self._rate
            left = max(0.0, min(self._burst, self._tokens + gained))
            return Budget(service=service, left=left, burst=self._burst, held_s=max(0.0, self._at - now))

    def hold(self, seconds: float) -> None:
        """Let nobody pass for so long: the service asked for it."""
        with self._lock:
            self._at = max(self._at, self._monotonic() + seconds)


class Throttles:
    """The throttles of a process by host and account: one program is one client, however many runs it has."""

    def __init__(self, monotonic: Monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._by_key: dict[str, Throttle] = {}
        self._of_service: dict[str, dict[str, Throttle]] = {}

    def of(self, key: str, rate_per_s: float, *, burst: int = 1, service: str = "") -> Throttle:
        """Return the throttle of that key; the first caller decides its rate. `service` is who uses it."""
        with self._lock:
            if key not in self._by_key:
                self._by_key[key] = Throttle(rate_per_s, burst=burst, monotonic=self._monotonic)
            if service:
                self._of_service.setdefault(service, {})[key] = self._by_key[key]
            return self._by_key[key]

    def budgets(self) -> list[Budget]:
        """Return the tightest budget of each service that was used so far, by name."""
        with self._lock:
            known = {service: list(throttles.values()) for service, throttles in self._of_service.items()}
        return [
            min(
                (throttle.budget(service) for throttle in known[service]),
                key=lambda budget: (-budget.held_s, budget.left / budget.burst),
            )
            for service in sorted(known)
        ]
