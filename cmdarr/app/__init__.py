"""The composition root: everything is built here and passed on; nothing below knows how it was put together."""

from cmdarr.app.program import App

__all__ = ["App"]
