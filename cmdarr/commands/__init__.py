"""The kinds of command: one module each, found by scanning this folder."""
