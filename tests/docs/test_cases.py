"""The table of cases is complete, and each test that it names exists."""

import ast
import importlib
import importlib.metadata
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
from fakes_docs import DOCS, REPOSITORY, text_of

PAGE = DOCS / "configuration-cases.md"
TESTS = REPOSITORY / "tests"
NUMBERS = {"D": 6, "W": 26, "Y": 24, "P": 8, "E": 2, "A": 19, "B": 18}
WAITING = ["B14", "B15", "B16"]
ROWS: list[tuple[str, str, str]] = re.findall(
    r"^\| ([A-Z]\d+|`[\w.]+`) \| (.+) \| (.+) \|$", text_of(PAGE), re.MULTILINE
)


@cache
def names_in(path: Path) -> frozenset[str]:
    module = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in module.body if isinstance(node, ast.FunctionDef))


def test_every_case_has_its_line() -> None:
    expected = [f"{letter}{number}" for letter, last in NUMBERS.items() for number in range(1, last + 1)]
    assert [case for case, _, _ in ROWS if not case.startswith("`")] == expected


def test_every_case_is_shown_or_says_why_it_waits() -> None:
    assert [case for case, _, shown in ROWS if shown.startswith("waits: ")] == WAITING
    assert all("::" in shown for case, _, shown in ROWS if case not in WAITING)


@pytest.mark.parametrize(("case", "shown"), [(case, shown) for case, _, shown in ROWS if "::" in shown])
def test_the_tests_of_a_case_exist(case: str, shown: str) -> None:
    for file, name in re.findall(r"`([^`]+)::([^`]+)`", shown):
        assert name in names_in(TESTS / file), f"{file} has no {name}"


def test_every_test_that_carries_a_number_carries_one_that_exists() -> None:
    for path in TESTS.rglob("test_*.py"):
        for name in names_in(path):
            numbers = re.match(r"test_((?:[dwypeab]\d+_)+)", name)
            for case in numbers[1].rstrip("_").upper().split("_") if numbers else ():
                assert 1 <= int(case[1:]) <= NUMBERS[case[0]], f"{path.name}::{name}"


@pytest.mark.parametrize(
    ("place", "value"), [(case.strip("`"), value) for case, value, _ in ROWS if case.startswith("`")]
)
def test_a_constant_is_what_the_page_says(place: str, value: str) -> None:
    module, _, name = place.rpartition(".")
    assert getattr(importlib.import_module(module), name) == float(value)


def pyproject() -> dict[str, list[str]]:
    with (REPOSITORY / "pyproject.toml").open("rb") as stream:
        project = tomllib.load(stream)["project"]
    return {"python": [project["requires-python"]], "packages": project["dependencies"]}


def test_d5_the_versions_are_pinned() -> None:
    assert pyproject()["python"] == [">=3.11"]
    assert "watchdog>=7.1,<8" in pyproject()["packages"]


def test_d2_y23_there_is_one_yaml_library() -> None:
    packages = pyproject()["packages"]
    assert [name for name in packages if "yaml" in name.lower()] == ["PyYAML>=6.0.3"]
    names = {re.split(r"[^\w-]", package)[0] for package in packages}
    needed = {need.lower() for name in names for need in importlib.metadata.requires(name) or ()}
    required = {re.split(r"[^\w.-]", need)[0] for need in needed if "extra ==" not in need}
    assert not {"ruamel.yaml", "ruamel-yaml", "strictyaml", "oyaml"} & required
