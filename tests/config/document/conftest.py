"""Both parsers for the tests of the document layer: they must give the same."""

from collections.abc import Callable

import pytest

from cmdarr.config.document import Document, parse_document
from cmdarr.config.document.events import PythonParser, open_parser

Parse = Callable[[str | bytes], Document]


@pytest.fixture(params=["installed parser", "Python parser"])
def parse(request: pytest.FixtureRequest) -> Parse:
    parser = open_parser if request.param == "installed parser" else PythonParser

    def run(text: str | bytes) -> Document:
        data = text.encode() if isinstance(text, str) else text
        return parse_document("commands/x.yaml", data, parser=parser)

    return run
