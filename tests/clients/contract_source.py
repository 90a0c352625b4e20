"""What every playlist source must do, written once: subclass `SourceContract` and give it a fake service.

The fake answers over real HTTP; faults are laid over its answers here, at any request. Nothing waits for real.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, ClassVar, Protocol

import pytest
from fakes_http import Answer, HttpServer, Reset, Seen, Silence, Told

from cmdarr.errors import (
    CmdarrError,
    RateLimited,
    RunCancelled,
    ServiceError,
    ServiceUnavailable,
    SourceIncomplete,
)
from cmdarr.library.ports import PlaylistSource
from cmdarr.models.cache import CachedAnswer
from cmdarr.models.cancel import CancelToken
from cmdarr.models.playlist import SourcePlaylist
from cmdarr.transport.surroundings import Surroundings

UNTOLD = 0
"""In a fake's playlist: an entry of which the service tells no artist and title."""


class FakePlaylist(Protocol):
    """The service under test: answers requests, and holds one playlist that the tests fill."""

    def hold(self, numbers: Sequence[int], *, gives: int | None = None) -> None:
        """Hold `Song N` by `Artist N` for each number, in order; `UNTOLD` is an entry without artist and title.

        `gives`: announce all of them, but give only so many.
        """

    def __call__(self, seen: Seen) -> Told:
        """Answer a request rightly."""


@dataclass
class KeptAnswers:
    """A store of answers in memory, so that a source that keeps what it must not is found out."""

    kept: dict[tuple[str, str], CachedAnswer] = field(default_factory=dict)

    def get(self, source: str, key: str) -> CachedAnswer | None:
        return self.kept.get((source, key))

    get_stale = get

    def put(self, source: str, key: str, value: Any, ttl: timedelta) -> None:
        self.kept[source, key] = CachedAnswer(value, None, 0, 0, is_stale=False)

    def put_negative(self, source: str, key: str, reason: str, ttl: timedelta) -> None:
        self.kept[source, key] = CachedAnswer(None, reason, 0, 0, is_stale=False)


@dataclass
class Stage:
    """A source before its fake service; `fault` is laid over the answers from request `fault_at` on (from 1)."""

    fake: FakePlaylist
    fault: Callable[[Answer], Told] | None = None
    fault_at: int = 1
    faults: int = 1
    """How many requests it meets."""
    cancel_at: int = 0
    requests: list[Seen] = field(default_factory=list)
    waits_s: list[float] = field(default_factory=list)
    cancel: CancelToken = field(default_factory=CancelToken)
    answers: KeptAnswers = field(default_factory=KeptAnswers)

    def __call__(self, seen: Seen) -> Told:
        self.requests.append(seen)
        number = len(self.requests)
        if number == self.cancel_at:
            self.cancel.cancel()
        told = self.fake(seen)
        if self.fault and self.fault_at <= number < self.fault_at + self.faults and isinstance(told, Answer):
            return self.fault(told)
        return told

    def surroundings(self) -> Surroundings:
        """Return what a source is built with: it writes its waits down in place of waiting."""
        return Surroundings(wait=self._wait, chance=lambda: 0.5, answers=self.answers)

    def _wait(self, cancel: CancelToken, seconds: float) -> None:
        cancel.check()
        self.waits_s.append(seconds)

    def break_from(self, number: int, fault: Callable[[Answer], Told], *, count: int = 10**9) -> None:
        """Break so many answers, from that request of the next reading on, and forget the requests of before."""
        self.fault, self.fault_at, self.faults = fault, number, count
        self.requests.clear()
        self.waits_s.clear()


FAULTS: Mapping[str, Callable[[Answer], Told]] = {
    "reset": lambda right: Reset(),
    "500": lambda right: Answer(status=500, body=b"<html>oops</html>"),
    "503": lambda right: Answer(status=503, body=b"{}"),
    "429": lambda right: Answer(status=429, body=b"{}"),
    "429, come back in 5 s": lambda right: Answer(status=429, body=b"{}", headers={"Retry-After": "5"}),
    "429, come back tomorrow": lambda right: Answer(status=429, body=b"{}", headers={"Retry-After": "86400"}),
    "cut": lambda right: replace(right, cut=len(right.body) // 2),
    "a web page": lambda right: Answer(body=b"<html>please log in</html>"),
    "nothing": lambda right: Answer(body=b""),
    "an empty object": lambda right: Answer(body=b"{}"),
}
"""Ways in which an answer goes wrong."""


class SourceContract(ABC):
    """Subclasses define `make_fake`, `make_source` and the texts below; `page` is how many tracks a page has."""

    playlist: str
    """The text that names the fake's playlist."""
    wrong: Sequence[str] = ()
    """Texts that name no playlist of this service, in form."""
    missing: str = ""
    """A text in the right form that names nothing; empty where there is no such thing."""
    secrets: Sequence[str] = ()
    """What must never stand in a message."""
    page = 1
    timeout_s = 5.0
    """How long one answer may take; `make_source` heeds it."""
    announces_total = True
    """Whether the service says how many entries there are."""
    tells_all = False
    """Whether every entry always has an artist and a title."""
    more_faults: ClassVar[Mapping[str, Callable[[Answer], Told]]] = {}

    def __init_subclass__(cls) -> None:
        """Leave out the tests of what a service does not have: a class has only tests that it can fail."""
        absent = {
            "test_fewer_tracks_than_announced_are_an_error": not cls.announces_total,
            "test_entries_that_are_not_told_are_counted_and_named": cls.tells_all,
            "test_a_playlist_of_nothing_but_untold_entries_is_an_error": cls.tells_all,
            "test_a_playlist_that_does_not_exist_says_so": not cls.missing,
        }
        for name, is_absent in absent.items():
            if is_absent:
                setattr(cls, name, None)

    @abstractmethod
    def make_fake(self) -> FakePlaylist:
        """Return a fresh fake."""

    @abstractmethod
    def make_source(self, url: str, surroundings: Surroundings) -> PlaylistSource:
        """Return the source, with `timeout_s` as its `timeout`."""

    @pytest.fixture
    def stage(self) -> Stage:
        return Stage(self.make_fake())

    @pytest.fixture
    def source(self, stage: Stage) -> Iterator[PlaylistSource]:
        server = HttpServer(stage)
        try:
            yield self.make_source(server.url, stage.surroundings())
        finally:
            server.stop()

    @pytest.fixture
    def remake(self, stage: Stage) -> Iterator[Callable[[], PlaylistSource]]:
        """Return how to make a fresh source for each reading, as each run has one."""
        server = HttpServer(stage)
        try:
            yield lambda: self.make_source(server.url, stage.surroundings())
        finally:
            server.stop()

    def read(self, source: PlaylistSource) -> SourcePlaylist:
        return source.fetch_playlist(self.playlist, CancelToken())

    def numbers(self, playlist: SourcePlaylist) -> list[int]:
        """Return which songs were read, and check that each has its own artist."""
        found = [
            (track.title.rpartition(" ")[2], track.artist.rpartition(" ")[2]) for track in playlist.tracks
        ]
        assert all(title == artist for title, artist in found)
        return [int(title) for title, _ in found]

    def assert_fails(self, source: PlaylistSource) -> CmdarrError:
        """Read a playlist that cannot be read; the sentence is one, and holds no secret."""
        with pytest.raises((ServiceError, SourceIncomplete)) as caught:
            self.read(source)
        sentence = str(caught.value)
        assert source.name in sentence
        assert len(sentence) < 400 and "\n" not in sentence
        assert not any(secret in sentence for secret in self.secrets)
        return caught.value

    def test_it_is_a_playlist_source(self, source: PlaylistSource) -> None:
        assert isinstance(source, PlaylistSource)
        assert source.name

    def test_order_and_duplicates_are_kept(self, stage: Stage, source: PlaylistSource) -> None:
        stage.fake.hold([3, 1, 2, 1, 1])
        playlist = self.read(source)
        assert self.numbers(playlist) == [3, 1, 2, 1, 1]
        assert playlist.title
        assert playlist.unavailable == ()

    @pytest.mark.parametrize("beyond", [-1, 0, 1])
    def test_every_page_is_read(self, stage: Stage, source: PlaylistSource, beyond: int) -> None:
        numbers = list(range(1, 3 * self.page + beyond + 1)) or [1]
        stage.fake.hold(numbers)
        assert self.numbers(self.read(source)) == numbers

    def test_the_list_of_today_is_read_each_time(
        self, stage: Stage, remake: Callable[[], PlaylistSource]
    ) -> None:
        stage.fake.hold([1, 2, 3])
        assert self.numbers(self.read(remake())) == [1, 2, 3]
        stage.fake.hold([2, 4])
        assert self.numbers(self.read(remake())) == [2, 4]
        stage.break_from(1, FAULTS["503"])
        self.assert_fails(remake())

    def test_a_source_is_read_again_and_again(self, stage: Stage, source: PlaylistSource) -> None:
        for numbers in ([1, 2], [2, 3, 4]):
            stage.fake.hold(numbers)
            assert self.numbers(self.read(source)) == numbers

    def test_an_empty_playlist_is_an_error(self, stage: Stage, source: PlaylistSource) -> None:
        stage.fake.hold([])
        with pytest.raises(SourceIncomplete, match=r"empty|no tracks|nothing"):
            self.read(source)

    def test_fewer_tracks_than_announced_are_an_error(self, stage: Stage, source: PlaylistSource) -> None:
        numbers = list(range(1, 3 * self.page + 2))
        for gives in (0, 1, self.page, 2 * self.page, len(numbers) - 1):
            stage.fake.hold(numbers, gives=gives)
            assert isinstance(self.assert_fails(source), SourceIncomplete)

    def test_entries_that_are_not_told_are_counted_and_named(
        self, stage: Stage, source: PlaylistSource
    ) -> None:
        stage.fake.hold([1, UNTOLD, 2, UNTOLD])
        playlist = self.read(source)
        assert self.numbers(playlist) == [1, 2]
        assert len(playlist.unavailable) == 2
        assert all(playlist.unavailable)

    def test_a_playlist_of_nothing_but_untold_entries_is_an_error(
        self, stage: Stage, source: PlaylistSource
    ) -> None:
        stage.fake.hold([UNTOLD, UNTOLD])
        assert isinstance(self.assert_fails(source), SourceIncomplete)

    def test_a_text_that_names_no_playlist_is_refused_with_the_cure(
        self, stage: Stage, source: PlaylistSource
    ) -> None:
        for text in self.wrong:
            with pytest.raises(CmdarrError, match="`playlist`") as caught:
                source.fetch_playlist(text, CancelToken())
            assert source.name in str(caught.value)
        assert not stage.requests

    def test_a_playlist_that_does_not_exist_says_so(self, stage: Stage, source: PlaylistSource) -> None:
        stage.fake.hold([1])
        with pytest.raises(ServiceError, match="`playlist`"):
            source.fetch_playlist(self.missing, CancelToken())

    def test_a_cancelled_run_asks_nothing(self, stage: Stage, source: PlaylistSource) -> None:
        stage.cancel.cancel()
        with pytest.raises(RunCancelled):
            source.fetch_playlist(self.playlist, stage.cancel)
        assert not stage.requests

    def test_a_run_stops_between_pages(self, stage: Stage, source: PlaylistSource) -> None:
        stage.fake.hold(range(1, 5 * self.page + 1))
        stage.cancel_at = 1
        with pytest.raises(RunCancelled):
            source.fetch_playlist(self.playlist, stage.cancel)
        assert len(stage.requests) == 1

    def test_a_fault_at_any_request_never_shortens_the_playlist(
        self, stage: Stage, remake: Callable[[], PlaylistSource]
    ) -> None:
        numbers = list(range(1, 2 * self.page + 2))
        stage.fake.hold(numbers)
        self.read(remake())
        total = len(stage.requests)
        for name, fault in {**FAULTS, **self.more_faults}.items():
            for number in range(1, total + 1):
                stage.break_from(number, fault, count=1)
                try:
                    playlist = self.read(remake())
                except (ServiceError, SourceIncomplete):
                    continue
                assert self.numbers(playlist) == numbers, (name, number)

    def test_a_fault_that_stays_fails_the_reading(
        self, stage: Stage, remake: Callable[[], PlaylistSource]
    ) -> None:
        stage.fake.hold(range(1, 2 * self.page + 2))
        self.read(remake())
        total = len(stage.requests)
        for fault in {**FAULTS, **self.more_faults}.values():
            for number in {1, (total + 1) // 2, total}:
                stage.break_from(number, fault)
                self.assert_fails(remake())
                assert len(stage.requests) < number + 6, "asked on and on"

    @pytest.mark.parametrize("is_last", [False, True])
    def test_silence_fails_the_reading(
        self, stage: Stage, remake: Callable[[], PlaylistSource], is_last: bool
    ) -> None:
        stage.fake.hold(range(1, 2 * self.page + 2))
        self.read(remake())
        self.timeout_s = 0.2
        stage.break_from(len(stage.requests) if is_last else 1, lambda right: Silence())
        assert isinstance(self.assert_fails(remake()), ServiceUnavailable)

    def test_a_short_disturbance_is_waited_for(
        self, stage: Stage, remake: Callable[[], PlaylistSource]
    ) -> None:
        stage.fake.hold([1, 2])
        for name in ("503", "429", "429, come back in 5 s"):
            stage.break_from(1, FAULTS[name], count=1)
            assert self.numbers(self.read(remake())) == [1, 2], name
            assert any(wait_s > 0.4 for wait_s in stage.waits_s), name

    def test_a_service_out_of_budget_is_left_alone_at_once(
        self, stage: Stage, remake: Callable[[], PlaylistSource]
    ) -> None:
        stage.fake.hold([1, 2])
        stage.break_from(1, FAULTS["429, come back tomorrow"])
        assert isinstance(self.assert_fails(remake()), RateLimited)
        assert len(stage.requests) == 1
        assert not any(wait_s > 60 for wait_s in stage.waits_s)
