"""The base of every model that YAML is validated into, and the field types they share.

Models are strict: `limit: "5"` or `enabled: yes` is refused, not converted. The loader hands over mappings as
`dict`, sequences as `tuple`, and gives a text field the source text of a plain scalar (`artist: 2:54` stays
`2:54`). A docstring below a field is the meaning of its key, in schemas and explanations.
"""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A frozen, strict model that forbids unknown keys and never shows a value in an error."""

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        validate_default=False,
        defer_build=True,  # a service that nobody has configured needs no validator
    )
