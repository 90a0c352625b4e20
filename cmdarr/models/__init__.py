"""Frozen values that every room shares; nothing here reads a disk, a network or a clock."""
