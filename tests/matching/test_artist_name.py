"""Names of single artists, and the first name of a credit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdarr.matching.artist_name import artist_key, is_like_name, names_nobody
from cmdarr.matching.credit import first_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Beyoncé", "beyonce"),
        ("The Beatles", "Beatles"),
        ("Guns N’ Roses", "Guns n' Roses"),
        ("Metalica", "Metallica"),
        ("Sheeran, Ed", "Ed Sheeran"),
        ("Кино", "Kino"),
        ("AC/DC", "ACDC"),
    ],
)
def test_spellings_of_one_name_are_like(one: str, other: str) -> None:
    assert is_like_name(one, other) and is_like_name(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nirvana", "Nirvana UK"),
        ("U2", "U3"),
        ("Muse", "Museum"),
        ("Blink-182", "Blink-183"),
        ("", ""),
        ("Negativland", "U2"),
    ],
)
def test_other_names_are_not(one: str, other: str) -> None:
    assert not is_like_name(one, other) and not is_like_name(other, one)


@pytest.mark.parametrize(
    "name", ["[unknown]", " [no artist] ", "Various Artists", "unknown artist", "", "  "]
)
def test_placeholders_name_nobody(name: str) -> None:
    assert names_nobody(name)


@pytest.mark.parametrize("name", ["!!!", "The The", "[spunge] and friends", "Unknown Mortal Orchestra"])
def test_strange_names_name_somebody(name: str) -> None:
    assert not names_nobody(name) and artist_key(name)


@pytest.mark.parametrize(
    ("artist", "first"),
    [
        ("Ed Sheeran feat. Meek Mill & A Boogie", "Ed Sheeran"),
        ("Earth, Wind & Fire", "Earth"),
        ("Daft Punk", "Daft Punk"),
        ("A (feat. B)", "A"),
        ("&", "&"),
        ("", ""),
    ],
)
def test_the_first_name_is_as_written(artist: str, first: str) -> None:
    assert first_name(artist) == first


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_two_texts_compare_alike_both_ways(one: str, other: str) -> None:
    assert is_like_name(one, other) == is_like_name(other, one)
    first_name(one)
