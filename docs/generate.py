"""Write the reference pages from what the program itself says: `make schema`."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from cmdarr.app import App
from cmdarr.cli.main import VERBS, cmdarr
from cmdarr.config.command import CommandOptions
from cmdarr.config.fields import format_duration
from cmdarr.config.key_schema import KeySchema, find_key
from cmdarr.config.schema import command_schema, settings_schema
from cmdarr.config.settings import DEFAULT_TTLS, RESTART_ONLY
from cmdarr.engine.registry import LATER_KINDS
from cmdarr.library.ports import ServiceKind

HERE = Path(__file__).parent
HEAD = "<!-- Written by `make schema`; change the docstrings in the program, not this page. -->\n"
COMMON = tuple(CommandOptions.model_fields)
EXIT_CODES = {
    0: "Done.",
    1: "What was asked for failed or is invalid: findings, a failed run, a folder that is in use.",
    2: "The call is wrong, or there is nothing to read.",
    3: "`config diff` and `run --dry-run`: there are changes.",
    75: "Try again later: a service or the disk is not available, the run is held, or it was skipped.",
    78: "`serve`: settings.yaml is broken. Every verb: config.db is damaged.",
    130: "Stopped with Ctrl-C.",
}
FINDINGS = {
    "alias": "An alias (`*name`) has no anchor (`&name`) before it.",
    "bad_command_name": "The name of a command file has characters that a command's name must not have.",
    "bad_file": "The file of a `${file:…}` reference is not UTF-8 text.",
    "bad_key": "A key is no text, or holds characters that cannot be seen.",
    "bad_reference": "A `${…}` reference is not written as one.",
    "bad_secret": "A value in secrets.yaml is no text.",
    "bad_secret_name": "A name in secrets.yaml cannot be referred to.",
    "bad_service_name": "The name of a service has characters that it must not have.",
    "bad_variable": "The variable of a `${env:…}` reference is not valid UTF-8.",
    "cycle": "An alias stands inside of what it repeats.",
    "duplicate_key": "A key stands twice in one mapping; both lines are named.",
    "emptied": "A file lost its content while Cmdarr runs; the version of before goes on.",
    "empty_command": "A command file has no content.",
    "encoding": "The file is not UTF-8.",
    "kind_unavailable": "The kind is part of a later version; the command does not run.",
    "merge": "A `<<` does not name a mapping.",
    "missing_file": "The file of a `${file:…}` reference cannot be read.",
    "missing_key": "A key that is needed is missing.",
    "missing_kind": "A command file has no `kind`.",
    "missing_variable": "The environment has no variable of that name.",
    "not_a_file": "A name that should be a file is a folder or a device.",
    "not_a_list": "pins.yaml is no list.",
    "not_a_mapping": "A file that should be a mapping of keys to values is none.",
    "number_too_long": "A number has more digits than are read.",
    "old_key": "A key was renamed or removed; it names the version and the new key.",
    "password_missing": "`web.host` is no loopback address, and `web.password` is missing.",
    "same_command": "Two files give the same command, such as `x.yaml` and `x.yml`.",
    "secrets_mode": "Others than the owner may read secrets.yaml.",
    "service_disabled": "A command names a service whose `enabled` is false; a warning where it is disabled itself.",
    "service_problem": "A service cannot work on this machine: a folder is missing, for example.",
    "several_documents": "A file holds more than one YAML document.",
    "stray_file": "A file lies where it is not read.",
    "syntax": "The text is no YAML.",
    "tab": "A tab stands where YAML wants spaces.",
    "tag": "A `!tag` stands in the file; there are none in this dialect.",
    "too_deep": "Mappings and lists are nested too deeply.",
    "too_large": "The file is larger than 1 MiB and was not read.",
    "too_many_nodes": "The file holds too many values, every alias counted with what it stands for.",
    "unknown_key": "There is no such key; the nearest one is named.",
    "unknown_kind": "There is no such kind of command.",
    "unknown_reference": "A `${…}` reference is none of `env`, `file` and `secret`.",
    "unknown_secret": "secrets.yaml has no secret of that name.",
    "unknown_service": "settings.yaml has no service of that name; a warning where the command is disabled.",
    "unknown_service_type": "There is no such type of service.",
    "unreadable": "A file or folder cannot be read; its owner and mode are named.",
    "written_twice": "Two commands write the same playlist.",
    "wrong_file_name": "A file in the config folder has an ending that is not read.",
    "wrong_service": "A command names a service that cannot do what is asked; a warning where it is disabled.",
    "wrong_type": "A value has another type than the key takes.",
    "wrong_value": "A value is not one that the key takes.",
}


def pages() -> dict[str, str]:
    """Return the text of every generated page by its path below docs/."""
    app = App(config_dir=Path("config"), data_dir=Path("data"), environ={})
    texts = {
        "settings": _settings_page(app),
        "commands": _commands_page(app),
        "cli": _cli_page(),
        "findings": _findings_page(),
    }
    return {f"reference/{name}.md": HEAD + "\n".join(lines) + "\n" for name, lines in texts.items()}


def _settings_page(app: App) -> Iterator[str]:
    schema = settings_schema(app.catalog)
    definitions = schema["definitions"]
    sections = [name for name in schema["properties"] if _below(schema, name, definitions)]
    yield "\n# settings.yaml\n"
    yield "Every key is optional; an empty file is a working configuration. A *live* key takes effect when the"
    yield "file is saved, a *restart* key at the next start of `cmdarr serve`."
    yield "`cmdarr config explain KEY` prints what is here, and the value that is in force.\n"
    single = [name for name in schema["properties"] if name not in {*sections, "services"}]
    yield from _settings_table(schema, definitions, single)
    for name in sections:
        below, prefix = _below(schema, name, definitions), f"{name}."
        yield f"\n## {name}\n\n{_sentence(below)}\n"
        yield from _settings_table(below, definitions, list(below["properties"]), prefix)
    yield "\n## services\n"
    yield "Maps names of your choice to one service each. Every key is live. Every service has `type`, which may be"
    yield "left out when the name is a type, and `enabled` (default `true`), which puts it aside."
    for name, kind in sorted(app.service_kinds.items()):
        below = definitions[f"service_{name}"]
        own = [key for key in below["properties"] if key not in {"type", "enabled"}]
        yield f"\n### {name}\n\n{_sentence(below)} {_use_of(kind)}".rstrip()
        yield from ("", *_table(_rows(below, definitions, only=own))) if own else ()


def _use_of(kind: ServiceKind) -> str:
    about = "It needs no entry. " if kind.type.works_unconfigured else ""
    has_page = (HERE / "services" / f"{kind.name}.md").exists()
    return f"{about}Read more: [{kind.name}](../services/{kind.name}.md)." if has_page else about.rstrip()


def _settings_table(
    schema: dict[str, Any], definitions: dict[str, Any], names: Sequence[str], prefix: str = ""
) -> Iterator[str]:
    yield "| key | type | default | reload | meaning |"
    yield "|---|---|---|---|---|"
    for key, kind, default, meaning in _rows(schema, definitions, only=names, prefix=prefix):
        reload = "restart" if key in RESTART_ONLY else "live"
        yield f"| `{key}` | {kind} | {default} | {reload} | {meaning} |"


def _commands_page(app: App) -> Iterator[str]:
    schema = command_schema(app.catalog)
    definitions = schema["definitions"]
    yield "\n# Command files\n"
    yield "One file a command: `commands/NAME.yaml`. A saved change is live from the next run on. Every kind has these"
    yield "keys:\n"
    kinds = sorted(app.registry.kinds)
    about_kind = f"text (one of {', '.join(f'`{kind}`' for kind in kinds)})"
    common = _rows(
        definitions[f"kind_{kinds[0]}"], definitions, only=[key for key in COMMON if key != "kind"]
    )
    yield from _table([("kind", about_kind, "**required**", "What the command does."), *common])
    for kind in kinds:
        text = (app.registry.kinds[kind].__doc__ or "").strip().partition("\n")[0]
        yield f"\n## {kind}\n\n{text} Read more: [{kind}](../commands/{kind}.md).\n"
        below = definitions[f"kind_{kind}"]
        own = [name for name in below["properties"] if name not in COMMON]
        yield from _table(_rows(below, definitions, only=own))
    later = ", ".join(f"`{kind}`" for kind in sorted(LATER_KINDS - app.registry.kinds.keys()))
    yield f"\n## Kinds of later versions\n\nTheir files are accepted with a warning and do not run: {later}."


def _rows(
    schema: dict[str, Any],
    definitions: dict[str, Any],
    *,
    only: Sequence[str] | None = None,
    prefix: str = "",
) -> Iterator[tuple[str, str, str, str]]:
    """Yield key, type, default and meaning of every key below a schema, those of mappings in it included."""
    for name in schema["properties"] if only is None else only:
        key = f"{prefix}{name}"
        found = find_key(schema, definitions, [name])
        below = _below(schema, name, definitions)
        is_list = "items" in schema["properties"][name]
        if not below or is_list:
            default = "**required**" if name in schema.get("required", ()) else _default(key, found)
            yield key, _type(found), default, _cell(" ".join(found.meaning.split()))
        if below:
            yield from _rows(below, definitions, prefix=f"{key}[]." if is_list else f"{key}.")


def _below(schema: dict[str, Any], name: str, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of the mapping, or of the mappings of a list, that a key holds; empty when it holds none."""
    inner = schema["properties"][name]
    inner = inner.get("items", inner)
    for candidate in (inner, *inner.get("allOf", ())):
        if "$ref" in candidate:
            return dict(definitions[candidate["$ref"].rpartition("/")[2]])
    return {}


def _type(found: KeySchema) -> str:
    limits = "; ".join(map(_marked, found.limits.split("; "))) if found.limits else ""
    return _cell(f"{found.type} ({limits})" if limits else found.type)


def _marked(limit: str) -> str:
    """Put what is to be written literally into code marks."""
    for words in ("one of ", "for example "):
        before, found, choices = limit.partition(words)
        if found:
            return before + words + ", ".join(f"`{choice}`" for choice in choices.split(", "))
    return f"as `{limit.removeprefix('as ')}`" if limit.startswith("as ") else limit


def _default(key: str, found: KeySchema) -> str:
    if key == "cache.ttl":
        return ", ".join(f"`{name}: {format_duration(ttl)}`" for name, ttl in sorted(DEFAULT_TTLS.items()))
    value = found.default
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, list):
        return f"`[{', '.join(map(str, value))}]`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _table(rows: Iterable[tuple[str, str, str, str]]) -> Iterator[str]:
    yield "| key | type | default | meaning |"
    yield "|---|---|---|---|"
    for key, kind, default, meaning in rows:
        yield f"| `{key}` | {kind} | {default} | {meaning} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _sentence(schema: dict[str, Any]) -> str:
    return str(schema.get("description", "")).partition("\n")[0]


def _cli_page() -> Iterator[str]:
    yield "\n# The command line\n"
    yield "Errors go to stderr, one sentence with the cure. `--json` prints one JSON document on stdout, for an"
    yield 'error `{"error": {"class", "message"}}`; `run` adds that to the executions that it has done. Tables are'
    yield "drawn on a terminal and tab-separated elsewhere."
    root = click.Context(cmdarr, info_name="cmdarr")
    yield from _verb(cmdarr, root, level=2, title="cmdarr [OPTIONS] VERB")
    for name in VERBS:
        if (command := cmdarr.get_command(root, name)) is not None:
            yield from _with_sub_verbs(command, click.Context(command, info_name=name, parent=root))
    yield "\n## Exit codes\n\n| code | meaning |\n|---|---|"
    yield from (f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items())


def _with_sub_verbs(command: click.Command, context: click.Context, level: int = 2) -> Iterator[str]:
    yield from _verb(command, context, level=level)
    if isinstance(command, click.Group):
        for name, below in sorted(command.commands.items()):
            inner = click.Context(below, info_name=name, parent=context)
            yield from _with_sub_verbs(below, inner, level + 1)


def _verb(command: click.Command, context: click.Context, *, level: int, title: str = "") -> Iterator[str]:
    pieces = " ".join(command.collect_usage_pieces(context))
    yield f"\n{'#' * level} {context.command_path}\n"
    yield f"`{title or f'{context.command_path} {pieces}'.rstrip()}`\n"
    yield " ".join((command.help or "").split())
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    rows = [record for option in options if (record := option.get_help_record(context))]
    if rows:
        yield "\n| option | meaning |\n|---|---|"
        yield from (f"| `{_cell(option)}` | {_cell(' '.join(text.split()))} |" for option, text in rows)


def _findings_page() -> Iterator[str]:
    yield "\n# Findings\n"
    yield "Each problem that `cmdarr config check` finds has a code; `--format json` prints it. Codes are stable.\n"
    yield "| code | meaning |\n|---|---|"
    yield from (f"| `{code}` | {meaning} |" for code, meaning in sorted(FINDINGS.items()))


def main() -> None:
    """Write every page."""
    for name, text in pages().items():
        path = HERE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(HERE.parent))


if __name__ == "__main__":
    main()
