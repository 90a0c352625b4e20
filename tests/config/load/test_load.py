"""Loading a tree: states of commands, file names, what is kept, and what is read again."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from fakes_loading import CATALOG, ConfigFolder, FixedClock, SyncOptions
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.config.load import Loader
from cmdarr.config.snapshot import CommandState
from cmdarr.config.tree import SourceFile, Tree
from cmdarr.models.match import Pin, PinTarget


def test_a_good_tree_has_no_findings(folder: ConfigFolder) -> None:
    folder.write_sync("one", "schedule: '@daily'")
    folder.write("commands/two.yaml", "kind: refresh\n")
    snapshot = folder.load()
    assert not snapshot.findings
    assert list(snapshot.commands) == ["one", "two"]
    entry = snapshot.commands["one"]
    assert (entry.file, entry.kind, entry.state) == ("commands/one.yaml", "sync", CommandState.OK)
    assert isinstance(entry.options, SyncOptions)
    assert snapshot.loaded_at == datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_a16_a_broken_command_does_not_touch_the_others(folder: ConfigFolder) -> None:
    folder.write_sync("good")
    folder.write("commands/bad.yaml", "kind: sync\nsource: [\n")
    snapshot = folder.load()
    assert snapshot.commands["good"].state is CommandState.OK
    bad = snapshot.commands["bad"]
    assert (bad.state, bad.options) == (CommandState.BROKEN, None)
    assert bad.findings == snapshot.errors_in("commands/bad.yaml")


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("", "empty_command", "kinds are refresh, sync"),
        ("# only a comment\n", "empty_command", "empty"),
        ("description: x\n", "missing_kind", "kinds are refresh, sync"),
        ("kind: synk\n", "unknown_kind", "'synk'"),
        ("kind: 5\n", "unknown_kind", "'5'"),
        ("kind:\n", "unknown_kind", "kinds are"),
        ("- kind: sync\n", "not_a_mapping", "mapping"),
    ],
)
def test_a_file_without_a_kind_is_reported(folder: ConfigFolder, text: str, code: str, words: str) -> None:
    folder.write("commands/x.yaml", text)
    finding = folder.only_finding()
    assert (finding.code, finding.severity) == (code, "error")
    assert words in finding.message


def test_a_misspelt_kind_has_a_suggestion(folder: ConfigFolder) -> None:
    folder.write("commands/x.yaml", "kind: synk\nwhatever: 1\n")
    assert folder.only_finding().hint == "did you mean 'sync'?"


def test_a_kind_of_a_later_version_is_a_warning_whatever_else_it_says(folder: ConfigFolder) -> None:
    folder.write("commands/x.yaml", "kind: radio_station\nfuture_key: {a: 1}\n")
    snapshot = folder.load()
    (finding,) = snapshot.findings
    assert finding.severity == "warning"
    assert (
        finding.message
        == "kind 'radio_station' is not available in this version; the command stays disabled."
    )
    assert snapshot.commands["x"].state is CommandState.UNAVAILABLE
    assert snapshot.commands["x"].options is None
    assert json.loads(snapshot.commands["x"].document)["future_key"] == {"a": 1}


def test_broken_settings_leave_the_defaults_and_their_errors(folder: ConfigFolder) -> None:
    folder.write("settings.yaml", "web: {port: x}\n")
    folder.write_sync("a", "targets: [{server: attic}]")
    snapshot = folder.load()
    assert snapshot.errors_in("settings.yaml")
    assert snapshot.settings.web.port == 8080
    assert not snapshot.errors_in("commands/a.yaml"), "mere defaults say nothing about services"


def test_d4_commands_are_checked_against_the_settings_in_force(folder: ConfigFolder) -> None:
    folder.write("settings.yaml", "services: {attic: {type: folder, path: config}}\n")
    in_force = folder.load().settings
    folder.write("settings.yaml", "services: {attic: {type: folder, path: 5.0e\n")
    folder.write_sync("a", "targets: [{server: attic}]")
    folder.write_sync("b", "targets: [{server: gone}]")
    snapshot = folder.load(in_force)
    assert snapshot.settings is in_force
    assert snapshot.commands["a"].state is CommandState.OK
    assert snapshot.commands["b"].state is CommandState.BROKEN


def test_b17_two_files_of_one_command_are_reported_in_both(folder: ConfigFolder) -> None:
    folder.write_sync("x")
    folder.write("commands/x.yml", "kind: refresh\n")
    findings = folder.findings()
    assert [(finding.file, finding.code) for finding in findings] == [
        ("commands/x.yaml", "same_command"),
        ("commands/x.yml", "same_command"),
    ]
    assert "commands/x.yml" in findings[0].message
    assert folder.load().commands["x"].state is CommandState.BROKEN


def test_a_file_with_the_short_ending_is_a_command(folder: ConfigFolder) -> None:
    folder.write("commands/x.yml", "kind: refresh\n")
    assert folder.load().commands["x"].state is CommandState.OK


@pytest.mark.parametrize("stem", ["Big", "with space", "_x", "ä", "x" * 65])
def test_a_name_that_no_command_may_have_is_reported(folder: ConfigFolder, stem: str) -> None:
    folder.write(f"commands/{stem}.yaml", "kind: refresh\n")
    assert folder.only_finding().code == "bad_command_name"
    assert not folder.load().commands


def test_stray_files_are_ignored_in_commands_and_named_at_the_top(folder: ConfigFolder) -> None:
    for name in ("commands/readme.md", "commands/.hidden.yaml", "commands/x.yaml~", "notes.txt"):
        folder.write(name, "kind: [")
    folder.write("setings.yaml", "web: {port: 1}\n")
    finding = folder.only_finding()
    assert (finding.file, finding.severity, finding.code) == ("setings.yaml", "warning", "stray_file")
    assert finding.hint == "did you mean 'settings.yaml'?"


def test_settings_with_the_short_ending_are_not_silently_ignored(folder: ConfigFolder) -> None:
    folder.write("settings.yml", "web: {port: 9000}\n")
    finding = folder.only_finding()
    assert (finding.severity, finding.code) == ("error", "wrong_file_name")


def test_findings_come_in_file_order(folder: ConfigFolder) -> None:
    folder.write("secrets.yaml", "a: [1]\n")
    folder.write("pins.yaml", "x: 1\n")
    for name in ("b", "a"):
        folder.write(f"commands/{name}.yaml", "kind: refresh\nx1: 1\nenabled: 3\n")
    folder.write("settings.yaml", "bad: 1\n")
    places = [(finding.file, finding.line) for finding in folder.findings()]
    assert places == [
        ("settings.yaml", 1),
        ("commands/a.yaml", 2),
        ("commands/a.yaml", 3),
        ("commands/b.yaml", 2),
        ("commands/b.yaml", 3),
        ("pins.yaml", 1),
        ("secrets.yaml", 1),
    ]


def test_a_command_expires_on_its_day_in_the_zone_of_the_settings(folder: ConfigFolder) -> None:
    folder.write_sync("a", "expires: 2026-11-23")
    folder.clock.moment = datetime(2026, 11, 22, 22, 59, tzinfo=UTC)
    assert folder.load().commands["a"].state is CommandState.OK
    folder.clock.moment += timedelta(minutes=2)  # in Berlin it is the 23rd now
    snapshot = folder.load()
    assert snapshot.commands["a"].state is CommandState.EXPIRED
    assert not snapshot.findings


def test_the_generation_is_that_of_names_and_bytes(folder: ConfigFolder) -> None:
    folder.write_sync("a")
    first = folder.load().generation
    assert Loader(CATALOG, environ={}, clock=FixedClock()).load(folder.tree()).generation == first
    folder.write_sync("a", "# a comment\n")
    second = folder.load().generation
    folder.write_sync("b")
    assert len({first, second, folder.load().generation}) == 3


def test_a_comment_does_not_change_the_meaning(folder: ConfigFolder) -> None:
    folder.write_sync("a", "limit: 5")
    before = folder.load().commands["a"]
    folder.write_sync("a", "# five\nlimit:    5  # yes\n")
    after = folder.load().commands["a"]
    assert (before.document, before.digest) == (after.document, after.digest)


def test_only_the_changed_file_is_read_again(folder: ConfigFolder) -> None:
    for number in range(5):
        folder.write_sync(f"c{number}")
    first = folder.load()
    folder.write_sync("c3", "limit: 3")
    second = folder.load()
    same = [name for name in first.commands if first.commands[name].options is second.commands[name].options]
    assert same == ["c0", "c1", "c2", "c4"]


def test_an_unreadable_command_is_broken_and_not_gone(folder: ConfigFolder) -> None:
    (folder.path / "commands" / "x.yaml").symlink_to(folder.root / "nowhere")
    entry = folder.load().commands["x"]
    assert (entry.state, entry.file) == (CommandState.BROKEN, "commands/x.yaml")
    assert entry.findings[0].code == "unreadable"


def test_pins_are_read_as_a_list(folder: ConfigFolder) -> None:
    folder.write(
        "pins.yaml",
        """\
        - {artist: A, title: 2:54, match: {artist: B, title: C, album: D}}
        - {artist: A, title: E, album: F, match: never}
        """,
    )
    snapshot = folder.load()
    assert not snapshot.findings
    assert snapshot.pins == (
        Pin(artist="A", title="2:54", target=PinTarget(artist="B", title="C", album="D")),
        Pin(artist="A", title="E", album="F", target=None),
    )


@pytest.mark.parametrize(
    "text", ["a: b\n", "- {artist: A}\n", "- {artist: A, title: B, match: sometimes}\n", "- 5\n", "- [\n"]
)
def test_broken_pins_are_reported_and_not_used(folder: ConfigFolder, text: str) -> None:
    folder.write("pins.yaml", text)
    snapshot = folder.load()
    assert {finding.file for finding in snapshot.errors} == {"pins.yaml"}
    assert snapshot.pins == ()


def test_an_empty_pins_file_has_no_pins(folder: ConfigFolder) -> None:
    folder.write("pins.yaml", "# none\n")
    assert not folder.findings()


def load_again(folder: ConfigFolder, document: str) -> SyncOptions:
    """Load the stored meaning of a command as if it were the file."""
    tree = folder.tree()
    files = {"commands/again.yaml": SourceFile.of("commands/again.yaml", document.encode())}
    snapshot = folder.loader.load(Tree(tree.folder, {**tree.files, **files}))
    assert not snapshot.errors_in("commands/again.yaml")
    options = snapshot.commands["again"].options
    assert isinstance(options, SyncOptions)
    assert snapshot.commands["again"].document == document
    return options


@pytest.mark.parametrize(
    "extra",
    [
        "artist: 2:54",
        "artist: 012",
        "artist: 1e3",
        "artist: Yes\nenabled: false",
        "artist: 2024-01-01\nexpires: 2030-02-03",
        "artist: '#1 Dads'\ntime_limit: 90m\nschedule: '@weekly'",
        "limit: 0x1F",
        "artist: ${env:WHO}\nlimit: ${env:MANY}",
        "artist: '$${env:WHO} ${env:WHO:-nobody}'",
        'artist: "\\x7f \\u0085 \\u2028 \\u2029 \\ufeff \\U0001F3B5 tab\\t line\\n \\\\ \\" é 灯"',
        "targets: [{server: attic, title: 311}, &t {server: attic, title: No, user: 1}]\nmode: append",
        "x-note: &w {title: '1'}\ntargets:\n  - <<: *w\n    server: attic",
    ],
)
def test_b4_the_stored_meaning_loads_as_an_equal_command(folder: ConfigFolder, extra: str) -> None:
    folder.environ |= {"WHO": "someone", "MANY": "12"}
    folder.write("settings.yaml", "services: {attic: {type: folder, path: config}}\n")
    folder.write_sync("a", extra)
    snapshot = folder.load()
    assert not snapshot.errors
    entry = snapshot.commands["a"]
    assert load_again(folder, entry.document) == entry.options
    assert "someone" not in entry.document


@settings(deadline=None, max_examples=60)
@given(text=st.text(max_size=30), number=st.integers(-(10**9), 10**9))
def test_any_text_survives_the_stored_meaning(
    tmp_path_factory: pytest.TempPathFactory, text: str, number: int
) -> None:
    folder = ConfigFolder(tmp_path_factory.mktemp("any"))
    source = {"service": "file", "playlist": "a"}
    command = json.dumps({"kind": "sync", "source": source, "artist": text, "limit": number})
    path = folder.write_sync("a")
    try:
        path.write_text(command)
        snapshot = folder.load()
    except UnicodeEncodeError:
        return
    entry = snapshot.commands["a"]
    if entry.options is not None:
        again = load_again(folder, entry.document)
        assert again == entry.options
        assert again.limit == number


def test_the_same_tree_gives_the_same_documents(folder: ConfigFolder) -> None:
    folder.write("settings.yaml", "web: {port: 9000}\nservices: {lidarr: {note: 012}}\n")
    folder.write_sync("a", "artist: 1.10")
    snapshot = folder.load()
    assert json.loads(snapshot.settings_document) == {
        "web": {"port": 9000},
        "services": {"lidarr": {"note": "012"}},
    }
    assert json.loads(snapshot.commands["a"].document)["artist"] == "1.10"
