"""How one server wants to be spoken to, and what to try when it does not understand. Pure but for the salt."""

import hashlib
import secrets
from dataclasses import dataclass, replace

from cmdarr.clients.subsonic.answers import Answer

VERSION = "1.16.1"
_TOKENS_SINCE = (1, 13)
_MISSING_PARAMETER, _SERVER_TOO_OLD, _WRONG_PASSWORD = 10, 30, 40
_NO_TOKENS = frozenset({_MISSING_PARAMETER, 41, 42})


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What was found out about a server: `suffix` of its paths, whether tokens and forms are understood."""

    suffix: str = ""
    version: str = VERSION
    has_tokens: bool = True
    has_forms: bool = False

    def credentials(self, username: str, password: str) -> tuple[tuple[str, str], ...]:
        """Return the parameters that every call carries; the password itself only where there is no other way."""
        common = (("u", username), ("v", self.version), ("c", "cmdarr"), ("f", "json"))
        if not self.has_tokens:
            return (*common, ("p", f"enc:{password.encode().hex()}"))
        salt = secrets.token_hex(8)
        token = hashlib.md5(f"{password}{salt}".encode(), usedforsecurity=False).hexdigest()
        return (*common, ("t", token), ("s", salt))

    def after(self, answer: Answer) -> "Dialect | None":
        """Return what to try next when a first call was refused, None when the refusal stands."""
        code = answer.code
        if code == _SERVER_TOO_OLD and _parts(answer.version) < _parts(self.version):
            return replace(self, version=answer.version)
        is_old = bool(_parts(answer.version)) and _parts(answer.version) < _TOKENS_SINCE
        if self.has_tokens and (code in _NO_TOKENS or (code == _WRONG_PASSWORD and is_old)):
            return replace(self, has_tokens=False)
        return None


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isascii() and part.isdigit())
