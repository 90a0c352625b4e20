"""The keys of cached answers: what was asked, of whom, as whom; never with what secret."""

import hashlib
from collections.abc import Mapping

import msgspec

_SECRETS = frozenset(
    {
        "access_token", "api_key", "apikey", "authorization", "password", "secret", "sig", "signature", "token",
        "x-api-key", "x-plex-token",
    }
)  # fmt: skip
_LONGEST = 400

Parameter = str | int | float | bool | None


def cache_key(service: str, method: str, params: Mapping[str, Parameter], account: str = "") -> str:
    """Return the key of one call: equal for equal meaning, whatever the order; parameters that are None do not count.

    Raises:
        ValueError: a parameter is a secret by its name; it has no place in a key.
    """
    wanted = {name: value for name, value in params.items() if value is not None}
    if secret := _SECRETS.intersection(name.lower() for name in wanted):
        raise ValueError(
            f"a cache key must not hold '{min(secret)}': leave it out and name the account instead."
        )
    text = msgspec.json.encode([service, method, account, wanted], order="deterministic").decode()
    if len(text) <= _LONGEST:
        return text
    return f"{text[: _LONGEST - 64]}{hashlib.sha256(text.encode()).hexdigest()}"
