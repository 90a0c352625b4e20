"""Write the reference pages from the models: `make schema`."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cmdarr.app import App
from cmdarr.config.key_schema import find_key
from cmdarr.config.schema import schemas

HERE = Path(__file__).parent
HEAD = "<!-- Written by `make schema` from the models; edit the docstrings there. -->\n\n"
COMMON = ("kind", "description", "enabled", "schedule", "time_limit", "expires", "notify", "run_at_start")


def pages() -> dict[str, str]:
    """Return the text of every generated page by its path below docs/."""
    app = App(config_dir=Path("config"), data_dir=Path("data"))
    documents = schemas(app.catalog)
    return {
        "reference/settings.md": HEAD + _settings_page(documents["settings.json"], app),
        "reference/commands.md": HEAD + _commands_page(app),
    }


def _settings_page(schema: dict[str, Any], app: App) -> str:
    lines = [
        "# settings.yaml\n",
        "Every key is optional; an empty file is a working configuration. Every key but those marked *restart*",
        "takes effect when the file is saved.\n",
        *_table(_keys(schema, schema.get("definitions", {}), skip={"services"})),
        "\n## Services\n",
        "`services:` maps names of your choice to one service each; `type` may be left out when the name is a type.",
    ]
    for name, kind in sorted(app.service_kinds.items()):
        model = kind.type.settings_model
        lines += [f"\n### {name}\n", f"{_first_sentence(model.__doc__)}\n", *_model_table(model)]
    return "\n".join(lines) + "\n"


def _commands_page(app: App) -> str:
    lines = [
        "# Command files\n",
        "One file a command: `commands/NAME.yaml`. These keys are common to all kinds:\n",
    ]
    kinds = app.registry.kinds
    first = next(iter(kinds.values())).options_model
    lines += _model_table(first, only=COMMON)
    for kind, command in sorted(kinds.items()):
        lines += [f"\n## {kind}\n", f"{_first_sentence(command.__doc__)}\n"]
        lines += _model_table(command.options_model, skip=COMMON)
    return "\n".join(lines) + "\n"


def _model_table(model: Any, *, only: tuple[str, ...] = (), skip: tuple[str, ...] = ()) -> list[str]:
    from cmdarr.config.schema import model_schema

    definitions: dict[str, Any] = {}
    schema = model_schema(model, definitions)
    keys = [
        row for row in _keys(schema, definitions, skip=set(skip)) if not only or row[0].split(".")[0] in only
    ]
    return _table(iter(keys))


def _keys(
    schema: dict[str, Any], definitions: dict[str, Any], *, skip: set[str], prefix: str = ""
) -> Iterator[tuple[str, str, str, str]]:
    """Yield key, type, default and meaning of every key below a schema."""
    for name, inner in schema.get("properties", {}).items():
        if name in skip:
            continue
        key = f"{prefix}{name}"
        target = _resolved(inner, definitions)
        if target.get("properties"):
            yield from _keys(target, definitions, skip=set(), prefix=f"{key}.")
            continue
        found = find_key(schema, definitions, [name])
        kind = f"{found.type} ({found.limits})" if found.limits else found.type
        default = "required" if name in schema.get("required", ()) else _default(found.default)
        yield key, kind, default, " ".join(found.meaning.split())


def _resolved(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    for candidate in (schema, *schema.get("allOf", ()), *schema.get("anyOf", ())):
        if "$ref" in candidate:
            return dict(definitions.get(candidate["$ref"].rsplit("/", 1)[-1], {}))
    return schema


def _default(value: object) -> str:
    if value is None or value in ("", [], {}, ()):
        return "–"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _table(rows: Iterator[tuple[str, str, str, str]]) -> list[str]:
    lines = ["| key | type | default | meaning |", "|---|---|---|---|"]
    return lines + [
        f"| `{key}` | {_cell(kind)} | {default} | {_cell(text)} |" for key, kind, default, text in rows
    ]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _first_sentence(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0]


def main() -> None:
    """Write every page."""
    for name, text in pages().items():
        path = HERE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(HERE.parent))


if __name__ == "__main__":
    sys.exit(main())
