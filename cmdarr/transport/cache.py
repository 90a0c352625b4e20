"""Answers that are kept: fresh ones spare the request, old ones stand in while the service is down."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from cmdarr.errors import NotFound, ServiceUnavailable
from cmdarr.models.cache import CachedAnswer
from cmdarr.storage.cache_key import cache_key
from cmdarr.transport.request import Reply, Request


class Answers(Protocol):
    """The store of answers (`CacheStore.answers`)."""

    def get(self, source: str, key: str) -> CachedAnswer | None:
        """Return a fresh answer."""

    def get_stale(self, source: str, key: str) -> CachedAnswer | None:
        """Return an answer however old, unless it says that nothing was found."""

    def put(self, source: str, key: str, value: Any, ttl: timedelta) -> None:
        """Keep an answer."""

    def put_negative(self, source: str, key: str, reason: str, ttl: timedelta) -> None:
        """Remember that nothing was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """How long an answer is kept, and how long it is remembered that there is none (zero: not at all)."""

    ttl: timedelta
    negative_ttl: timedelta = timedelta(0)
    account: str = ""
    """Whose answer it is, where accounts see different ones."""


def fetch_kept(
    answers: Answers, service: str, request: Request, keep: Keep, send: Callable[[Request], Reply]
) -> Reply:
    """Return a kept answer, or ask and keep what comes; an outage is never kept.

    Raises:
        NotFound: the service has nothing there, now or as it is remembered.
        ServiceError: the request failed and no older answer can stand in.
    """
    key = _key(service, request, keep.account)
    known = answers.get(service, key)
    if known is not None:
        if known.is_negative:
            raise NotFound(service, known.reason)
        return Reply(status=200, body=known.value)
    try:
        reply = send(request)
    except NotFound as error:
        if keep.negative_ttl:
            answers.put_negative(service, key, str(error).removeprefix(f"{service}: "), keep.negative_ttl)
        raise
    except ServiceUnavailable:
        old = answers.get_stale(service, key)
        if old is None:
            raise
        return Reply(status=200, body=old.value, is_stale=True)
    answers.put(service, key, reply.body, keep.ttl)
    return reply


def _key(service: str, request: Request, account: str) -> str:
    values: dict[str, str] = {}
    for name, value in request.params:
        values[name] = f"{values[name]}\n{value}" if name in values else value
    return cache_key(service, request.what, values, account)
