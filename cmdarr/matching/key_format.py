"""The number of the form of keys; apart from the code that makes them, as a store that opens needs no more."""

KEY_FORMAT = 4
"""Raised with whatever goes into a key (`cmdarr.matching.keys`), folding included: stored indexes are made anew."""
