"""One key explained: its effective value, where that comes from, its type, range, meaning and reload class."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from pydantic import BaseModel, SecretStr

from cmdarr.config.catalog import Catalog
from cmdarr.config.document import Document, Loc, parse_document
from cmdarr.config.effective import value_of
from cmdarr.config.fields import format_duration, format_size
from cmdarr.config.key_schema import KeySchema, UnknownStep, find_key
from cmdarr.config.load.settings_file import SETTINGS_FILE
from cmdarr.config.references import BadReference, Reference, parse_references
from cmdarr.config.schema import Schema, command_schema, settings_schema
from cmdarr.config.services import ServiceEntry
from cmdarr.config.settings import RESTART_ONLY
from cmdarr.config.snapshot import Snapshot
from cmdarr.config.suggest import did_you_mean
from cmdarr.config.tree import Tree
from cmdarr.errors import NothingFound
from cmdarr.models.redaction import MASK

_TTL = "cache.ttl."


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What `config explain` prints; `value` has its secrets masked, `limits` is the range or the choices."""

    key: str
    value: str
    source: str
    type: str
    limits: str
    meaning: str
    reload: str

    def __str__(self) -> str:
        rows = {
            "value": self.value,
            "source": self.source,
            "type": f"{self.type} ({self.limits})" if self.limits else self.type,
            "reload": self.reload,
            "meaning": self.meaning,
        }
        return "\n".join([self.key, *(f"  {f'{name}:':<9}{text}" for name, text in rows.items() if text)])


def explain(key: str, *, snapshot: Snapshot, tree: Tree, catalog: Catalog) -> Explanation:
    """Explain a key of settings.yaml (`web.port`) or of a command (`commands.NAME.schedule`).

    Raises:
        NothingFound: there is no such key.
    """
    steps = key.split(".")
    if steps[0] == "commands" and len(steps) > 1:
        subject = _command_subject(steps[1], snapshot, catalog)
        steps = steps[2:]
    else:
        subject = _settings_subject(steps, snapshot, settings_schema(catalog), catalog)
    return _explain_in(subject, key, steps, snapshot, _Files(tree))


def explain_settings(*, snapshot: Snapshot, tree: Tree, catalog: Catalog) -> list[Explanation]:
    """Explain every key of settings.yaml that has a value now, in the order of the model."""
    schema, files = settings_schema(catalog), _Files(tree)
    found = []
    for key in _keys_in_force("", snapshot.settings):
        steps = key.split(".")
        found.append(
            _explain_in(_settings_subject(steps, snapshot, schema, catalog), key, steps, snapshot, files)
        )
    return found


def explain_command(name: str, *, snapshot: Snapshot, tree: Tree, catalog: Catalog) -> list[Explanation]:
    """Explain every key of a command that is in force, in the order of its model; none when it cannot run.

    Raises:
        NothingFound: there is no such command, or its kind is not part of this version.
    """
    subject, files = _command_subject(name, snapshot, catalog), _Files(tree)
    if subject.root is None:
        return []
    return [
        _explain_in(subject, f"commands.{name}.{path}", path.split("."), snapshot, files)
        for path in _keys_in_force("", subject.root)
    ]


def _keys_in_force(prefix: str, value: object) -> Iterator[str]:
    """Yield the dotted key of every value that is no group of others."""
    parts: Iterable[tuple[str, object]]
    if isinstance(value, ServiceEntry):
        value = value.settings
    if isinstance(value, BaseModel):
        parts = iter(value)
    elif isinstance(value, Mapping) and (value or prefix == "services."):
        parts = ((str(name), each) for name, each in value.items())
    else:
        yield prefix.removesuffix(".")
        return
    for name, each in parts:
        yield from _keys_in_force(f"{prefix}{name}.", each)


class _Files:
    """The parsed files of a tree, each read once."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._documents: dict[str, Document | None] = {}

    def find(self, file: str) -> Document | None:
        """Return a file, None where there is none."""
        if file not in self._documents:
            source = self._tree.files.get(file)
            self._documents[file] = parse_document(file, source.data) if source is not None else None
        return self._documents[file]


def _explain_in(
    subject: "_Subject", key: str, steps: Sequence[str], snapshot: Snapshot, files: _Files
) -> Explanation:
    try:
        schema = find_key(subject.schema, subject.definitions, steps[subject.skip :])
    except UnknownStep as unknown:
        hint = did_you_mean(unknown.step, unknown.names)
        if steps[0] in snapshot.commands and subject.file == SETTINGS_FILE:
            hint = f"did you mean 'commands.{key}'?"
        known = hint or f"known here are {', '.join(unknown.names) or 'no keys'}."
        raise NothingFound(f"There is no key {key!r}: {known}") from None
    path = ".".join(steps)
    document = files.find(subject.file)
    is_written = document is not None and _has(document, _loc(path))
    return Explanation(
        key=key,
        value=_effective_value(path, schema, subject, snapshot),
        source=_source(document, _loc(path), snapshot)
        if document is not None and is_written
        else _default_source(path, subject, snapshot, files),
        type=schema.type,
        limits=schema.limits,
        meaning=" ".join(schema.meaning.split()),
        reload=_reload_class(subject, path),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """The file that a key belongs to: its schema, its effective root, how many steps the schema begins below it."""

    file: str
    root: object
    schema: Schema
    definitions: Mapping[str, Schema]
    skip: int = 0


def _command_subject(name: str, snapshot: Snapshot, catalog: Catalog) -> _Subject:
    entry = snapshot.commands.get(name)
    if entry is None:
        raise NothingFound(f"There is no command {name!r}. {did_you_mean(name, snapshot.commands)}".strip())
    document = command_schema(catalog)
    if entry.kind not in catalog.kinds:
        raise NothingFound(f"{entry.file} has no kind that this version knows, so its keys have no meaning.")
    return _Subject(
        file=entry.file,
        root=entry.options,
        schema=document["definitions"][f"kind_{entry.kind}"],
        definitions=document["definitions"],
    )


def _settings_subject(
    steps: Sequence[str], snapshot: Snapshot, document: Schema, catalog: Catalog
) -> _Subject:
    definitions = document["definitions"]
    schema, skip = document, 0
    if steps[0] == "services" and len(steps) > 1:
        entry = snapshot.settings.services.get(steps[1])
        type_name = entry.type if entry else steps[1]
        if type_name not in catalog.services:
            names = {*snapshot.settings.services, *catalog.services}
            hint = did_you_mean(steps[1], names)
            raise NothingFound(f"There is no service {steps[1]!r} in settings.yaml. {hint}".strip())
        schema, skip = definitions[f"service_{type_name}"], 2
    return _Subject(
        file=SETTINGS_FILE, root=snapshot.settings, schema=schema, definitions=definitions, skip=skip
    )


def _effective_value(path: str, schema: KeySchema, subject: _Subject, snapshot: Snapshot) -> str:
    if subject.root is None:
        return f"(not in force: {subject.file} is broken)"
    try:
        value = value_of(subject.root, path) if path else subject.root
    except LookupError:
        value = schema.default
    if value is None:
        value = _inherited_value(path, subject, snapshot)
    if schema.is_secret and value is not None:
        return MASK
    if schema.type == "text" and isinstance(value, int):
        value = format_size(value)
    return snapshot.redactor(_shown(value))


def _inherited_value(path: str, subject: _Subject, snapshot: Snapshot) -> object:
    if subject.file == SETTINGS_FILE:
        settings = snapshot.settings
        if path.startswith(_TTL):
            return settings.cache.ttl_of(path.removeprefix(_TTL))
        return settings.zone.key if path == "timezone" else None
    if path == "schedule":
        return snapshot.settings.schedule
    return snapshot.settings.notifications.on if path == "notify" else None


def _default_source(path: str, subject: _Subject, snapshot: Snapshot, files: _Files) -> str:
    """Say where a value comes from that the file does not hold."""
    if subject.file == SETTINGS_FILE:
        return "default: the variable TZ, else the system's zone" if path == "timezone" else "default"
    inherited = {"schedule": ("schedule",), "notify": ("notifications", "on")}.get(path)
    if inherited is None:
        return "default"
    settings = files.find(SETTINGS_FILE)
    if settings is not None and _has(settings, inherited):
        return _source(settings, inherited, snapshot)
    return f"default of `{'.'.join(inherited)}` in settings.yaml"


def _source(document: Document, loc: Loc, snapshot: Snapshot) -> str:
    """Say where a written value stands, and through which references it comes."""
    line, _ = document.locate(loc)
    text = f"{document.file}:{line}"
    references = _references(_written(document, loc))
    if references:
        text += f", through {' and '.join(references)}"
    if snapshot.errors_in(document.file):
        text += " (the file is broken: what is written there is not in force)"
    return text


def _references(written: object) -> list[str]:
    if not isinstance(written, str):
        return []
    try:
        return [str(part) for part in parse_references(written) if isinstance(part, Reference)]
    except BadReference:
        return []


def _loc(path: str) -> Loc:
    return tuple(int(step) if step.isdecimal() else step for step in path.split(".")) if path else ()


def _has(document: Document, loc: Loc) -> bool:
    try:
        _written(document, loc)
    except LookupError:
        return False
    return True


def _written(document: Document, loc: Loc) -> object:
    value: object = document.value
    for step in loc:
        is_list = isinstance(value, tuple) and isinstance(step, int)
        if not (is_list or isinstance(value, dict)):
            raise KeyError(step)
        value = value[step]  # type: ignore[index]  # a mapping, or a list and an index
    return value


def _reload_class(subject: _Subject, path: str) -> str:
    if subject.file != SETTINGS_FILE:
        return "live: from the next run on"
    return "needs a restart" if path in RESTART_ONLY else "live: at the next reload"


def _shown(value: object) -> str:
    """Return a value in the form that YAML has it in, in one line, with secrets masked."""
    if value is None:
        return "(not set)"
    plain = _plain(value)
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def _plain(value: object) -> object:
    if isinstance(value, ServiceEntry):
        value = value.settings
    if isinstance(value, BaseModel):
        value = {name: each for name, each in value if each is not None}
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(each) for each in value]
    return _plain_scalar(value)


def _plain_scalar(value: object) -> str | float | bool | None:
    if isinstance(value, SecretStr):
        return MASK
    if isinstance(value, timedelta):
        return format_duration(value)
    return value if value is None or isinstance(value, str | int | float) else str(value)
