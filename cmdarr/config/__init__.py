"""YAML text to positions to models to one snapshot; watching, reloading, explaining it."""
