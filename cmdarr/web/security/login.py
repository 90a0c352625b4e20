"""Passwords, sessions and API keys: whether somebody is who may come in."""

import hashlib
import hmac
import secrets
import threading
from datetime import timedelta

from cmdarr.app.control import Control
from cmdarr.config.settings import WebSettings

SESSION_LASTS = timedelta(days=30)
COOKIE = "cmdarr_session"
_HASH_MARK = "$argon2"
_MOST_PASSWORD_BYTES = 1024


class Login:
    """Checks who comes in against the settings in force. Safe to share by threads."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._one_at_a_time = threading.Lock()  # argon2 takes 64 MB each time
        self._hashed: tuple[str, str] = ("", "")

    def is_right(self, username: str, password: str) -> bool:
        """Whether name and password are right; takes its time, also for a wrong name."""
        settings = self._control.web_settings
        wanted = settings.password.get_secret_value() if settings.password else ""
        if not wanted or len(password.encode()) > _MOST_PASSWORD_BYTES:
            return False
        with self._one_at_a_time:
            is_password = _verify(self._hash_of(wanted), password)
        return _equal(username, settings.username) and is_password

    def begin_session(self) -> str:
        """Store a new session and return what the browser gets."""
        token = secrets.token_urlsafe(32)
        now = self._control.now()
        self._control.store.web_sessions.add(self._digest(token), now, now + SESSION_LASTS)
        return token

    def is_session(self, token: str) -> bool:
        """Whether the browser's token is a session that goes on."""
        return bool(token) and self._control.store.web_sessions.is_valid(
            self._digest(token), self._control.now()
        )

    def end_session(self, token: str) -> None:
        """End a session; an unknown one is fine."""
        self._control.store.web_sessions.remove(self._digest(token))

    def _digest(self, token: str) -> bytes:
        """Return what config.db keeps; another password gives other digests, so it ends every session."""
        password = self._control.web_settings.password
        key = password.get_secret_value() if password else ""
        return hmac.digest(hashlib.sha256(key.encode()).digest(), token.encode(), "sha256")

    def _hash_of(self, wanted: str) -> str:
        """Return the argon2 hash of the password in the settings, which may be one already."""
        if wanted.startswith(_HASH_MARK):
            return wanted
        if self._hashed[0] != wanted:
            from argon2 import PasswordHasher

            self._hashed = (wanted, PasswordHasher().hash(wanted))
        return self._hashed[1]


def is_key(settings: WebSettings, stated: str) -> bool:
    """Whether a stated API key is the one of the settings."""
    key = settings.api_key.get_secret_value() if settings.api_key else ""
    return bool(key) and _equal(stated, key)


def _verify(hashed: str, password: str) -> bool:
    from argon2 import PasswordHasher
    from argon2.exceptions import Argon2Error, InvalidHashError

    try:
        return PasswordHasher().verify(hashed, password)
    except (Argon2Error, InvalidHashError):
        return False


def _equal(stated: str, wanted: str) -> bool:
    return hmac.compare_digest(stated.encode(), wanted.encode())
