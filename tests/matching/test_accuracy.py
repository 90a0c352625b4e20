"""The accuracy on the training data must not drop. The data lies outside the repository."""

from functools import cache

import pytest

from benchmarks.accuracy import Judgement, data_folder, has_artist, judge_pairs, judge_records, score

FOLDER = data_folder()
LEAST_PRECISION = 0.98
SLACK = 0.01
"""How far recall may drop below what was reached."""

pytestmark = pytest.mark.skipif(
    FOLDER is None, reason="the training data is not there: name its folder in CMDARR_MATCHING_DATA"
)


@cache
def records() -> list[Judgement]:
    assert FOLDER
    return judge_records(FOLDER)


def check(judgements: list[Judgement], reached: float) -> None:
    figure = score(judgements)
    wrong = [one.decision for one in judgements if one.is_wrong]
    assert figure.precision >= LEAST_PRECISION, wrong
    assert figure.recall >= reached - SLACK, figure


def test_pairs_of_two_shops() -> None:
    assert FOLDER
    check(judge_pairs(FOLDER), 0.948)


def test_damaged_records() -> None:
    check(records(), 0.888)


def test_damaged_records_whose_artist_is_named() -> None:
    check([one for one in records() if has_artist(one)], 0.889)
