"""What references stand for, looked up once for all files of a load. No message holds a value."""

import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cmdarr.config.references.secret_file import SECRET_BYTES, Secrets
from cmdarr.config.references.syntax import BadReference, Reference
from cmdarr.config.suggest import did_you_mean


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a reference stands for; `is_secret` is False for a default, which stands in the file itself."""

    text: str
    is_secret: bool = True


class Resolver:
    """Looks references up, each once: all files of one load see the same values."""

    def __init__(self, *, environ: Mapping[str, str], root: Path, secrets: Secrets) -> None:
        self._environ = environ
        self._root = root
        self._secrets = secrets
        self._known: dict[Reference, Resolved | BadReference] = {}
        self.files: dict[Path, None] = {}
        """Every file that a reference named, read or not."""

    def outcome(self, reference: Reference) -> Resolved | BadReference:
        """Return what the reference stands for, or what is wrong with it."""
        if reference not in self._known:
            try:
                self._known[reference] = self._look_up(reference)
            except BadReference as problem:
                self._known[reference] = problem
        return self._known[reference]

    def fingerprint(self, references: Sequence[Reference]) -> tuple[str, ...]:
        """Return what must stay equal for an earlier result to be used again. In memory only: it holds values."""
        outcomes = map(self.outcome, references)
        return tuple(f"={each.text}" if isinstance(each, Resolved) else f"!{each}" for each in outcomes)

    def _look_up(self, reference: Reference) -> Resolved:
        if reference.scheme == "env":
            return self._look_up_variable(reference)
        text = self._look_up_secret(reference) if reference.scheme == "secret" else self._read(reference)
        return Resolved(text)

    def _look_up_variable(self, reference: Reference) -> Resolved:
        text = self._environ.get(reference.name)
        if reference.default is not None and not text:
            return Resolved(reference.default, is_secret=False)
        if text is None:
            hint = f"set it, or give a default: ${{env:{reference.name}:-default}}"
            raise BadReference(
                "missing_variable", f"{reference}: the environment has no such variable.", hint
            )
        if not text.isprintable() and any("\ud800" <= character <= "\udfff" for character in text):
            raise BadReference("bad_variable", f"{reference}: the variable is not valid UTF-8.")
        return Resolved(text)

    def _look_up_secret(self, reference: Reference) -> str:
        if reference.name in self._secrets.values:
            return self._secrets.values[reference.name]
        if self._secrets.problem:
            raise BadReference("unknown_secret", f"{reference}: {self._secrets.problem}")
        hint = did_you_mean(reference.name, self._secrets.values) or f"add {reference.name} to secrets.yaml"
        raise BadReference("unknown_secret", f"{reference}: secrets.yaml has no secret of that name.", hint)

    def _read(self, reference: Reference) -> str:
        try:
            path = self._root / Path(reference.name).expanduser()
            self.files[path] = None
            data = _read_small(path)
        except (OSError, ValueError, RuntimeError) as error:  # a NUL in the path, a home that is not known
            reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
            raise BadReference(
                "missing_file",
                f"{reference}: the file cannot be read ({reason}).",
                "check the path and its rights",
            ) from error
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadReference("bad_file", f"{reference}: the file is not UTF-8 text.") from error
        return text.removesuffix("\n").removesuffix("\r")


def _read_small(path: Path) -> bytes:
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError("it is no ordinary file")
    with path.open("rb") as stream:
        data = stream.read(SECRET_BYTES + 1)
    if len(data) > SECRET_BYTES:
        raise ValueError(f"it is larger than {SECRET_BYTES // 1024} KiB")
    return data
