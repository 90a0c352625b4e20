"""Findings of validation: the cases P1 to P4, P7, P8, A3 to A7, B1 and B2."""

import json
from typing import Annotated, Any, Literal

import pytest
from fakes_document import Options, Target
from pydantic import Field, RootModel, SecretStr, field_validator

from cmdarr.config.base import Model
from cmdarr.config.document import Document, Validation, parse_document, validate
from cmdarr.config.fields import Duration, SecretText
from cmdarr.errors import Finding

SECRET = "s3cret-canary-77"


def read(text: str) -> tuple[Document, Validation[Options]]:
    document = parse_document("settings.yaml", text.encode())
    return document, validate(document, Options)


def findings(text: str) -> list[Finding]:
    document, validation = read(text)
    return [*document.findings, *validation.findings]


def only(text: str) -> Finding:
    (finding,) = findings(text)
    return finding


def place(finding: Finding) -> tuple[int, int]:
    return finding.line, finding.column


def test_a_valid_document_becomes_a_model() -> None:
    _, validation = read("artist: Björk\ntargets: [{server: plex, users: [a, b]}]\nlimit: 2\n")
    assert validation.findings == ()
    assert validation.model is not None
    assert validation.model.targets[0].users == ("a", "b")


@pytest.mark.parametrize(
    ("text", "line", "column", "key"),
    [
        ("either:\n  number: x\n  text: y\n", 2, 11, "either.number"),
        ("steps:\n  - {number: 1, text: a}\n  - number: x\n    text: y\n", 3, 13, "steps.1.number"),
        ("steps:\n  - service: a\n    playlist: [b]\n", 3, 15, "steps.0.playlist"),
        (
            "services:\n  lidarr:\n    url: http://x\n    api_key: y\n    timeout: 5x\n",
            5,
            14,
            "services.lidarr.timeout",
        ),
    ],
)
def test_p1_errors_inside_unions_have_the_right_place(text: str, line: int, column: int, key: str) -> None:
    finding = only(text)
    assert (place(finding), finding.key) == ((line, column), key)


def test_p1_a_union_is_one_finding_for_a_place() -> None:
    finding = only("either: some")
    assert finding.message == (
        "'either' must be a whole number or 'all' or a mapping, and YAML reads some as text."
    )


def test_p1_the_branch_that_fits_best_is_reported() -> None:
    assert only("steps: [{service: a}]").key == "steps.0.playlist"
    assert only("either: {number: 1, text: a, more: b}").key == "either.more"


def test_p2_missing_stands_at_the_parent_and_unknown_at_the_key() -> None:
    found = findings("source:\n  service: deezer\nartits: x\n")
    assert [(each.code, place(each), each.key) for each in found] == [
        ("missing_key", (2, 3), "source.playlist"),
        ("unknown_key", (3, 1), "artits"),
    ]


def test_p2_a_key_that_is_missing_in_the_file_stands_at_its_beginning() -> None:
    class Required(Model):
        kind: str

    for text in ("# nothing\n", "", "other: 1\n"):
        document = parse_document("commands/x.yaml", text.encode())
        found = validate(document, Required).findings
        assert (found[0].code, place(found[0])) == ("missing_key", (1, 1))
        assert found[0].message == "the key 'kind' is missing."


SECRET_TEXTS = [
    f"services:\n  lidarr:\n    api_key: {SECRET}\n",
    f"services: {{lidarr: {{api_key: {SECRET}}}}}\n",
    f"services: {{lidarr: {{url: http://x, api_key: [{SECRET}]}}}}\n",
    f"services: {{lidarr: {{url: http://x, api_key: {{a: {SECRET}}}}}}}\n",
    f"services: {{lidarr: {{url: 'http://u:{SECRET}@', api_key: x}}}}\n",
    f"services: {{lidarr: {{url: 5, api_key: {SECRET}, more: 1}}}}\n",
    f"services: {{lidarr: {{api_key:{SECRET}, url: http://x}}}}\n",
    f"services:\n  lidarr: api_key:{SECRET}\n",
    f"services:\n  lidarr:\n    api_key:{SECRET}\n",
    f"password: [{SECRET}]\n",
    f"password: {{{SECRET}: 1}}\n",
    f'password: ""  # {SECRET}\n'.replace(f"# {SECRET}", ""),
    f"urls: {SECRET}\n",
    f"urls: [ok, [{SECRET}]]\n",
    f"urls: [{SECRET}, 5, [x], {{a: b}}]\n",
    f"urls:\n  - {SECRET}\n  - [x]\n",
]


@pytest.mark.parametrize("text", SECRET_TEXTS)
def test_p3_a_planted_secret_appears_in_no_finding(text: str) -> None:
    found = findings(text)
    assert found
    for finding in found:
        assert SECRET not in repr(finding)


def test_p3_a_secret_that_is_a_number_is_taken_and_never_shown() -> None:
    document, validation = read("password: 12345678\nlimit: x\n")
    assert "12345678" not in repr(validation.findings)
    _, validation = read("password: 12345678")
    assert validation.model is not None
    assert validation.model.password == SecretStr("12345678")
    assert document.source_text(("password",)) == "12345678"


def test_p4_findings_as_json_hold_no_secret() -> None:
    document = parse_document("settings.yaml", b"password: ${secret:x}\nlimit: x\nsource: {}\n")
    resolved = {"password": [SECRET], "limit": SECRET, "source": {"service": SECRET}}
    found = validate(document, Options, resolved).findings
    assert len(found) == 3
    assert SECRET not in json.dumps([[each.message, each.hint, each.excerpt, each.key] for each in found])


def test_p7_nothing_is_converted() -> None:
    found = findings("limit: yes\nenabled: 'true'\nratio: '1'\nsource: [a]\n")
    assert [each.key for each in found] == ["limit", "enabled", "ratio", "source"]
    assert found[0].message == "'limit' must be a whole number, and YAML reads yes as text."
    assert [each.hint for each in found[1:3]] == ["write true or false without quotes", "remove the quotes"]


@pytest.mark.parametrize("word", ["yes", "no", "on", "Off", "y"])
def test_p7_a_boolean_word_of_old_is_told_to_be_true_or_false(word: str) -> None:
    finding = only(f"enabled: {word}\n")
    assert finding.hint == "write true or false"
    assert f"YAML reads {word} as text" in finding.message


def test_p7_a_whole_number_is_a_number_and_not_the_reverse() -> None:
    _, validation = read("ratio: 1\n")
    assert validation.model is not None
    assert validation.model.ratio == 1.0
    assert only("limit: 5.0").code == "wrong_type"


def test_a3_a_finding_has_everything() -> None:
    finding = only("targets:\n  - {server: plex}\n  - {servr: plex}\n")
    assert finding == Finding(
        "settings.yaml",
        3,
        6,
        "targets.1.servr",
        "unknown_key",
        "the key 'servr' is not known here.",
        "error",
        "did you mean 'server'?",
        "  - {servr: plex}\n     ^",
    )


def test_a4_five_mistakes_are_five_findings_in_file_order() -> None:
    text = (
        "limt: 5\nenabled: yes\nsource: {service: a}\nmode: miror\ntargets:\n  - {server: x, users: alice}\n"
    )
    found = findings(text)
    assert [(each.line, each.code) for each in found] == [
        (1, "unknown_key"),
        (2, "wrong_type"),
        (3, "missing_key"),
        (4, "wrong_value"),
        (6, "wrong_type"),
    ]
    assert found[3].hint == "did you mean 'mirror'?"


def test_a5_a_misspelt_key_is_one_finding_with_the_right_one() -> None:
    finding = only("services:\n  lidarr:\n    urll: http://lidarr:8686\n    api_key: x\n")
    assert (place(finding), finding.hint) == ((3, 5), "did you mean 'url'?")
    assert finding.key == "services.lidarr.urll"


def test_a6_keys_that_begin_with_x_are_free_everywhere() -> None:
    text = (
        "x-base: &base {service: deezer, x-note: shared}\nx-more: [1]\n"
        "source: {<<: *base, playlist: p, x-y: {z: 1}}\nsteps: [{<<: *base, playlist: q}]\n"
    )
    document, validation = read(text)
    assert validation.findings == ()
    assert validation.model is not None
    assert validation.model.steps[0].model_dump() == {"service": "deezer", "playlist": "q"}
    assert isinstance(document.value, dict)
    assert set(document.value) == {"source", "steps"}


def test_a6_a_mapping_of_free_names_keeps_its_x_keys() -> None:
    _, validation = read("names: {x-header: a}\n")
    assert validation.model is not None
    assert validation.model.names == {"x-header": "a"}


def test_a7_duplicate_keys_do_not_hide_other_mistakes() -> None:
    found = findings("limit: 1\nlimit: 2\nenabled: yes\n")
    assert [(each.code, each.related_line) for each in found] == [("duplicate_key", 1), ("wrong_type", 0)]


@pytest.mark.parametrize(
    ("text", "excerpt"),
    [
        ("limit: 0\n", "limit: 0\n       ^"),
        ("source:\n  service: x\n", "  service: x\n  ^"),
        ("either: {number: 1}\n", "either: {number: 1}\n        ^"),
        ("limit:\n", "limit:\n      ^"),
    ],
)
def test_b1_every_finding_has_an_excerpt_with_a_caret(text: str, excerpt: str) -> None:
    assert only(text).excerpt == excerpt


@pytest.mark.parametrize(
    "text", ["2:54", "Yes", "1.10", "012", "1999", "1e3", "0x1F", "true", "~x", ".5", "+44", "-0"]
)
def test_b2_a_text_field_takes_what_was_written(text: str) -> None:
    _, validation = read(f"artist: {text}\ntargets:\n  - {{server: {text}, users: [{text}]}}\nlimit: 7\n")
    assert validation.model is not None
    assert validation.model.artist == text
    assert validation.model.targets[0].server == text
    assert validation.model.targets[0].users == (text,)
    assert validation.model.limit == 7


def test_b2_texts_says_where_the_source_text_was_put_in() -> None:
    document, validation = read("artist: 1999\nlimit: 3\ntargets: [{server: plex, users: [7, x]}]\n")
    assert validation.texts == {("artist",): "1999", ("targets", 0, "users", 0): "7"}
    assert isinstance(document.value, dict)
    assert document.value["artist"] == 1999, "the document itself stays as it was"


def test_b2_an_empty_value_is_no_text() -> None:
    finding = only("artist:\n")
    assert finding.message == "'artist' must be text, and it has no value."
    assert finding.hint == 'write a text, or "" for none'
    assert only("artist: ~\n").hint == 'quote the value: "~"'


def test_b2_a_text_branch_does_not_hide_a_number_that_is_out_of_range() -> None:
    finding = only("positive: -5")
    assert (finding.code, finding.message) == ("wrong_value", "'positive' must be greater than 0.")
    _, validation = read("positive: 5.5")
    assert validation.model is not None
    assert validation.model.positive == "5.5"


def test_b2_a_text_that_is_refused_as_text_is_reported_as_such() -> None:
    _, validation = read("schedule: 5\nservices: {l: {url: http://x, api_key: 1, timeout: 30}}\n")
    assert [each.key for each in validation.findings] == ["schedule", "services.l.timeout"]
    assert "such as 30s" in validation.findings[1].message
    assert ("schedule",) not in validation.texts


def test_a_value_with_resolved_references_is_validated_at_the_places_of_the_document() -> None:
    document = parse_document("settings.yaml", b"artist: ${env:X}\nlimit: 2\ntargets:\n  - {server: 5}\n")
    value = {"artist": "resolved", "limit": 0, "targets": ({"server": 5},)}
    validation = validate(document, Options, value)
    assert [place(each) for each in validation.findings] == [(2, 8)]
    validation = validate(document, Options, {**value, "limit": 1})
    assert validation.model is not None
    assert (validation.model.artist, validation.model.targets[0].server) == ("resolved", "5")


def test_a_file_that_cannot_be_read_is_not_validated() -> None:
    document, validation = read("artist: @home\n")
    assert validation == Validation(None)
    assert [each.code for each in document.findings] == ["syntax"]


def test_other_sentences_are_kept_and_the_context_reaches_the_validators() -> None:
    class Checked(Model):
        name: str

        @field_validator("name")
        @classmethod
        def check(cls, name: str, info: Any) -> str:
            if name not in info.context:
                raise ValueError("no such name; add it to the list.")
            return name

    document = parse_document("x.yaml", b"name: 5\n")
    assert validate(document, Checked, context={"5"}).model == Checked.model_construct(name="5")
    (finding,) = validate(document, Checked, context={"6"}).findings
    assert finding.message == "'name': no such name; add it to the list."


def test_a_union_by_tag_names_the_choices() -> None:
    class Cat(Model):
        kind: Literal["cat"]
        lives: int = 9

    class Dog(Model):
        kind: Literal["dog"]
        years: Duration

    class Owner(Model):
        pet: Annotated[Cat | Dog, Field(discriminator="kind")]
        token: SecretText | None = None

    def found(text: str) -> Finding:
        (finding,) = validate(parse_document("x.yaml", text.encode()), Owner).findings
        return finding

    assert found("pet: {kind: cat, lives: x}").key == "pet.lives"
    assert found("pet: {kind: dog, years: 3y}").key == "pet.years"
    assert "'cat', 'dog'" in found("pet: {kind: cow}").message
    assert found("pet: {lives: 3}").code == "missing_key"


def test_findings_are_bounded() -> None:
    found = findings("".join(f"key{number}: 1\n" for number in range(5_000)))
    assert len(found) == 100
    assert found[-1].line == 100


def test_a_list_whose_entries_are_wrong_is_not_called_empty() -> None:
    class Sync(Model):
        targets: Annotated[tuple[Target, ...], Field(min_length=1)]

    def found(text: str) -> list[str]:
        return [each.key for each in validate(parse_document("x.yaml", text.encode()), Sync).findings]

    assert found("targets: [{servr: plex}]") == ["targets.0.servr"]
    assert found("targets: [5]") == ["targets.0"]
    assert found("targets: [{}]") == ["targets.0.server"]
    assert found("targets: []") == ["targets"]


def test_a_document_makes_findings_for_others() -> None:
    document, _ = read("source:\n  service: deezer\ntargets:\n  - {server: plex}\n")
    finding = document.finding(
        ("targets", 0, "server"), "unknown_service", "there is no 'plex'.", hint="add it", severity="warning"
    )
    assert (place(finding), finding.key, finding.severity) == ((4, 14), "targets.0.server", "warning")
    assert place(document.finding(("targets", 0, "server"), "x", "x", at="key")) == (4, 6)
    assert place(document.finding(("source", "nothing", "more"), "x", "x")) == (2, 3)
    assert place(document.finding(("nothing",), "x", "x")) == (1, 1)
    assert document.locate(("source", "service")) == (2, 12)
    assert document.locate_key(("source", "service")) == (2, 3)
    assert document.locate(()) == (1, 1)
    assert document.source_text(("source",)) is None


def test_a_file_may_be_a_list_where_the_model_is_one() -> None:
    class Names(RootModel[tuple[Target, ...]]):
        pass

    def check(text: str) -> Validation[Names]:
        return validate(parse_document("pins.yaml", text.encode()), Names)

    good = check("- {server: 5}\n")
    assert good.model is not None
    assert good.model.root == (Target(server="5"),)
    (finding,) = check("- {server: x}\n- {servr: x}\n").findings
    assert (place(finding), finding.key, finding.hint) == ((2, 4), "1.servr", "did you mean 'server'?")
    assert check("a: 1").findings[0].code == "wrong_type"
    assert check("- @x").findings == ()
