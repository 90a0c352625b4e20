"""References inside values, the secrets they stand for, and how no secret gets out in a text."""

from cmdarr.config.references.resolution import Resolution, resolve
from cmdarr.config.references.resolver import Resolver
from cmdarr.config.references.syntax import BadReference, Reference, parse_references

__all__ = ["BadReference", "Reference", "Resolution", "Resolver", "parse_references", "resolve"]
