"""Editing files of the config folder from the web: only when somebody asks, and nothing but what they asked for."""

from cmdarr.app.editing.editor import Conflict, Draft, Editor, OpenFile, Saved, TooLargeToEdit, is_editable
from cmdarr.app.editing.line_ends import for_browser, from_browser, unified_diff
from cmdarr.app.editing.switch import NotSwitchable
from cmdarr.app.editing.veil import UnknownMark
from cmdarr.app.editing.write import ABSENT, FileChanged, NotReadable, NotWritable

__all__ = [
    "ABSENT", "Conflict", "Draft", "Editor", "FileChanged", "NotReadable", "NotSwitchable", "NotWritable", "OpenFile",
    "Saved", "TooLargeToEdit", "UnknownMark", "for_browser", "from_browser", "is_editable", "unified_diff",
]  # fmt: skip
