"""The engine: what a command is, when it is due, and how a run goes from its queue to its record."""
