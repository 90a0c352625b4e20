"""`cmdarr cache …`: look at the disposable database, or empty it."""

import click

from cmdarr.cli.output import confirm, local_time, print_json, print_table, size
from cmdarr.cli.state import CliState, json_option, pass_state, yes_option
from cmdarr.cli.verb_group import VerbGroup


@click.group(cls=VerbGroup)
def cache() -> None:
    """Look at the disposable database, or empty it. Nothing but time is ever lost with it."""


@cache.command()
@json_option
@pass_state
def stats(state: CliState) -> None:
    """Show sizes, entries, hit rates and ages."""
    from cmdarr.app.shapes import cache_shape

    figures = state.app.cache.stats()
    if state.as_json:
        print_json(cache_shape(figures))
        return
    print(f"cache.db holds {size(figures.size_bytes)}.")
    if figures.sources:
        print_table(
            ("source", "entries", "size", "hit rate", "oldest", "newest"),
            [
                (
                    source.name,
                    str(source.entries),
                    size(source.bytes),
                    f"{source.hits / (source.hits + source.misses):.0%}"
                    if source.hits + source.misses
                    else "-",
                    local_time(source.oldest),
                    local_time(source.newest),
                )
                for source in figures.sources
            ],
        )
    if figures.libraries:
        print_table(
            ("server", "section", "tracks", "refreshed"),
            [
                (library.server, library.section, str(library.tracks), local_time(library.refreshed_at))
                for library in figures.libraries
            ],
        )


@cache.command()
@click.option(
    "--source", "source", metavar="NAME", help="Only the answers and the library index of this service."
)
@yes_option
@pass_state
def reset(state: CliState, source: str | None, yes: bool) -> None:
    """Empty the cache, at any time, also while Cmdarr runs. It is rebuilt as it is needed."""
    if source is None:
        confirm("Empty the whole cache? It is rebuilt as it is needed.", yes=yes)
        state.app.cache.reset()
        print("The cache is empty; the next runs fill it again.")
        return
    from cmdarr.app.upkeep import reset_cache_source

    reset_cache_source(state.app, source)
    print(f"The cache holds nothing of '{source}' any more; the next runs fill it again.")
