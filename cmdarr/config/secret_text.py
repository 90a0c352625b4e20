"""Where secrets stand in a file, and the forms in which they may come back: found by model and by key name."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeAlias, get_args, get_origin
from urllib.parse import quote, quote_plus

from pydantic import BaseModel, SecretStr

from cmdarr.models.redaction import MASK, mask_places

Loc: TypeAlias = tuple[str | int, ...]

_TELLING_KEY = re.compile(
    r"(?:^|_|-|\.)(?:token|api_?key|apikey|secret|password|passwd|pwd|auth|credentials?)$", re.IGNORECASE
)
_REFERENCE = re.compile(r"\$\{[^{}]*\}")
_USER_NAME = re.compile(r"(?<=://)[^\s/@:?#]*:(?=@)")
_LONG_LINE = 8
_WORDS = re.compile(r"true|false|null|~|\d{1,5}", re.IGNORECASE)


def find_secrets(model: type[BaseModel], value: object) -> Iterator[tuple[Loc, object]]:
    """Yield place and value of every scalar that the model, valid or not, would take as a secret."""
    if isinstance(value, Mapping):
        for name, annotation in _secret_fields(model):
            if name in value:
                yield from _find_below((name,), annotation, value[name])


def is_telling(key: str) -> bool:
    """Whether a key sounds like a secret: `api_key`, `services.x.token`."""
    return _TELLING_KEY.search(key) is not None


def find_telling(value: object, loc: Loc = ()) -> Iterator[tuple[Loc, object]]:
    """Yield place and value of every scalar below a key that sounds like a secret."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            if is_telling(str(key)) and not isinstance(each, Mapping | tuple):
                yield (*loc, key), each
            else:
                yield from find_telling(each, (*loc, key))
    elif isinstance(value, tuple):
        for index, each in enumerate(value):
            yield from find_telling(each, (*loc, index))


def _find_below(loc: Loc, annotation: Any, value: object) -> Iterator[tuple[Loc, object]]:
    for part in _parts(annotation):
        if part is SecretStr:
            if value is not None and not isinstance(value, Mapping | tuple):
                yield loc, value
        elif isinstance(part, type) and issubclass(part, BaseModel):
            for below, each in find_secrets(part, value):
                yield (*loc, *below), each
        else:
            yield from _find_in_container(loc, part, value)


def _find_in_container(loc: Loc, annotation: Any, value: object) -> Iterator[tuple[Loc, object]]:
    arguments = [argument for argument in get_args(annotation) if argument is not Ellipsis]
    if isinstance(value, tuple):
        pairs: Iterable[tuple[str | int, object]] = enumerate(value)
    elif isinstance(value, Mapping):
        pairs = value.items()
    else:
        return
    for key, each in pairs:
        for argument in arguments:
            yield from _find_below((*loc, key), argument, each)


def _parts(annotation: Any) -> Iterator[Any]:
    """Yield the alternatives of an annotation: unions and `Annotated` taken apart, containers left whole."""
    origin = get_origin(annotation)
    if origin is None or (isinstance(origin, type) and issubclass(origin, Iterable)):
        yield annotation
        return
    for argument in get_args(annotation):
        yield from _parts(argument)


@lru_cache(maxsize=256)
def _secret_fields(model: type[BaseModel]) -> tuple[tuple[str, Any], ...]:
    """Return key and annotation of the fields below which a `SecretStr` may stand."""
    return tuple(
        (info.alias or name, info.annotation)
        for name, info in model.model_fields.items()
        if _may_hold_secret(info.annotation, frozenset({model}))
    )


def _may_hold_secret(annotation: Any, seen: frozenset[Any]) -> bool:
    if annotation is SecretStr:
        return True
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields.values()
        return annotation not in seen and any(
            _may_hold_secret(info.annotation, seen | {annotation}) for info in fields
        )
    return any(_may_hold_secret(argument, seen) for argument in get_args(annotation))


def is_only_references(text: str) -> bool:
    """Whether a text consists of references and nothing else."""
    return bool(text) and not _REFERENCE.sub("", text)


def mask_secret(value: object) -> object:
    """Return what a document may keep of a value in a secret field: its references, or the mask."""
    return value if isinstance(value, str) and is_only_references(value) else MASK


def mask_text(text: str) -> str:
    """Mask what is a secret by its place in a URL, and leave references to secrets as they are."""
    if "://" not in text and "=" not in text and ":" not in text:
        return text
    plain = _USER_NAME.sub("", _REFERENCE.sub("", text))
    return text if mask_places(plain) == plain else mask_places(text)


def forms_of(secret: str) -> frozenset[str]:
    """Return the texts in which a secret may come back: itself, its long lines, its URL-encoded forms."""
    lines = [line.strip() for line in secret.splitlines()]
    forms = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret)}
    return frozenset(forms | {line for line in lines if len(line) >= _LONG_LINE})


def is_maskable(text: str) -> bool:
    """Whether a resolved text may be masked everywhere: not so for `true` or a port, which are no secrets."""
    return _WORDS.fullmatch(text.strip()) is None
