"""The documentation is true: its YAML loads, its calls exist, its links lead somewhere."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from fakes_docs import DOCS, PAGES, REPOSITORY, Block, anchors, blocks, links, name_of, prose, text_of

import cmdarr
from cmdarr.app import App
from cmdarr.cli.main import cmdarr as root_command
from cmdarr.config.report import format_text
from cmdarr.errors import CmdarrError, Finding

GENERATED = DOCS / "reference/cli.md"
YAML_BLOCKS = [
    block
    for page in PAGES
    for block in blocks(page)
    if block.language == "yaml" and "kind" not in block.words  # of a kind that the page itself defines
]
FILES_SERVER = "services: {files: {path: config}}\n"
SERVICES = """services:
  files: {path: config}
  lidarr: {url: http://lidarr:8686, api_key: some-key}
  lastfm: {api_key: some-key, username: alice}
  listenbrainz: {username: alice}
"""
SYNC = {
    "kind": "kind: playlist_sync\n",
    "source": "source: {service: file, playlist: config/a.csv}\n",
    "targets": "targets: [{server: files}]\n",
}


def findings(folder: Path, block: Block) -> list[Finding]:
    """Load a block as the file that it is a part of, and return what is wrong with it."""
    environ = dict.fromkeys(re.findall(r"\$\{env:(\w+)\}", block.text), "from-the-environment")
    text = write_secrets(folder, block.text)
    keys = set(re.findall(r"^(\w+):", block.text, re.MULTILINE))
    if block.text.startswith("- "):
        write(folder, "settings.yaml", FILES_SERVER)
        write(folder, "pins.yaml", text)
    elif "kind" in keys or "command" in block.words:
        write(folder, "settings.yaml", SERVICES)
        missing = "".join(text for key, text in SYNC.items() if key not in keys and "kind" not in keys)
        write(folder, "commands/x.yaml", text + missing)
    else:
        write(folder, "settings.yaml", text)
    app = App(config_dir=folder / "config", data_dir=folder / "data", environ=environ)
    return list(app.read_configuration().errors)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / "config" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def write_secrets(folder: Path, text: str) -> str:
    """Make every secret that a text refers to, and return the text with the files where they are."""
    names = dict.fromkeys(re.findall(r"\$\{secret:([\w-]+)\}", text))
    secrets = "".join(f"{name}: http://some-secret\n" for name in names)
    write(folder, "secrets.yaml", secrets).chmod(0o600)
    for name in re.findall(r"\$\{file:/run/secrets/([\w-]+)\}", text):
        (folder / name).write_text("some-secret\n", encoding="utf-8")
    return text.replace("/run/secrets", str(folder))


def test_there_are_examples_of_every_file() -> None:
    assert len(YAML_BLOCKS) >= 8


@pytest.mark.parametrize("block", YAML_BLOCKS, ids=lambda block: block.title)
def test_a_yaml_block_loads_or_is_broken_on_purpose(block: Block, tmp_path: Path) -> None:
    found = findings(tmp_path, block)
    if "broken" in block.words:
        assert found
    else:
        assert not found


def shown_by(page: Path, call: str) -> str:
    """Return what a page says that a call prints."""
    (text,) = [each.text for each in blocks(page) if each.text.startswith(f"$ {call}\n")]
    return text.partition("\n")[2]


def checked(folder: Path) -> str:
    app = App(config_dir=folder / "config", data_dir=folder / "data", environ={})
    return format_text(app.read_configuration().findings) + "\n"


def test_the_findings_of_the_broken_example_are_the_real_ones(tmp_path: Path) -> None:
    page = DOCS / "configuration.md"
    (broken,) = [block for block in blocks(page) if "broken" in block.words]
    write(tmp_path, "settings.yaml", FILES_SERVER)
    write(tmp_path, "commands/friday.yaml", broken.text)
    assert shown_by(page, "cmdarr config check") == checked(tmp_path)


def test_the_findings_of_the_tour_are_the_real_ones(tmp_path: Path) -> None:
    for name in ("settings.yaml", "commands/demo-favourites.yaml"):
        write(tmp_path, name, text_of(REPOSITORY / "config" / name))
    with (tmp_path / "config/commands/demo-favourites.yaml").open("a") as stream:
        stream.write("enabled: yes\n")
    assert shown_by(REPOSITORY / "README.md", "cmdarr config check") == checked(tmp_path)


def calls(page: Path) -> Iterator[str]:
    """Yield every `cmdarr …` of a page: in its shell blocks, and in the text between back quotes."""
    for block in blocks(page):
        if block.language in {"sh", "console"}:
            yield from re.findall(r"^(?:\$ )?(?:\S+/)?cmdarr +(.*)$", block.text, re.MULTILINE)
    yield from re.findall(r"`cmdarr +([^`]+)`", prose(page))


CALLS = [(name_of(page), call) for page in PAGES if page != GENERATED for call in calls(page)]


@pytest.mark.parametrize(("page", "call"), CALLS)
def test_a_call_names_verbs_and_options_that_exist(page: str, call: str) -> None:
    check_call(root_command, shlex.split(re.split(r" [|>&]", call)[0], comments=True))


def check_call(command: click.Command, arguments: list[str], path: str = "cmdarr") -> None:
    """Follow the words of a call as click does; values are placeholders and are not looked at."""
    context = click.Context(command, info_name=path)
    _, rest, _ = command.make_parser(context).parse_args(list(arguments))
    if not isinstance(command, click.Group):
        return
    if not rest:
        assert command.invoke_without_command or "[OPTIONS]" not in arguments, f"{path} needs a verb"
        return
    below = command.get_command(context, rest[0])
    if below is None and path == "cmdarr history":
        assert rest[0] in {"NAME", "ID"} or re.fullmatch(r"[a-z0-9_-]+", rest[0])
        check_call(click.Command("history", params=command.params), rest[1:], path)
        return
    assert below is not None, f"{path} has no verb {rest[0]}"
    check_call(below, rest[1:], f"{path} {rest[0]}")


@pytest.mark.parametrize(
    "call", ["rnu x", "run x --drry-run", "config chekc", "history --lmit 5", "cache stats x --all"]
)
def test_a_call_that_does_not_exist_is_noticed(call: str) -> None:
    with pytest.raises((AssertionError, click.UsageError)):
        check_call(root_command, call.split())


LINKS = [(name_of(page), target) for page in PAGES for target in links(page) if "://" not in target]


@pytest.mark.parametrize(("page", "target"), LINKS)
def test_a_link_leads_to_a_file_and_its_heading(page: str, target: str) -> None:
    path, _, anchor = target.partition("#")
    file = (REPOSITORY / page).parent / path if path else REPOSITORY / page
    assert file.is_file()
    if anchor:
        assert anchor in anchors(file)


def linked_from(*pages: Path) -> set[Path]:
    return {
        ((page.parent / target.partition("#")[0]).resolve())
        for page in pages
        for target in links(page)
        if "://" not in target
    }


def test_every_page_is_linked_from_an_index() -> None:
    indexes = (DOCS / "README.md", DOCS / "decisions/README.md")
    assert {page.resolve() for page in DOCS.rglob("*.md")} - {indexes[0]} <= linked_from(*indexes)
    assert indexes[0] in linked_from(REPOSITORY / "README.md")


def test_every_kind_and_every_service_that_works_has_a_page() -> None:
    app = App(config_dir=REPOSITORY / "config", data_dir=REPOSITORY / "data", environ={})
    services = {name for name, kind in app.service_kinds.items() if kind.build is not None}
    assert app.registry.kinds.keys() == {path.stem for path in (DOCS / "commands").glob("*.md")}
    assert services <= {path.stem for path in (DOCS / "services").glob("*.md")}


def test_decisions_are_numbered_without_a_gap() -> None:
    records = sorted((DOCS / "decisions").glob("0*.md"))
    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))
    for number, path in enumerate(records, 1):
        assert text_of(path).startswith(f"# {number}. ")
        for part in ("**Decided.**", "**Why"):
            assert part in text_of(path) or path.name.endswith("libraries.md"), path.name


def test_every_class_of_error_is_used() -> None:
    texts = [text_of(path) for path in (REPOSITORY / "cmdarr").rglob("*.py") if path.name != "errors.py"]
    classes = [CmdarrError]
    for each in classes:
        classes += each.__subclasses__()
    for each in classes:
        assert any(re.search(rf"\b{each.__name__}\b", text) for text in texts), each.__name__


def test_the_changelog_tells_of_this_version() -> None:
    (newest, *_) = re.findall(r"^## (\S+)", text_of(REPOSITORY / "CHANGELOG.md"), re.MULTILINE)
    assert newest == cmdarr.__version__


def test_the_targets_of_make_that_are_named_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of(REPOSITORY / "Makefile"), re.MULTILINE))
    for page in PAGES:
        named = re.findall(r"^make ([a-z-]+)", "\n".join(block.text for block in blocks(page)), re.MULTILINE)
        named += re.findall(r"`make ([a-z-]+)`", prose(page))
        assert set(named) <= targets, name_of(page)
