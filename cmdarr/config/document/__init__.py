"""YAML bytes to values with positions, and errors of validation to findings; nothing else imports PyYAML."""

from cmdarr.config.document.document import Document
from cmdarr.config.document.nodes import Loc
from cmdarr.config.document.parse import parse_document
from cmdarr.config.document.validation import Validation, validate

__all__ = ["Document", "Loc", "Validation", "parse_document", "validate"]
