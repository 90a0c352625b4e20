"""The configuration that a newcomer begins with, kept as package data and written on demand."""

from cmdarr.config.starter.write import starter_texts, write_starter

__all__ = ["starter_texts", "write_starter"]
