"""What the program knows: the kinds of command and the types of service. Built by the composition root."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cmdarr.config.base import Model
from cmdarr.config.command import CommandOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceType:
    """One type of service as the configuration sees it.

    `find_problems(settings, root)` makes offline checks beyond the model and returns setting key -> sentence;
    `root` is the folder that holds the config folder, where relative paths start.
    """

    settings_model: type[Model]
    is_server: bool = False
    is_source: bool = False
    knows_similar: bool = False
    """Whether it knows which artists resemble each other (`SimilarArtists`)."""
    knows_listens: bool = False
    """Whether it knows what a user listened to (`ListenedArtists`)."""
    is_identity: bool = False
    """Whether it says which artist a name means (`ArtistIdentities`)."""
    is_catalog: bool = False
    """Whether discovered artists can be added to it (`ArtistCatalog`)."""
    works_unconfigured: bool = False
    find_problems: Callable[[Model, Path], Mapping[str, str]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OldKey:
    """A dotted key that was renamed, or removed when `new` is empty; `kind` empty means settings.yaml.

    It is still understood, with a warning, for one major version.
    """

    old: str
    new: str = ""
    version: str
    url: str
    kind: str = ""

    @property
    def message(self) -> str:
        """The sentence for the user."""
        if not self.new:
            return f"`{self.old}` was removed in {self.version} and has no effect; see {self.url}."
        return f"`{self.old}` was renamed to `{self.new}` in {self.version}; see {self.url}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """Kinds and service types by name. `later_kinds` exist in a later release: accepted with a warning, never run."""

    kinds: Mapping[str, type[CommandOptions]]
    services: Mapping[str, ServiceType]
    later_kinds: frozenset[str] = field(default_factory=frozenset)
    old_keys: tuple[OldKey, ...] = ()
