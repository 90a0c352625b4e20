"""Groups of verbs: a name that is none gets one sentence with the nearest one, or says that it comes later."""

from collections.abc import Mapping
from typing import ClassVar

import click

from cmdarr import __version__


class VerbGroup(click.Group):
    """A group whose wrong names are answered in a sentence; `later` maps names of later releases to what to know."""

    later: ClassVar[Mapping[str, str]] = {}

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb; say what is wrong with a name that is none."""
        name = args[0] if args else ""
        if not name.startswith("-") and name not in self.list_commands(ctx):
            raise click.UsageError(self._why_not(name, ctx), ctx)
        return super().resolve_command(ctx, args)

    def _why_not(self, name: str, ctx: click.Context) -> str:
        if name in self.later:
            return f"Cmdarr {__version__} has no `{ctx.command_path} {name}`: {self.later[name]}."
        import difflib

        near = difflib.get_close_matches(name, [*self.list_commands(ctx), *self.later], n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"`{ctx.command_path} --help` lists the verbs."
        return f"there is no verb '{name}': {hint}"
