"""Names of commands."""

import re

COMMAND_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def is_command_name(text: str) -> bool:
    """Whether the text may be the stem of a command file."""
    return COMMAND_NAME.fullmatch(text) is not None
