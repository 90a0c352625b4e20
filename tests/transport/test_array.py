"""Long JSON arrays are read element by element, however the bytes are cut."""

import json
import random
from typing import Any

import msgspec
import pytest
from fakes_http import Answer, Seen, script, serving
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.errors import ServiceUnavailable, UnexpectedResponse
from cmdarr.models.cancel import CancelToken
from cmdarr.transport.array import LARGEST_ELEMENT, ArrayReader
from cmdarr.transport.request import Request
from cmdarr.transport.session import Session, Surroundings
from cmdarr.transport.settings import HttpSettings


class Row(msgspec.Struct):
    id: int = 0


texts = st.text(alphabet='ab"\\{}[], \n\té', max_size=8)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=8,
)
objects = st.dictionaries(texts, values, max_size=4)


def read(body: bytes, *, piece: int = 7, form: type[Any] = dict) -> list[Any]:
    reader = ArrayReader("lidarr", "GET /x", form)
    for start in range(0, len(body), piece):
        reader.feed(body[start : start + piece])
    return reader.finish()


@settings(deadline=None, max_examples=200)
@given(st.lists(objects, max_size=6), st.integers(1, 40), st.sampled_from([None, 0, 2]), st.booleans())
def test_the_elements_are_those_of_the_whole(
    rows: list[dict[str, Any]], piece: int, indent: int | None, ascii_only: bool
) -> None:
    body = json.dumps(rows, indent=indent, ensure_ascii=ascii_only).encode()
    assert read(b" \n" + body + b"\n", piece=piece) == rows


@settings(deadline=None, max_examples=100)
@given(st.lists(objects, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_what_was_cut_off_is_never_taken_for_the_whole(
    rows: list[dict[str, Any]], chance: random.Random
) -> None:
    body = json.dumps(rows).encode()
    with pytest.raises(UnexpectedResponse):
        read(body[: chance.randrange(len(body))])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "nothing"),
        (b"[", "nothing"),
        (b"<html>", "a web page"),
        (b'{"message": "no"}', "no list"),
        (b"[1, 2]", "does not end"),
        (b'[{"id": 1},', "does not end"),
        (b'[{"id": 1} {"id": 2}]', "broken JSON"),
        (b'[{"id": 1}}, {"id": 2}]', "broken JSON"),
        (b"[{id: 1}]", "broken JSON"),
        (b'[{"id": "x"}]', "an unknown form"),
        (b'[{"id": 1}] [{"id": 2}]', "more than one document"),
        (b"[] x", "more than one document"),
        (b'[{"id": 1, "x": "' + b"y" * (LARGEST_ELEMENT + 10), "more than 4 MB"),
    ],
)
def test_what_is_no_array_of_the_form_is_told(body: bytes, words: str) -> None:
    with pytest.raises(UnexpectedResponse, match=words) as caught:
        read(body, piece=65536, form=Row)
    assert str(caught.value).startswith("lidarr: GET /x was answered with ")


def test_endless_depth_is_told() -> None:
    with pytest.raises(UnexpectedResponse):
        read(b'[{"id": ' + b'{"x":' * 200_000 + b"1" + b"}" * 200_001 + b"]", piece=65536, form=Row)


def test_each_attempt_begins_anew() -> None:
    whole = b'[{"id": 1}, {"id": 2}]'
    around = Surroundings(wait=lambda cancel, seconds: cancel.check())
    with serving(script(Answer(body=whole, cut=15), Answer(status=503), Answer(body=whole))) as server:
        session = Session("lidarr", HttpSettings(url=server.url), surroundings=around)
        found = session.fetch_array(Request(path="/x"), CancelToken(), Row)
    assert [row.id for row in found] == [1, 2]


def test_an_array_that_is_always_cut_off_fails() -> None:
    def tell(seen: Seen) -> Answer:
        return Answer(body=b'[{"id": 1}, {"id": 2}]', cut=11)

    around = Surroundings(wait=lambda cancel, seconds: cancel.check())
    with serving(tell) as server:
        session = Session("lidarr", HttpSettings(url=server.url), surroundings=around)
        with pytest.raises(ServiceUnavailable):
            session.fetch_array(Request(path="/x"), CancelToken(), Row)
