"""Cmdarr: music automation whose whole configuration is a folder of YAML in git."""

__version__ = "0.4.0"
