"""Paths tell artist, album and title."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdarr.library.formats import PathGuess, guess_from_path


@pytest.mark.parametrize(
    ("path", "guess"),
    [
        (
            "A/B (2019)/02 - T.flac",
            PathGuess(title="T", artist="A", album="B", album_artist="A", number=2, year=2019),
        ),
        (
            "A/2019 - B/02. T.mp3",
            PathGuess(title="T", artist="A", album="B", album_artist="A", number=2, year=2019),
        ),
        ("A/B/CD2/07 T.mp3", PathGuess(title="T", artist="A", album="B", album_artist="A", disc=2, number=7)),
        ("A/B/2-07 - T.mp3", PathGuess(title="T", artist="A", album="B", album_artist="A", disc=2, number=7)),
        ("A/B/A - T.mp3", PathGuess(title="T", artist="A", album="B", album_artist="A")),
        (
            "A/B/03 - T - Live.mp3",
            PathGuess(title="T - Live", artist="A", album="B", album_artist="A", number=3),
        ),
        ("A/B/03 - a - T.mp3", PathGuess(title="T", artist="a", album="B", album_artist="A", number=3)),
        (
            "Various Artists/B/03 - A - T.mp3",
            PathGuess(title="T", artist="A", album="B", album_artist="Various Artists", number=3),
        ),
        ("A/99 Luftballons.mp3", PathGuess(title="99 Luftballons", artist="A")),
        (
            "A/B/99 Luftballons.mp3",
            PathGuess(title="99 Luftballons", artist="A", album="B", album_artist="A"),
        ),
        ("A - T.mp3", PathGuess(title="T", artist="A")),
        ("T.mp3", PathGuess(title="T")),
        ("A/B/1999.mp3", PathGuess(title="1999", artist="A", album="B", album_artist="A")),
        ("A/B/Vol. 2", PathGuess(title="Vol. 2", artist="A", album="B", album_artist="A")),
    ],
)
def test_a_path_is_read(path: str, guess: PathGuess) -> None:
    assert guess_from_path(path) == guess


@given(st.text(max_size=60))
def test_any_path_is_read(path: str) -> None:
    guess_from_path(path)
