"""The files of an import: mended until the configuration takes them, and compared with those that are there."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from cmdarr.app.program import App
from cmdarr.config.load import Loader
from cmdarr.config.references.secret_file import SECRETS_FILE, load_secrets
from cmdarr.config.schema import FOLDER, schema_text, schemas
from cmdarr.config.tree import SourceFile, Tree, read_tree
from cmdarr.errors import CommandError, ConfigError, Finding, NothingFound
from cmdarr.legacy.plan import LegacyPlan
from cmdarr.legacy.yaml_text import yaml_text

_GITIGNORE = ".gitignore"
_MENDINGS = 200
_SECRETS_HEAD = "# Secrets of Cmdarr: not for git, and for your user alone (mode 0600).\n"


class FilesExist(CommandError):
    """Files of the configuration exist already; add --force to replace them."""

    http_status = 409


class ImportFiles:
    """The files to be, and how they stand to those that are there."""

    def __init__(self, app: App, plan: LegacyPlan, environment: Mapping[str, str]) -> None:
        self._app = app
        self._plan = plan
        self._loader = Loader(app.catalog, environ={**app.environ, **environment}, clock=app.clock)
        self._there = _read_there(app.config_dir)
        self.texts: dict[str, str] = {}

    def check(self) -> tuple[Finding, ...]:
        """Mend the files until the configuration takes them, and return the warnings that are left.

        Raises:
            ConfigError: it does not take them.
        """
        for _ in range(_MENDINGS):
            self.texts = {**self._plan.files.texts(), **self._secrets()}
            snapshot = self._loader.load(self._overlay())
            if not snapshot.errors:
                return snapshot.findings
            if not self._plan.files.mend(snapshot.errors):
                break
        raise ConfigError(
            "the import would not pass `cmdarr config check`; nothing was written.", snapshot.errors
        )

    def complete(self) -> None:
        """Add what git and editors need: the ignored secrets, and the schemas that are missing."""
        if SECRETS_FILE in self.texts:
            lines = self._text_there(_GITIGNORE)
            if SECRETS_FILE not in (lines or "").split():
                self.texts[_GITIGNORE] = f"{_with_newline(lines or '')}{SECRETS_FILE}\n"
        for name, document in schemas(self._app.catalog).items():
            if not (self._app.config_dir / FOLDER / name).exists():
                self.texts[f"{FOLDER}/{name}"] = schema_text(document)

    def refuse_conflicts(self, *, force: bool) -> None:
        """Complete the files, and refuse to overwrite one that has another content.

        Raises:
            FilesExist: such a file exists, and `force` is false.
        """
        self.complete()
        conflicts = [name for name, state in self.states().items() if state == "replaced"]
        if conflicts and not force:
            listed = ", ".join(conflicts[:5]) + (
                f" and {len(conflicts) - 5} more" if len(conflicts) > 5 else ""
            )
            are = "exists" if len(conflicts) == 1 else "exist"
            raise FilesExist(
                f"{listed} {are} in {self._app.config_dir} with another content: add --force to replace what is there "
                "(a backup is made), or name another --config-dir; nothing was written."
            )

    def states(self) -> dict[str, str]:
        """Return what becomes of each file."""
        return {name: self._state(name, text) for name, text in sorted(self.texts.items())}

    def changed(self) -> Iterator[tuple[str, str]]:
        """Yield name and text of the files that are to be written."""
        for name, state in self.states().items():
            if state != "unchanged":
                yield name, self.texts[name]

    def _state(self, name: str, text: str) -> str:
        before = self._text_there(name)
        if before is None:
            return "created"
        if before == text:
            return "unchanged"
        return "extended" if name == _GITIGNORE else "replaced"

    def _text_there(self, name: str) -> str | None:
        try:
            return (self._app.config_dir / name).read_bytes().decode("utf-8", "surrogateescape")
        except FileNotFoundError:
            return None
        except NotADirectoryError:
            return None

    def _secrets(self) -> dict[str, str]:
        """Return secrets.yaml: those of the import, and those that are there and have other names."""
        ours = self._plan.files.secrets()
        if not ours:
            return {}
        there = load_secrets(self._there).values if SECRETS_FILE in self._there.files else {}
        if all(there.get(name) == text for name, text in ours.items()) and there:
            return {SECRETS_FILE: self._there.files[SECRETS_FILE].data.decode()}
        merged = dict(sorted({**there, **ours}.items()))
        return {SECRETS_FILE: _SECRETS_HEAD + yaml_text(merged, is_resolved=False)}

    def _overlay(self) -> Tree:
        """Return the configuration as it will be."""
        ours = {
            name: SourceFile.of(name, text.encode())
            for name, text in self.texts.items()
            if name.endswith(".yaml")
        }
        files = {**self._there.files, **ours}
        order = sorted(files, key=lambda name: (name.startswith("commands/"), name))
        return Tree(self._app.config_dir, {name: files[name] for name in order}, self._there.problems)


def _read_there(config_dir: Path) -> Tree:
    try:
        return read_tree(config_dir)
    except NothingFound:
        if config_dir.exists():
            raise
        return Tree(config_dir, {})


def _with_newline(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"
