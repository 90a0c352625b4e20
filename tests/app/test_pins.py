"""A pin as text, and its way to the end of pins.yaml: byte-exact, refused when the file changed, or not at all."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.app.pins import ABSENT, PinsChanged, PinsNotWritable, append_pin, look_at_pins, pin_text
from cmdarr.config.document import parse_document
from cmdarr.config.load.pins import PINS_FILE, read_pins
from cmdarr.config.references import Resolver
from cmdarr.config.references.secret_file import Secrets
from cmdarr.errors import ConfigError
from cmdarr.models.match import Pin, PinTarget

PIN = Pin(
    artist="Sigur Rós",
    title="Hoppípolla",
    target=PinTarget(artist="Sigur Rós", title="Hoppipolla", server="plex"),
)
NEVER = Pin(artist="A", title="B", album="C")
ADDED = """- artist: "Sigur Rós"
  title: "Hoppípolla"
  match: {server: "plex", artist: "Sigur Rós", title: "Hoppipolla"}
"""


def read_back(data: bytes, folder: Path) -> tuple[Pin, ...]:
    found = read_pins(parse_document(PINS_FILE, data), Resolver(environ={}, secrets=Secrets(), root=folder))
    assert not found.checked.findings
    return found.pins


def append(folder: Path, pin: Pin = PIN) -> bytes:
    append_pin(folder, pin, look_at_pins(folder).digest)
    return (folder / PINS_FILE).read_bytes()


def test_a_pin_is_written_so_that_it_can_be_pasted() -> None:
    assert pin_text(PIN) == ADDED
    assert pin_text(NEVER) == '- artist: "A"\n  title: "B"\n  album: "C"\n  match: never\n'


@settings(deadline=None, max_examples=200)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_any_name_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    pin = Pin(artist=text, title=text, album=text, target=PinTarget(artist=text, title=text, album=text))
    assert read_back(pin_text(pin).encode(), tmp_path_factory.getbasetemp()) == (pin,)


def test_a_reference_in_a_title_is_no_reference(tmp_path: Path) -> None:
    pin = Pin(artist="${env:HOME}", title="$${x} ${", target=None)
    assert read_back(pin_text(pin).encode(), tmp_path) == (pin,)


def test_a_missing_file_is_made(tmp_path: Path) -> None:
    assert look_at_pins(tmp_path).digest == ABSENT
    assert append(tmp_path) == ADDED.encode()


FORMS = {
    "comments only": b"# my pins\n",
    "empty": b"",
    "a byte order mark": b"\xef\xbb\xbf",
    "no line end": b"- {artist: X, title: Y, match: never}",
    "comments and odd spacing": b"# a\n\n-   artist:   X   # why\n    title: 'Y'\n    match: never\n\n# the end",
    "indented": b"  - {artist: X, title: Y, match: never}\n",
    "windows": b"- artist: X\r\n  title: Y\r\n  match: never\r\n",
    "begins a document": b"---\n- {artist: X, title: Y, match: never}\n",
    "an anchor": b"- &one {artist: X, title: Y, match: never}\n",
}


@pytest.mark.parametrize("old", FORMS.values(), ids=FORMS)
def test_what_is_there_stays_byte_for_byte(tmp_path: Path, old: bytes) -> None:
    (tmp_path / PINS_FILE).write_bytes(old)
    before = read_back(old, tmp_path)
    new = append(tmp_path)
    assert new.startswith(old)
    assert read_back(new, tmp_path) == (*before, PIN)


def test_line_ends_and_indentation_are_taken_over(tmp_path: Path) -> None:
    (tmp_path / PINS_FILE).write_bytes(b"  - {artist: X, title: Y, match: never}\r\n")
    added = append(tmp_path).split(b"\r\n")[1:]
    assert added[0] == b'  - artist: "Sigur R\xc3\xb3s"'
    assert b"\n" not in b"".join(added)


REFUSED = {
    "a flow list": b"[{artist: X, title: Y, match: never}]\n",
    "an empty flow list": b"[]\n",
    "an end mark": b"- {artist: X, title: Y, match: never}\n...\n",
    "broken": b"- {artist: X\n",
    "a mapping": b"artist: X\n",
    "not UTF-8": b"- \xff\n",
}


@pytest.mark.parametrize("old", REFUSED.values(), ids=REFUSED)
def test_a_file_that_takes_no_more_lines_is_left_alone(tmp_path: Path, old: bytes) -> None:
    (tmp_path / PINS_FILE).write_bytes(old)
    with pytest.raises(ConfigError, match=r"pins\.yaml"):
        append(tmp_path)
    assert (tmp_path / PINS_FILE).read_bytes() == old
    assert [path.name for path in tmp_path.iterdir()] == [PINS_FILE]


def test_a_file_that_changed_since_it_was_seen_is_left_alone(tmp_path: Path) -> None:
    seen = look_at_pins(tmp_path).digest
    (tmp_path / PINS_FILE).write_text("# somebody else was here\n")
    with pytest.raises(PinsChanged, match="changed meanwhile"):
        append_pin(tmp_path, PIN, seen)
    assert (tmp_path / PINS_FILE).read_text() == "# somebody else was here\n"


def test_a_change_while_it_is_written_wins(tmp_path: Path) -> None:
    path = tmp_path / PINS_FILE

    def interfere() -> None:
        path.write_text("# late\n")

    with pytest.raises(PinsChanged):
        append_pin(tmp_path, PIN, ABSENT, before_exchange=interfere)
    assert path.read_text() == "# late\n"
    assert [path.name for path in tmp_path.iterdir()] == [PINS_FILE]


def test_mode_and_link_are_kept(tmp_path: Path) -> None:
    real, config = tmp_path / "real", tmp_path / "config"
    real.mkdir()
    config.mkdir()
    (real / "my-pins.yaml").write_text("# linked\n")
    (real / "my-pins.yaml").chmod(0o640)
    (config / PINS_FILE).symlink_to(real / "my-pins.yaml")
    append(config)
    assert (config / PINS_FILE).is_symlink()
    assert (real / "my-pins.yaml").read_text() == "# linked\n" + ADDED
    assert (real / "my-pins.yaml").stat().st_mode & 0o777 == 0o640


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / PINS_FILE).mkdir()
    assert "regular file" in look_at_pins(tmp_path).refusal
    with pytest.raises(PinsNotWritable, match="regular file"):
        append_pin(tmp_path, PIN, ABSENT)


def test_a_read_only_folder_is_told_before_trying(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    code = (
        "import os, pathlib, cmdarr.app.pins as pins\n"
        "if os.geteuid() == 0: os.setresuid(65534, 65534, 65534)\n"  # root may write everywhere
        f"print(pins.look_at_pins(pathlib.Path({str(tmp_path)!r})).refusal)\n"
    )
    for parent in tmp_path.parents[:4]:
        if parent.owner() == tmp_path.owner():
            parent.chmod(0o755)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    tmp_path.chmod(0o755)
    assert "read-only" in done.stdout, done.stderr
