"""The limits of a configuration file: documented constants, not settings."""

FILE_BYTES = 1024 * 1024
"""The size that a file may have."""
DEPTH = 64
"""How deep mappings and lists may be nested."""
NODES = 50_000
"""How many values a file may hold, every alias counted with all that it stands for."""
DECIMAL_DIGITS = 4_000
"""The length that a whole number may have; Python refuses to print numbers that are a little longer."""
HEX_DIGITS = 3_000
"""The same for numbers written as `0x…` and `0o…`."""
FINDINGS = 100
"""How many findings of one file are reported; more help nobody."""
EXCERPT_COLUMNS = 100
"""The width of the source line in an excerpt."""
