"""The log: one form, every secret masked, and the first lines kept until the form is known."""

import json
import logging
from collections.abc import Iterator

import pytest

from cmdarr.cli.logs import hold_log, log_to_stderr

logger = logging.getLogger("cmdarr.tests")


@pytest.fixture(autouse=True)
def root() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    logging.raiseExceptions = True


def test_what_was_held_back_comes_in_the_form_of_the_settings(capsys: pytest.CaptureFixture[str]) -> None:
    hold_log(level="info")
    logger.info("Configuration loaded.")
    logger.warning("Broken.")
    assert capsys.readouterr().err == ""
    log_to_stderr(level="warning", form="json")
    logger.info("not wanted")
    logger.error("Late.", extra={"command": "x", "run_id": 3})
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["level"], first["message"]) == ("warning", "Broken.")
    assert (second["message"], second["command"], second["run_id"]) == ("Late.", "x", 3)
    assert second["time"].endswith("Z")


@pytest.mark.parametrize("form", ["text", "json"])
def test_secrets_are_masked_in_messages_and_tracebacks(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr(level="debug", form=form, redact=lambda text: text.replace("hunter2", "•••"))
    try:
        int("hunter2")
    except ValueError:
        logger.exception("failed with %s", "hunter2")
    printed = capsys.readouterr().err
    assert "hunter2" not in printed
    assert "failed with •••" in printed and "int() with base 10: '•••'" in printed


def test_an_action_may_be_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr(level="info", without={"run_finished"})
    logger.info("x", extra={"action": "run_finished"})
    logger.info("y", extra={"action": "run_started"})
    assert capsys.readouterr().err.rstrip().endswith("y")
