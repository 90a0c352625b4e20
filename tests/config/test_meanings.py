from pydantic import create_model

from cmdarr.config.base import Model
from cmdarr.config.meanings import meanings_of


class Below(Model):
    """The docstring of a model is not that of a key."""

    first: int = 1
    """What the first is.

    In two paragraphs.
    """
    silent: int = 2
    last: int = 3
    """What the last is."""

    def method(self) -> None:
        """Is no key."""


class Derived(Below):
    """Adds a key, and says another thing of one."""

    own: str = ""
    """Its own."""
    last: int = 4
    """Another last."""


def test_docstrings_below_fields_are_their_meanings() -> None:
    assert meanings_of(Below) == {
        "first": "What the first is.\n\nIn two paragraphs.",
        "last": "What the last is.",
    }


def test_a_derived_model_adds_and_replaces_meanings() -> None:
    assert meanings_of(Derived) == meanings_of(Below) | {"own": "Its own.", "last": "Another last."}


def test_a_model_made_at_run_time_has_the_meanings_of_its_base() -> None:
    made = create_model("Made", __base__=Below, more=(int, 5))
    assert meanings_of(made) == meanings_of(Below)


def test_a_model_inside_a_function_has_meanings() -> None:
    class Inside(Model):
        key: int = 0
        """What it is."""

    assert meanings_of(Inside) == {"key": "What it is."}
