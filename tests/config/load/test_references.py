"""References: their syntax, what each kind stands for, and what is said when it stands for nothing."""

import os
from pathlib import Path

import pytest
from fakes_loading import ConfigFolder, LidarrSettings
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.config.references import BadReference, Reference, parse_references
from cmdarr.config.references.secret_file import SECRET_BYTES
from cmdarr.config.snapshot import Snapshot


def note_of(folder: ConfigFolder, value: str) -> str:
    """Load the value as a text of a service and return what it became."""
    folder.write("settings.yaml", f"services:\n  lidarr:\n    note: {value}\n")
    snapshot = folder.load()
    assert not snapshot.findings
    return lidarr(snapshot).note


def lidarr(snapshot: Snapshot) -> LidarrSettings:
    settings = snapshot.settings.services["lidarr"].settings
    assert isinstance(settings, LidarrSettings)
    return settings


def test_the_parts_of_a_text_keep_their_order() -> None:
    parts = parse_references("a${env:B}c${secret:d}$${e}${file:/f g}")
    assert parts == (
        "a",
        Reference("env", "B"),
        "c",
        Reference("secret", "d"),
        "${",
        "e}",
        Reference("file", "/f g"),
    )


def test_a_default_may_be_empty_and_may_hold_a_colon() -> None:
    assert parse_references("${env:A:-}") == (Reference("env", "A", ""),)
    assert parse_references("${env:A:-http://x:1}") == (Reference("env", "A", "http://x:1"),)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("${env:A", "bad_reference"),
        ("${}", "bad_reference"),
        ("${HOME}", "bad_reference"),
        ("${env:}", "bad_reference"),
        ("${env:9A}", "bad_reference"),
        ("${secret: }", "bad_reference"),
        ("${file:}", "bad_reference"),
        ("${env:A${env:B}}", "bad_reference"),
        ("${vault:x}", "unknown_reference"),
        ("${ENV:A}", "bad_reference"),
    ],
)
def test_what_is_no_reference_is_refused(text: str, code: str) -> None:
    with pytest.raises(BadReference) as caught:
        parse_references(f"before {text}")
    assert caught.value.code == code
    assert "$${" in caught.value.hint


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="${}:-eEnvA /secrtfil", max_size=30))
def test_every_text_is_split_or_refused(text: str) -> None:
    try:
        parts = parse_references(text)
    except BadReference:
        assert "${" in text
        return
    plain = "".join(part for part in parts if isinstance(part, str))
    assert text.count("$${") <= text.count("${")
    assert all(isinstance(part, Reference) or part for part in parts)
    assert len(plain) <= len(text)


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=40))
def test_a_literal_is_written_with_two_dollars(text: str) -> None:
    parts = parse_references(text.replace("${", "$${"))
    assert "".join(map(str, parts)) == text


def test_env_file_and_secret_are_resolved_in_one_value(folder: ConfigFolder) -> None:
    folder.environ["WHO"] = "me"
    (folder.root / "word").write_text("x\n\n")
    folder.write("secrets.yaml", "door: 012\n")
    assert note_of(folder, '"${env:WHO}:${file:word}:${secret:door}:$${env:WHO}"') == "me:x\n:012:${env:WHO}"


def test_the_default_holds_where_the_variable_is_unset_or_empty(folder: ConfigFolder) -> None:
    assert note_of(folder, "${env:NONE:-fallback}") == "fallback"
    folder.environ["NONE"] = ""
    assert note_of(folder, "${env:NONE:-fallback}") == "fallback"


def test_a_file_may_be_absolute_or_start_at_the_folder_of_the_config_folder(folder: ConfigFolder) -> None:
    path = folder.root / "secrets" / "key"
    path.parent.mkdir()
    path.write_bytes(b"abc\r\n")
    assert note_of(folder, f'"${{file:{path}}}"') == "abc"
    assert note_of(folder, '"${file:secrets/key}"') == "abc"


@pytest.mark.parametrize(
    ("key", "variable", "expected"),
    [("retries", "7", 7), ("retries", "0x10", 16), ("verify", "false", False), ("note", "7", "7")],
)
def test_a_lone_reference_has_the_meaning_that_its_field_needs(
    folder: ConfigFolder, key: str, variable: str, expected: object
) -> None:
    folder.environ["VALUE"] = variable
    folder.write("settings.yaml", f"services: {{lidarr: {{{key}: '${{env:VALUE}}'}}}}\n")
    snapshot = folder.load()
    assert not snapshot.findings
    assert getattr(lidarr(snapshot), key) == expected


def test_port_from_the_environment(folder: ConfigFolder) -> None:
    folder.environ["PORT"] = "9000"
    folder.write("settings.yaml", "web:\n  port: ${env:PORT}\n")
    assert folder.load().settings.web.port == 9000


def test_a_number_made_of_two_references_stays_text(folder: ConfigFolder) -> None:
    folder.environ |= {"A": "1", "B": "2"}
    folder.write("settings.yaml", "web: {port: '${env:A}${env:B}'}\n")
    finding = folder.only_finding()
    assert finding.key == "web.port"


def test_a_value_that_does_not_fit_is_named_without_its_text(folder: ConfigFolder) -> None:
    folder.environ["PORT"] = "eighty"
    folder.write("settings.yaml", "web:\n  port: ${env:PORT}\n")
    finding = folder.only_finding()
    assert (finding.line, finding.key) == (2, "web.port")
    assert "eighty" not in f"{finding}"


@pytest.mark.parametrize(
    ("value", "code", "words"),
    [
        ("${env:MISSING_ONE}", "missing_variable", "${env:MISSING_ONE}"),
        ("${file:/no/such/file}", "missing_file", "${file:/no/such/file}"),
        ("${file:config}", "missing_file", "no ordinary file"),
        ("${secret:lidar}", "unknown_secret", "${secret:lidar}"),
        ("${vault:x}", "unknown_reference", "${vault:…}"),
        ("${open", "bad_reference", "closing"),
    ],
)
def test_a8_what_cannot_be_resolved_is_named_with_its_place(
    folder: ConfigFolder, value: str, code: str, words: str
) -> None:
    folder.write("secrets.yaml", "lidarr: abcdef\n")
    folder.write("settings.yaml", f"services:\n  lidarr:\n    note: '{value}'\n")
    finding = folder.only_finding()
    assert (finding.file, finding.line, finding.column, finding.code) == ("settings.yaml", 3, 11, code)
    assert words in finding.message
    assert finding.hint


def test_an_unknown_secret_has_a_suggestion(folder: ConfigFolder) -> None:
    folder.write("secrets.yaml", "lidarr_key: abcdef\n")
    folder.write_sync("a", "artist: ${secret:lidar_key}")
    assert folder.only_finding().hint == "did you mean 'lidarr_key'?"


def test_one_problem_is_one_finding(folder: ConfigFolder) -> None:
    """A number field whose reference fails is not reported as a wrong type as well."""
    folder.write("settings.yaml", "web: {port: '${env:NOPE}'}\n")
    assert folder.only_finding().code == "missing_variable"


def test_a_file_that_is_too_large_is_refused(folder: ConfigFolder) -> None:
    (folder.root / "big").write_bytes(b"x" * (SECRET_BYTES + 1))
    folder.write_sync("a", "artist: ${file:big}")
    assert "larger than 16 KiB" in folder.only_finding().message


def test_a_file_that_is_no_text_is_refused(folder: ConfigFolder) -> None:
    (folder.root / "raw").write_bytes(b"\xff\xfe\x00")
    folder.write_sync("a", "artist: ${file:raw}")
    assert "not UTF-8" in folder.only_finding().message


def test_a_fifo_is_not_waited_for(folder: ConfigFolder) -> None:
    os.mkfifo(folder.root / "pipe")
    folder.write_sync("a", "artist: ${file:pipe}")
    assert folder.only_finding().code == "missing_file"


def test_the_files_that_references_name_are_known_to_the_watcher(folder: ConfigFolder) -> None:
    (folder.root / "there").write_text("x")
    folder.write_sync("a", "artist: '${file:there}${file:/gone/away}'")
    for _ in range(2):  # the second load is answered from what is remembered
        assert set(folder.load().referenced_files) == {folder.root / "there", Path("/gone/away")}


def test_keys_are_no_place_for_references(folder: ConfigFolder) -> None:
    folder.environ["KEY"] = "artist"
    folder.write_sync("a", '"${env:KEY}": x')
    assert folder.only_finding().key == "${env:KEY}"


def test_a_changed_value_is_seen_although_the_file_is_the_same(folder: ConfigFolder) -> None:
    folder.write_sync("a", "artist: ${file:name}")
    (folder.root / "name").write_text("One")
    first = folder.load().commands["a"]
    (folder.root / "name").write_text("Two")
    second = folder.load().commands["a"]
    assert first.digest != second.digest
    assert first.document == second.document
    assert folder.load().commands["a"].digest == second.digest


def test_references_work_in_pins(folder: ConfigFolder) -> None:
    folder.environ["ARTIST"] = "Ninth Orchard"
    folder.write("pins.yaml", "- {artist: '${env:ARTIST}', title: Moth, match: never}\n")
    assert folder.load().pins[0].artist == "Ninth Orchard"
