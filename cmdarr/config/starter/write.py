"""Writing the starter configuration; a file that exists is left alone."""

from importlib.resources import files
from pathlib import Path

from cmdarr.config.catalog import Catalog
from cmdarr.config.schema import FOLDER, schemas, write_schemas
from cmdarr.config.whole_file import write_whole

_SOURCES = {
    "settings.yaml": "settings.yaml",
    "commands/demo-favourites.yaml": "commands/demo-favourites.yaml",
    "playlists/demo-favourites.csv": "playlists/demo-favourites.csv",
    ".gitignore": "gitignore",  # the dot would hide the file from some packagers
}
_USUAL_FOLDER = "config"


def starter_texts(folder_name: str = _USUAL_FOLDER) -> dict[str, str]:
    """Return the text of each starter file by its path below a config folder of that name."""
    root = files(__package__) / "files"
    texts = {path: (root / source).read_text(encoding="utf-8") for path, source in _SOURCES.items()}
    return {
        path: text.replace(f" {_USUAL_FOLDER}/playlists/", f" {folder_name}/playlists/")
        for path, text in texts.items()
    }


def write_starter(config_dir: Path, catalog: Catalog) -> list[Path]:
    """Write the starter files and the schemas that are missing, and return their paths."""
    written = []
    for name, text in starter_texts(config_dir.absolute().name).items():
        path = config_dir / name
        if not path.exists():
            write_whole(path, text)
            written.append(path)
    missing = {
        name: document
        for name, document in schemas(catalog).items()
        if not (config_dir / FOLDER / name).exists()
    }
    return [*written, *write_schemas(missing, config_dir)]
