"""commands/*.yaml: from a document to the options of its kind."""

from dataclasses import dataclass, replace

from cmdarr.config.catalog import Catalog
from cmdarr.config.command import CommandOptions, ServiceReference, WrittenPlaylist
from cmdarr.config.document import Document
from cmdarr.config.load.checked import Checked, FileCheck
from cmdarr.config.references import Resolver
from cmdarr.config.suggest import did_you_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedCommand:
    """What came of one command file; `options` is None when it cannot run."""

    kind: str
    options: CommandOptions | None
    checked: Checked
    references: tuple[ServiceReference, ...] = ()
    """The services that it names, also where it is invalid otherwise."""
    playlists: tuple[WrittenPlaylist, ...] = ()
    """The playlists that it writes, when it can run."""
    is_later: bool = False
    """The kind is part of a later version."""


def read_command(document: Document, resolver: Resolver, catalog: Catalog) -> CheckedCommand:
    """Validate a command document against the model of its kind; every problem becomes a finding."""
    check = FileCheck(document, resolver)
    kind = _kind_of(check)
    if kind in catalog.later_kinds and kind not in catalog.kinds:
        message = f"kind {kind!r} is not available in this version; the command stays disabled."
        check.report(("kind",), "kind_unavailable", message, severity="warning")
        return CheckedCommand(kind=kind, options=None, checked=check.finish(), is_later=True)
    options = None
    references: tuple[ServiceReference, ...] = ()
    if kind in catalog.kinds and isinstance(check.value, dict):
        model = catalog.kinds[kind]
        options = check.validate(model, check.with_new_keys(kind, catalog.old_keys))
        references = tuple(model.service_references(check.value))
        if check.value.get("enabled") is False:
            references = tuple(replace(reference, is_needed=False) for reference in references)
    else:
        _report_kind(check, catalog)
    checked = check.finish()
    if options is None or checked.has_errors:
        return CheckedCommand(kind=kind, options=None, references=references, checked=checked)
    playlists = tuple(options.written_playlists())
    return CheckedCommand(
        kind=kind, options=options, references=references, playlists=playlists, checked=checked
    )


def _kind_of(check: FileCheck) -> str:
    kind = check.value.get("kind") if isinstance(check.value, dict) else None
    return kind if isinstance(kind, str) else ""


def _report_kind(check: FileCheck, catalog: Catalog) -> None:
    """Say what is wrong with a document that has no kind this version knows."""
    kinds = sorted(catalog.kinds)
    listed = f"kinds are {', '.join(kinds)}"
    if check.document.is_empty:
        check.report((), "empty_command", f"the file is empty; a command needs at least `kind`; {listed}.")
    elif not isinstance(check.value, dict):
        if not check.has_errors:
            check.report(
                (), "not_a_mapping", "a command file must be a mapping of keys to values at the top."
            )
    elif "kind" not in check.value:
        hint = did_you_mean("kind", map(str, check.value)) and "is one of the keys a misspelt `kind`?"
        check.report((), "missing_kind", f"`kind` is missing; {listed}.", hint=hint)
    else:
        stated = str(check.value["kind"])
        hint = did_you_mean(stated, [*kinds, *catalog.later_kinds])
        check.report(("kind",), "unknown_kind", f"there is no kind {stated!r}; {listed}.", hint=hint)
