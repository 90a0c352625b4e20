"""The log tail: bounded, masked, by level, and listening only while it is attached."""

import logging
from collections.abc import Iterator

import pytest

from cmdarr.app.log_tail import MOST_CHARACTERS, LogTail

logger = logging.getLogger("cmdarr.tests.tail")


@pytest.fixture(autouse=True)
def everything() -> Iterator[None]:
    logger.setLevel(logging.DEBUG)
    yield
    logger.setLevel(logging.NOTSET)


def masked(text: str) -> str:
    return text.replace("hunter2", "•••")


def test_the_last_lines_come_first_and_older_ones_are_forgotten() -> None:
    tail = LogTail(masked, most=3)
    with tail.attached():
        for number in range(5):
            logger.info("line %d", number, extra={"command": "daily"})
    logger.info("nobody listens any more")
    assert [line.text for line in tail.last(10)] == ["line 4", "line 3", "line 2"]
    assert [line.text for line in tail.last(2)] == ["line 4", "line 3"]
    assert tail.last(1)[0].command == "daily"


def test_a_level_shows_itself_and_what_is_worse() -> None:
    tail = LogTail(masked)
    with tail.attached():
        logger.debug("d")
        logger.info("i")
        logger.warning("w")
        logger.error("e")
        logger.critical("c")
    assert "".join(line.text for line in tail.last(10, level="debug")) == "cewid"
    assert "".join(line.text for line in tail.last(10, level="warning")) == "cew"
    assert {line.level for line in tail.last(10, level="error")} == {"error"}


def test_secrets_are_masked_in_messages_and_tracebacks() -> None:
    tail = LogTail(masked)
    with tail.attached():
        try:
            int("hunter2")
        except ValueError:
            logger.exception("failed with %s", "hunter2")
    text = tail.last(1)[0].text
    assert "hunter2" not in text
    assert "failed with •••" in text and "int() with base 10: '•••'" in text


def test_a_secret_that_becomes_known_later_is_masked_in_older_lines() -> None:
    known: list[str] = []

    def redact(text: str) -> str:
        for secret in known:
            text = text.replace(secret, "•••")
        return text

    tail = LogTail(redact)
    with tail.attached():
        logger.info("the key is hunter2")
    known.append("hunter2")
    assert tail.last(1)[0].text == "the key is •••"


def test_a_very_long_line_loses_its_middle_and_a_malformed_one_is_left_out() -> None:
    tail = LogTail(masked)
    with tail.attached():
        logger.info("begin %s end", "x" * 10_000)
        raised, logging.raiseExceptions = logging.raiseExceptions, False
        logger.info("%d of them", "three")
        logging.raiseExceptions = raised
    (line,) = tail.last(10)
    assert len(line.text) < MOST_CHARACTERS + 10
    assert line.text.startswith("begin x") and line.text.endswith("x end")
