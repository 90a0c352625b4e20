"""The settings of a Jellyfin server."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from cmdarr.config.base import Model
from cmdarr.config.fields import SecretText
from cmdarr.transport.settings import HttpSettings
from cmdarr.transport.settings import find_problems as find_http_problems


class JellyfinSettings(HttpSettings):
    """A Jellyfin server."""

    token: SecretText | None = None
    """An API key (dashboard, API Keys) or the access token of a user; not needed beside `password`."""
    user: str | None = None
    """The user whose library is read and whose playlists are written; default: the one the token belongs to."""
    password: SecretText | None = None
    """The password of `user`: most servers let only a signed-in user remove and move entries of a playlist."""
    passwords: dict[str, SecretText] = Field(default_factory=dict)
    """The passwords of further users by name, for `users` of a target."""
    library: str | None = None
    """The music library to use; default: every music library."""


def find_problems(settings: Model, root: Path) -> Mapping[str, str]:
    """Return setting key -> sentence for what is missing to sign in, and for the CA file."""
    assert isinstance(settings, JellyfinSettings)  # noqa: S101 - the catalogue hands over its own model
    problems = dict(find_http_problems(settings, root))
    named = {name.casefold() for name in settings.passwords}
    has_password = settings.password is not None or (settings.user or "").casefold() in named
    if settings.token is None and not has_password:
        problems["token"] = "it needs a `token`, or `user` and `password`: add one of them."  # noqa: S105 - a sentence
    if settings.password is not None and not settings.user:
        problems["user"] = "a `password` is of no use without the name of its user: add `user`."
    return problems
