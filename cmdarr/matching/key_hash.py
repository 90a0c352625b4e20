"""The hash behind every key: signed 64 bits of a text, the same in every process and on every machine. Pure."""

from functools import lru_cache
from hashlib import blake2b


def key_hash(text: str) -> int:
    """Return the hash of a text."""
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


@lru_cache(maxsize=8192)
def name_hash(text: str) -> int:
    """Return the hash of a text that comes again and again: that of an artist, or of a few letters."""
    return key_hash(text)
