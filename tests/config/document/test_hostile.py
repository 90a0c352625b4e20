"""B12: hostile input is one finding with a place, quickly, and the process lives."""

import subprocess
import sys
import threading
import time

import pytest

from benchmarks.documents import HOSTILE, Options
from cmdarr.config.document import parse_document, validate
from cmdarr.errors import Finding

SMALL_STACK = 128 * 1024
GENEROUS_S = 2.0


def read(data: bytes) -> list[Finding]:
    document = parse_document("hostile.yaml", data)
    return [*document.findings, *validate(document, Options).findings]


@pytest.mark.parametrize("title", HOSTILE)
def test_b12_hostile_input_is_one_finding_in_a_small_thread(title: str) -> None:
    results: list[tuple[list[Finding], float]] = []

    def work() -> None:
        start = time.perf_counter()
        found = read(HOSTILE[title])
        results.append((found, time.perf_counter() - start))

    before = threading.stack_size(SMALL_STACK)
    try:
        thread = threading.Thread(target=work)
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    ((found, seconds),) = results
    errors = [finding for finding in found if finding.code not in {"missing_key", "unknown_key"}]
    assert len(errors) == 1
    assert errors[0].line >= 1
    assert errors[0].column >= 1
    assert seconds < GENEROUS_S


MIB = 1024 * 1024 - 10


@pytest.mark.parametrize(
    "data",
    [
        b"a: " + b" " * MIB,
        b"a" * MIB,
        b"\t" * MIB,
        b'a: "x" ' + b"\t " * (MIB // 2 - 10),
        b"key" + b" " * (MIB - 10),
        b": " * (MIB // 2),
        b"a: [b: " + b"http://" * (MIB // 8),
        b"api_key:" * (MIB // 8),
        b'"' + b"\\" * (MIB - 10),
        b"".join(b"k%d: 1\n" % number for number in range(20_000)),
        b"a: 1\n" * 24_000,
        b"a: " + b"1" * (MIB - 10) + b".5",
        b"\0" * MIB,
    ],
    ids=range(13),
)
def test_large_files_take_no_long_time(data: bytes) -> None:
    start = time.perf_counter()
    assert read(data)
    assert time.perf_counter() - start < 2 * GENEROUS_S


def test_without_libyaml_the_python_parser_is_taken() -> None:
    program = (
        "import sys; sys.modules['yaml.cyaml'] = None\n"
        "from cmdarr.config.document.events import PythonParser, open_parser\n"
        "assert open_parser is PythonParser"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
