"""Watching the config folder: events wake up, the scan decides."""
