"""Folding: what becomes equal, what stays apart."""
# ruff: noqa: RUF001 - other scripts and widths are the subject

import unicodedata
from typing import Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cmdarr.matching.fold import compact, fold

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
FORMS: tuple[Form, ...] = ("NFC", "NFD", "NFKC", "NFKD")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Beyoncé", "BEYONCE"),
        ("Beyonce\u0301", "Beyoncé"),
        ("Dvořák", "Dvorak"),
        ("Łódź", "Lodz"),
        ("Motörhead", "Motorhead"),
        ("Straße", "STRASSE"),
        ("Ｐｅｒｆｕｍｅ", "Perfume"),
        ("ｶﾞﾗｽ", "ガラス"),
        ("Кино", "КИНО"),
        ("Ёлка", "Елка"),
        ("Don’t", "Don't"),
        ("Dont", "Don't"),
        ("Rock & Roll", "Rock and Roll"),
        ("Rock 'n' Roll", "Rock and Roll"),
        ("P!nk", "Pink"),
        ("Ke$ha", "Kesha"),
        ("A$AP Rocky", "ASAP Rocky"),
        ("G.U.Y.", "GUY"),
        ("Wait… What", "Wait... What"),
        ("Ⅱ", "II"),
        ("שָׁלוֹם", "שלום"),
        ("Anti-Hero", "Anti Hero"),
        ("Anti‐Hero", "Anti-Hero"),
        ("İstanbul", "Istanbul"),
        ("Sigur  Rós ", "Sigur Ros"),
        ("Song™", "Song"),
    ],
)
def test_writings_of_one_name_fold_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("!!!", "???"),
        ("!!!", ""),
        ("+", "÷"),
        ("( )", "[ ]"),
        ("…", "!"),
        ("か", "が"),
        ("Й", "И"),
        ("Love", "Loveless"),
        ("A", "B"),
        ("한국", "한글"),
        ("X", "Ж"),
    ],
)
def test_different_names_fold_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_a_name_of_punctuation_keeps_it() -> None:
    assert fold("!!!") == "!!!"
    assert fold("( )") == "()"


def test_compact_joins_the_words() -> None:
    assert compact(fold("AC/DC")) == compact(fold("ACDC")) == "acdc"


@settings(deadline=None, max_examples=300)
@given(st.text())
@example("n ' n")
@example("a\u0338")
@example("ﷺ")
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@settings(deadline=None, max_examples=300)
@given(st.text(), st.sampled_from(FORMS))
def test_the_unicode_form_makes_no_difference_to_letters(text: str, form: Form) -> None:
    letters = "".join(character for character in text if character.isalnum())
    normal = unicodedata.normalize(form, letters)
    assert fold(normal) == fold(letters)


@settings(deadline=None, max_examples=200)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=0x24F)))
def test_capitals_make_no_difference_to_latin(text: str) -> None:
    plain = text.replace("ı", "").replace("İ", "").replace("ŉ", "").replace("ǰ", "")
    assert fold(plain.upper()) == fold(plain.upper().lower())


def test_a_text_is_never_folded_to_nothing() -> None:
    for text in ("...", "'", "©", '""', "&", "$", "-"):
        assert fold(text)
