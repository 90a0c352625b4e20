"""What a model expects at a place: found by walking its annotations along the file."""

from collections.abc import Collection, Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, RootModel, SecretBytes, SecretStr

from cmdarr.config.document.nodes import Loc, Node, Scalar, child_of
from cmdarr.config.document.nodes import Mapping as MappingNode

_SECRETS: Final = (SecretStr, SecretBytes)


def expected_at(model: type[BaseModel], loc: Loc) -> tuple[Any, ...]:
    """Return the alternatives that the model knows for a place; none when it does not know the place."""
    found = tuple(_alternatives(model))
    for step in loc:
        found = tuple(alternative for each in found for alternative in _step(each, step))
    return found


def keys_at(model: type[BaseModel], loc: Loc) -> list[str]:
    """Return the keys that the mapping at a place may have."""
    models = [each for each in expected_at(model, loc) if _is_model(each)]
    return sorted({name for each in models for name in _fields(each)})


def may_show(model: type[BaseModel], loc: Loc) -> bool:
    """Whether a message may quote the scalar at a place: the model knows it, and expects no secret there or below."""
    found = expected_at(model, loc)
    return bool(found) and not any(each in {Any, object} or _holds_secret(each) for each in found)


def secret_scalars(model: type[BaseModel], root: Node | None) -> Iterator[Scalar]:
    """Yield every scalar of the file where the model expects a secret, or something that holds one."""
    pending: list[tuple[Node | None, tuple[Any, ...]]] = [(root, tuple(_alternatives(model)))]
    while pending:
        node, alternatives = pending.pop()
        if isinstance(node, Scalar):
            if any(map(_holds_secret, alternatives)):
                yield node
        elif alternatives and node is not None:
            for step in node.entries if isinstance(node, MappingNode) else range(len(node.items)):
                found = tuple(below for each in alternatives for below in _step(each, step))
                pending.append((child_of(node, step), found))


def _holds_secret(annotation: Any, seen: frozenset[Any] = frozenset()) -> bool:
    if annotation in _SECRETS:
        return True
    if _is_model(annotation):
        below = [field.annotation for field in annotation.model_fields.values()]
        return annotation not in seen and any(_holds_secret(each, seen | {annotation}) for each in below)
    return any(
        _holds_secret(each, seen) for argument in get_args(annotation) for each in _alternatives(argument)
    )


def _step(annotation: Any, step: str | int) -> Iterator[Any]:
    """Yield what is expected one step below; below a secret everything is one."""
    if annotation in _SECRETS:
        yield annotation
    if _is_model(annotation):
        field = _fields(annotation).get(step) if isinstance(step, str) else None
        if field is not None:
            yield from _alternatives(field.annotation)
        return
    arguments = get_args(annotation)
    origin = get_origin(annotation)
    if not isinstance(origin, type) or not arguments:
        return
    if isinstance(step, str):
        if issubclass(origin, Mapping):
            yield from _alternatives(arguments[-1])
    elif issubclass(origin, tuple) and arguments[-1] is not Ellipsis:
        if step < len(arguments):
            yield from _alternatives(arguments[step])
    elif issubclass(origin, Collection) and not issubclass(origin, Mapping):
        yield from _alternatives(arguments[0])


def _alternatives(annotation: Any) -> Iterator[Any]:
    """Yield what an annotation allows, with unions, `Annotated` and aliases taken apart."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    elif origin is Union or origin is UnionType:
        for argument in get_args(annotation):
            yield from _alternatives(argument)
    elif _is_model(annotation) and issubclass(annotation, RootModel):
        yield from _alternatives(annotation.model_fields["root"].annotation)
    elif hasattr(annotation, "__value__"):  # a `type X = …` alias
        yield from _alternatives(annotation.__value__)
    else:
        yield annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field for name, field in model.model_fields.items()}
