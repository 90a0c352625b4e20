"""Comparing texts and tracks: pure functions, no input or output, no clock."""
