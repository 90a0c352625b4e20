"""Where secrets stand in a file, and the forms in which they may come back: found by model and by key name."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, get_args
from urllib.parse import quote, quote_plus

from pydantic import BaseModel, SecretStr

from cmdarr.config.document import Loc
from cmdarr.config.document.annotations import expected_at
from cmdarr.models.redaction import MASK, mask_places

_TELLING_KEY = re.compile(
    r"(?:^|_|-|\.)(?:token|api_?key|apikey|secret|password|passwd|pwd|auth|credentials?)$", re.IGNORECASE
)
_REFERENCE = re.compile(
    r"\$\{(?:env:[A-Za-z_][A-Za-z0-9_]*(?::-(?P<default>[^{}]*))?|(?:file|secret):[^{}]+)\}"
)
_USER_NAME = re.compile(r"(?<=://)[^\s/@:?#]*:(?=@)")
_LONG_LINE = 8
_BOTH_QUOTES = "\"'"
_BOTH_QUOTED = 4  # the length of that in a repr, which escapes the single quote of a text that has both
_WORDS = re.compile(r"true|false|null|~|\d{1,5}", re.IGNORECASE)


def find_secrets(model: type[BaseModel], value: object) -> Iterator[Loc]:
    """Yield the place of every scalar that the model, valid or not, would take as a secret."""
    if _may_hold_secret(model):
        for loc, _ in scalars(value):
            if SecretStr in expected_at(model, loc):
                yield loc


def is_telling(key: str) -> bool:
    """Whether a key sounds like a secret: `api_key`, `services.x.token`."""
    return _TELLING_KEY.search(key) is not None


def find_telling(value: object) -> Iterator[Loc]:
    """Yield the place of every scalar at a key that sounds like a secret."""
    return (loc for loc, _ in scalars(value) if loc and is_telling(str(loc[-1])))


def scalars(value: object, loc: Loc = ()) -> Iterator[tuple[Loc, object]]:
    """Yield place and value of every scalar that is not null."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from scalars(each, (*loc, key))
    elif isinstance(value, tuple):
        for index, each in enumerate(value):
            yield from scalars(each, (*loc, index))
    elif value is not None:
        yield loc, value


@lru_cache(maxsize=256)
def _may_hold_secret(model: type[BaseModel]) -> bool:
    """Whether a secret may stand anywhere in the model: for most commands this spares the walk."""
    return _mentions_secret(model, frozenset())


def _mentions_secret(annotation: Any, seen: frozenset[type]) -> bool:
    if annotation is SecretStr:
        return True
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        below = seen | {annotation}
        fields = annotation.model_fields.values()
        return annotation not in seen and any(_mentions_secret(field.annotation, below) for field in fields)
    return any(_mentions_secret(argument, seen) for argument in get_args(annotation))


def without_references(text: str) -> str:
    """Return the text without its references; a default stays, as it stands in the file itself."""
    return _REFERENCE.sub(lambda found: found["default"] or "", text)


def is_only_references(text: str) -> bool:
    """Whether a text consists of references and nothing else."""
    return bool(text) and not without_references(text)


def mask_secret(value: object) -> object:
    """Return what a document may keep of a value in a secret field: its references, or the mask."""
    return value if isinstance(value, str) and is_only_references(value) else MASK


def mask_text(text: str) -> str:
    """Mask what is a secret by its place in a URL, and leave references to secrets as they are."""
    if not _may_show_secret(text):
        return text
    plain = _USER_NAME.sub("", without_references(text))
    return text if mask_places(plain) == plain else mask_places(text)


def _may_show_secret(text: str) -> bool:
    """Look for what every place of a secret needs, at a fraction of the cost of looking for the places."""
    if "=" in text or ("@" in text and "://" in text):
        return True
    lowered = text.lower()
    return "authorization" in lowered or "x-" in lowered


def forms_of(secret: str) -> frozenset[str]:
    """Return the texts in which a secret may come back: itself, its long lines, in a URL, in JSON, in a repr."""
    lines = [line.strip() for line in secret.splitlines()]
    forms = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret)}
    forms |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    forms |= {repr(secret)[1:-1], repr(f"{_BOTH_QUOTES}{secret}")[_BOTH_QUOTED:-1]}
    return frozenset(forms | {line for line in lines if len(line) >= _LONG_LINE})


def is_maskable(text: str) -> bool:
    """Whether a resolved text may be masked everywhere: not so for `true` or a port, which are no secrets."""
    return _WORDS.fullmatch(text.strip()) is None
