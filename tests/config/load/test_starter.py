"""`config init` and the configuration that is shipped: one source of truth, and it works."""

from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from cmdarr.app.program import App
from cmdarr.config.catalog import Catalog
from cmdarr.config.document import parse_document
from cmdarr.config.schema import schemas
from cmdarr.config.snapshot import CommandState, Snapshot
from cmdarr.config.starter import starter_texts, write_starter

REPOSITORY = Path(__file__).parents[3]
SHIPPED = REPOSITORY / "config"
MODELINE = "# yaml-language-server: $schema="


def real_app(config_dir: Path) -> App:
    return App(config_dir=config_dir, data_dir=config_dir.parent / "data", environ={})


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return real_app(tmp_path / "config").catalog


def load(config_dir: Path) -> Snapshot:
    return real_app(config_dir).read_configuration()


def test_the_configuration_of_the_repository_is_the_starter() -> None:
    for name, text in starter_texts().items():
        assert (SHIPPED / name).read_text(encoding="utf-8") == text, name


def test_a11_init_writes_a_configuration_that_is_valid(tmp_path: Path, catalog: Catalog) -> None:
    config = tmp_path / "config"
    written = write_starter(config, catalog)
    assert {str(path.relative_to(config)) for path in written} == {
        *starter_texts(),
        "schema/settings.json",
        "schema/command.json",
    }
    snapshot = load(config)
    assert not snapshot.findings
    command = snapshot.commands["demo-favourites"]
    assert command.state is CommandState.OK
    assert command.options is not None
    assert command.options.run_at_start
    assert snapshot.settings.services["files"].type == "files"


def test_a11_the_first_line_of_each_file_names_a_schema_that_exists(tmp_path: Path, catalog: Catalog) -> None:
    for path in write_starter(tmp_path / "config", catalog):
        if path.suffix == ".yaml":
            first = path.read_text(encoding="utf-8").splitlines()[0]
            assert first.startswith(MODELINE)
            assert (path.parent / first.removeprefix(MODELINE)).is_file()


def test_a10_the_starter_files_are_valid_in_the_editor(catalog: Catalog) -> None:
    documents = schemas(catalog)
    for name, text in starter_texts().items():
        if name.endswith(".yaml"):
            schema = documents["settings.json" if name == "settings.yaml" else "command.json"]
            value = parse_document(name, text.encode()).value
            assert isinstance(value, dict)
            plain = {key: list(each) if isinstance(each, tuple) else each for key, each in value.items()}
            Draft7Validator(schema).validate(plain)


def test_e2_no_file_has_a_custom_tag() -> None:
    for name, text in starter_texts().items():
        assert not [line for line in text.splitlines() if " !" in line], name


def test_what_the_comments_offer_is_valid_too(tmp_path: Path) -> None:
    """Whoever takes the comment signs away has a configuration that loads."""
    lines = starter_texts()["settings.yaml"].splitlines()
    start = lines.index("# executor:")
    offered = [line.removeprefix("# ") for line in lines[start:]]
    offered += [line.removeprefix("# ") for line in lines if line.startswith(("# timezone:", "# schedule:"))]
    config = tmp_path / "config"
    config.mkdir()
    (config / "settings.yaml").write_text("\n".join(offered) + "\n")
    (config / "secrets.yaml").write_text("web_password: abcdef\n")
    (config / "secrets.yaml").chmod(0o600)
    snapshot = load(config)
    assert not snapshot.findings
    assert snapshot.settings.zone.key == "Europe/Berlin"


def test_init_leaves_what_exists_alone(tmp_path: Path, catalog: Catalog) -> None:
    config = tmp_path / "config"
    config.mkdir()
    (config / "settings.yaml").write_text("# mine\n")
    written = write_starter(config, catalog)
    assert config / "settings.yaml" not in written
    assert (config / "settings.yaml").read_text() == "# mine\n"
    assert not write_starter(config, catalog)


def test_another_name_of_the_folder_is_followed(tmp_path: Path, catalog: Catalog) -> None:
    write_starter(tmp_path / "etc", catalog)
    text = (tmp_path / "etc" / "commands" / "demo-favourites.yaml").read_text()
    assert "playlist: etc/playlists/demo-favourites.csv" in text
    assert not load(tmp_path / "etc").findings


def test_secrets_are_kept_out_of_git(tmp_path: Path, catalog: Catalog) -> None:
    write_starter(tmp_path / "config", catalog)
    assert "secrets.yaml" in (tmp_path / "config" / ".gitignore").read_text().splitlines()


def test_the_playlist_has_twelve_tracks() -> None:
    lines = starter_texts()["playlists/demo-favourites.csv"].splitlines()
    assert len(lines) == 13
    assert lines[0] == '"Track URI","Track Name","Album Name","Artist Name(s)"'
