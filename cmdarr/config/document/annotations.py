"""What a model expects at a place: found by walking its annotations along the file."""

from collections.abc import Collection, Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretBytes, SecretStr

from cmdarr.config.document.nodes import Loc, Node, Scalar, child_of
from cmdarr.config.document.nodes import Mapping as MappingNode


def expected_at(model: type[BaseModel], loc: Loc) -> tuple[Any, ...]:
    """Return the alternatives that the model knows for a place; none when it does not know the place."""
    found: tuple[Any, ...] = (model,)
    for step in loc:
        found = tuple(alternative for each in found for alternative in _step(each, step))
    return found


def keys_at(model: type[BaseModel], loc: Loc) -> list[str]:
    """Return the keys that the mapping at a place may have."""
    models = [each for each in expected_at(model, loc) if _is_model(each)]
    return sorted({name for each in models for name in _fields(each)})


def may_show(model: type[BaseModel], loc: Loc) -> bool:
    """Whether a message may quote the scalar at a place: the model knows it, and it is no secret."""
    found = expected_at(model, loc)
    return bool(found) and not any(
        each in {SecretStr, SecretBytes, Any, object} for each in found if _is_plain(each)
    )


def secret_scalars(model: type[BaseModel], root: Node | None) -> Iterator[Scalar]:
    """Yield every scalar of the file that the model takes as a secret."""
    pending: list[tuple[Node | None, tuple[Any, ...]]] = [(root, (model,))]
    while pending:
        node, alternatives = pending.pop()
        if isinstance(node, Scalar):
            if any(each in {SecretStr, SecretBytes} for each in alternatives if _is_plain(each)):
                yield node
        elif alternatives and node is not None:
            below = node.entries if isinstance(node, MappingNode) else range(len(node.items))
            for step in below:
                found = tuple(alternative for each in alternatives for alternative in _step(each, step))
                pending.append((child_of(node, step), found))


def _step(annotation: Any, step: str | int) -> Iterator[Any]:
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
    elif hasattr(annotation, "__value__"):  # a `type X = …` alias
        yield from _alternatives(annotation.__value__)
    else:
        yield annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _is_plain(annotation: Any) -> bool:
    return isinstance(annotation, type) or annotation is Any


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field for name, field in model.model_fields.items()}
