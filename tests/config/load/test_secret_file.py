"""secrets.yaml: flat, private, and never quoted."""

import pytest
from fakes_loading import ConfigFolder

CANARY = "canary-9f27c1"


def value_of(folder: ConfigFolder, name: str) -> str:
    folder.write_sync("reader", f"artist: ${{secret:{name}}}")
    options = folder.load().commands["reader"].options
    assert options is not None
    return str(options.artist)  # type: ignore[attr-defined]


@pytest.mark.parametrize("written", ["012", "2:54", "Yes", "1e3", "'quoted # text'", "true", "null-ish"])
def test_a_secret_is_the_text_that_was_written(folder: ConfigFolder, written: str) -> None:
    folder.write("secrets.yaml", f"one: {written}\n")
    assert value_of(folder, "one") == written.strip("'")


def test_a_file_that_others_may_read_is_a_warning(folder: ConfigFolder) -> None:
    folder.write("secrets.yaml", "one: abcd\n").chmod(0o644)
    finding = folder.only_finding()
    assert (finding.file, finding.severity, finding.code) == ("secrets.yaml", "warning", "secrets_mode")
    assert finding.hint == "chmod 600 secrets.yaml"


@pytest.mark.parametrize(
    "text",
    [
        f"one: [{CANARY}]\n",
        f"one: {{two: {CANARY}}}\n",
        f"- {CANARY}\n",
        f"{CANARY}\n",
        f"one: @{CANARY}\n",
        f"one: *{CANARY}\n",
        f"one: {CANARY}: x\n",
        f'one: "{CANARY}\n',
        f"one: {CANARY}\none: {CANARY}\n",
        f"one:\t{CANARY}\n\tx: y\n",
        f"? {CANARY} and more\n: x\n",
        f"one:{CANARY}\n",
        f"one: !!{CANARY} x\n",
        f"--- a\n--- {CANARY}\n",
    ],
)
def test_a9_a_broken_file_is_reported_without_its_text(folder: ConfigFolder, text: str) -> None:
    folder.write("secrets.yaml", text)
    findings = folder.findings()
    assert findings
    assert {finding.file for finding in findings} == {"secrets.yaml"}
    assert CANARY not in repr(findings)


def test_a_secret_without_a_value_is_an_error(folder: ConfigFolder) -> None:
    folder.write("secrets.yaml", "one:\n")
    assert folder.only_finding().code == "bad_secret"


def test_without_the_file_a_reference_says_so(folder: ConfigFolder) -> None:
    folder.write_sync("a", "artist: ${secret:one}")
    assert "there is no secrets.yaml" in folder.only_finding().message


def test_a_broken_file_is_named_by_who_refers_to_it(folder: ConfigFolder) -> None:
    folder.write("secrets.yaml", "- a\n- b: [\n")
    folder.write_sync("a", "artist: ${secret:one}")
    assert any("see the finding there" in finding.message for finding in folder.findings())


def test_the_generation_does_not_depend_on_secrets(folder: ConfigFolder) -> None:
    folder.write("secrets.yaml", "one: aaaa\n")
    before = folder.load()
    folder.write("secrets.yaml", "one: bbbb\n")
    after = folder.load()
    assert before.generation == after.generation
    assert "secrets.yaml" not in after.file_digests


def test_a_secret_that_is_a_document_is_refused(folder: ConfigFolder) -> None:
    folder.write("secrets.yaml", f"one: {'x' * 20_000}\n")
    finding = folder.only_finding()
    assert finding.message == "a secret has at most 16 KiB."
