"""Scoring, sampling and choosing: the same in any order of the evidence, and never whom something speaks against."""

import random
from datetime import date, timedelta

import pytest
from fakes_discovery import named, ref, similar
from fakes_lidarr import mbid
from fakes_storage import START
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.library.discovery.candidates import Candidate, Evidence, Pool, key_of
from cmdarr.library.discovery.choose import Choice, Chooser
from cmdarr.library.discovery.lookups import LookUpFailure
from cmdarr.library.discovery.seeds import join_seeds, pick_seeds
from cmdarr.library.discovery.standing import Standing, is_no_artist, proposed_before
from cmdarr.matching.fold import fold
from cmdarr.models.artist import ArtistMbid, ArtistRef, IdentifiedArtist
from cmdarr.models.import_list import ImportListEntry, ListedState

numbers = st.integers(1, 12)
artists = st.one_of(
    numbers.map(ref),
    numbers.map(lambda number: ref(number, f"ARTIST {number}")),
    numbers.map(lambda number: named(f"Artist {number}")),
)
matches = st.floats(0, 1)
answers = st.lists(
    st.tuples(
        st.sampled_from(["Seed 1", "Seed 2", "Seed 3"]), st.sampled_from(["lastfm", "labs"]), artists, matches
    ),
    max_size=40,
)
sets = st.frozensets(numbers.map(mbid), max_size=4)
Answer = tuple[str, str, ArtistRef, float]


def pool_of(found: list[Answer]) -> list[Candidate]:
    pool = Pool()
    for seed, service, artist, match in found:
        pool.add(seed, service, [similar(artist, match)])
    return list(pool.candidates())


def identify(candidate: Candidate) -> IdentifiedArtist | LookUpFailure | None:
    """Know every third artist by name, one under another MBID, and fail for one."""
    number = int(candidate.name.rpartition(" ")[2])
    if number == 5:
        return LookUpFailure(service="mb", subject=candidate.name, message="down", error_class="X")
    if candidate.mbid is None and number % 3:
        return None
    return IdentifiedArtist(mbid=ArtistMbid(mbid(1 if number == 2 else number)), name=candidate.name)


def choose(found: list[Answer], standing: Standing, limit: int = 5) -> list[Choice]:
    return Chooser(standing=standing, identify=identify, limit=limit, min_match=0.2).choose(pool_of(found))


@settings(deadline=None, max_examples=150)
@given(answers, st.randoms(use_true_random=False), sets, sets, sets, sets)
def test_the_choice_does_not_depend_on_the_order_of_the_answers(
    found: list[Answer],
    chance: random.Random,
    known: frozenset[str],
    excluded: frozenset[str],
    dismissed: frozenset[str],
    proposed: frozenset[str],
) -> None:
    standing = Standing(
        known=known,
        known_names=frozenset({fold("Artist 12")}),
        excluded=excluded,
        dismissed=dismissed,
        proposed=proposed,
    )
    chosen = choose(found, standing)
    shuffled = found.copy()
    chance.shuffle(shuffled)
    assert choose(shuffled, standing) == chosen
    mbids = [choice.candidate.mbid for choice in chosen]
    assert None not in mbids
    assert len(set(mbids)) == len(mbids) <= 5
    assert not set(mbids) & (known | excluded | dismissed | proposed)
    assert all(choice.candidate.match >= 0.2 for choice in chosen)
    assert all(fold(choice.candidate.name) != fold("Artist 12") for choice in chosen)


@settings(deadline=None, max_examples=100)
@given(st.lists(matches, min_size=1, max_size=30), matches)
def test_a_score_is_between_0_and_1_and_more_evidence_never_lowers_it(
    values: list[float], more: float
) -> None:
    def score(of: list[float]) -> float:
        evidence = tuple(Evidence(match=each, seed=str(place), service="s") for place, each in enumerate(of))
        return Candidate(name="x", mbid=None, evidence=evidence).score

    assert 0 <= score(values) <= 1
    assert score([*values, more]) >= score(values)
    assert score(values) == score(values[::-1])


def test_one_perfect_match_gives_a_half_and_two_give_three_quarters() -> None:
    (one,) = pool_of([("Seed 1", "lastfm", ref(1), 1.0)])
    (two,) = pool_of([("Seed 1", "lastfm", ref(1), 1.0), ("Seed 2", "lastfm", ref(1), 1.0)])
    assert (one.score, two.score) == (0.5, 0.75)
    assert two.seeds == ("Seed 1", "Seed 2")


def test_what_a_service_says_twice_counts_once_and_odd_numbers_are_bounded() -> None:
    (found,) = pool_of(
        [
            ("Seed 1", "lastfm", ref(1), 0.3),
            ("Seed 1", "lastfm", ref(1), 7.0),
            ("Seed 1", "lastfm", ref(1), -1.0),
        ]
    )
    assert [each.match for each in found.evidence] == [1.0]


def test_two_names_of_one_artist_are_joined_and_rank_together() -> None:
    found = [
        ("Seed 1", "lastfm", named("Artist 3"), 0.9),
        ("Seed 1", "labs", ref(3), 0.9),
        ("Seed 1", "labs", ref(4), 0.95),
    ]
    (best,) = choose(found, Standing(), limit=1)
    assert (best.candidate.mbid, best.candidate.services) == (mbid(3), ("labs", "lastfm"))
    assert [each.candidate.mbid for each in choose(found, Standing(), limit=2)] == [mbid(3), mbid(4)]


def test_a_namesake_that_is_somebody_else_gives_no_evidence() -> None:
    found = [
        ("Seed 1", "lastfm", named("Artist 7"), 0.9),
        ("Seed 1", "labs", ref(7), 0.9),
        ("Seed 1", "labs", ref(4), 0.95),
    ]
    (best,) = choose(found, Standing(), limit=1)
    assert best.candidate.mbid == mbid(4)


def test_an_artist_that_is_chosen_already_takes_the_evidence_of_its_old_id() -> None:
    found = [("Seed 1", "labs", ref(1), 0.9), ("Seed 2", "lastfm", ref(2), 0.8)]
    (choice,) = choose(found, Standing())
    assert choice.candidate.mbid == mbid(1)
    assert (choice.candidate.match, choice.candidate.seeds) == (0.9, ("Seed 1", "Seed 2"))


def test_only_as_many_are_identified_as_are_needed() -> None:
    asked: list[str] = []

    def count(candidate: Candidate) -> IdentifiedArtist | None:
        asked.append(candidate.name)
        assert candidate.mbid
        return IdentifiedArtist(mbid=candidate.mbid, name=candidate.name)

    found = pool_of([("Seed 1", "lastfm", ref(number), number / 100) for number in range(1, 100)])
    chosen = Chooser(standing=Standing(), identify=count, limit=3).choose(found)
    assert [choice.candidate.name for choice in chosen] == asked == ["Artist 99", "Artist 98", "Artist 97"]


def test_look_ups_end_where_nobody_can_be_identified() -> None:
    found = pool_of([("Seed 1", "lastfm", named(f"X {number}"), 0.9) for number in range(1000)])
    asked: list[str] = []

    def refuse(candidate: Candidate) -> None:
        asked.append(candidate.name)

    chooser = Chooser(standing=Standing(), identify=refuse, limit=3)
    assert (chooser.choose(found), len(asked)) == ([], 300)
    assert chooser.left_out["unidentified"] == 1000


@settings(deadline=None, max_examples=80)
@given(st.lists(artists, max_size=30), st.randoms(use_true_random=False), st.integers(1, 10))
def test_a_sample_is_the_same_all_day_whatever_the_order(
    seeds: list[ArtistRef], chance: random.Random, count: int
) -> None:
    def pick(of: list[ArtistRef]) -> list[ArtistRef]:
        joined = join_seeds(of)
        return list(pick_seeds(joined, {}, count=count, day=date(2026, 3, 1), command="a"))

    shuffled = seeds.copy()
    chance.shuffle(shuffled)
    picked = pick(seeds)
    assert pick(shuffled) == picked
    assert len(picked) <= count


def test_another_day_and_another_command_give_another_sample() -> None:
    seeds = [ref(number) for number in range(1, 1001)]
    samples = {
        tuple(pick_seeds(seeds, {}, count=5, day=date(2026, 3, day), command=command))
        for day in (1, 2)
        for command in ("a", "b")
    }
    assert len(samples) == 4


def test_seeds_that_rest_come_last_those_that_rested_longest_first() -> None:
    seeds = [ref(number) for number in range(1, 5)]
    asked = {mbid(1): START + timedelta(days=2), mbid(2): START + timedelta(days=1)}
    picked = pick_seeds(seeds, asked, count=4, day=date(2026, 3, 1), command="a")
    assert {seed.mbid for seed in picked[:2]} == {mbid(3), mbid(4)}
    assert [seed.mbid for seed in picked[2:]] == [mbid(2), mbid(1)]


def test_a_seed_is_there_once_and_nobody_is_no_seed() -> None:
    found = [ref(1), ref(1, "Other name"), named("artist 1"), named("Air"), named("AIR"), named("[unknown]")]
    assert {key_of(seed) for seed in join_seeds(found)} == {mbid(1), " air"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("[unknown]", True),
        ("Various Artists", True),
        ("[dunkelbunt] live", False),
        ("Björk", False),
        ("", False),
    ],
)
def test_names_of_nobody(name: str, expected: bool) -> None:
    assert is_no_artist(name) is expected


def test_an_album_is_listed_unless_it_or_its_artist_is_unwanted() -> None:
    standing = Standing(excluded=frozenset("ab"), dismissed=frozenset("c"), proposed=frozenset("de"))
    pairs = [("a", "x"), ("x", "b"), ("x", "c"), ("d", "x"), ("x", "e"), ("x", "y")]
    assert [standing.may_list(*pair) for pair in pairs] == [False, False, False, False, True, True]


@pytest.mark.parametrize(
    ("name", "state", "days", "expected"),
    [
        ("own", ListedState.LISTED, 300, True),
        ("other", ListedState.LISTED, 300, False),
        ("other", ListedState.LISTED, 100, True),
        ("other", ListedState.CONSUMED, 300, True),
        ("own", ListedState.REMOVED, 300, False),
        ("own", ListedState.REMOVED, 100, True),
    ],
)
def test_who_was_proposed_before(name: str, state: ListedState, days: int, expected: bool) -> None:
    entry = ImportListEntry(list=name, mbid="m", name="x", added_at=START - timedelta(days=days), state=state)
    assert (proposed_before([entry], "own", timedelta(days=180), START) == {"m"}) is expected
