"""Which certificates a service may show."""

import ssl
from pathlib import Path

from cmdarr.errors import ServiceUnavailable
from cmdarr.transport.settings import resolve_ca


def make_tls_context(service: str, url: str, verify: bool | str, root: Path) -> ssl.SSLContext:  # noqa: FBT001 - as the setting is
    """Return how certificates are checked: against the system's, not at all, or against a CA file or folder.

    Raises:
        ServiceUnavailable: the CA file cannot be read.
    """
    if not url.lower().startswith("https:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used: loading the system's takes time
    if isinstance(verify, bool):
        import httpx2

        return httpx2.create_ssl_context(verify=verify)
    place = resolve_ca(verify, root)
    try:
        if place.is_dir():
            return ssl.create_default_context(capath=str(place))
        return ssl.create_default_context(cafile=str(place))
    except OSError as error:  # ssl.SSLError is one
        raise ServiceUnavailable(
            service,
            f"the CA file {place} of `services.{service}.verify` cannot be read "
            f"({error.strerror or 'it holds no certificate'}).",
        ) from error
