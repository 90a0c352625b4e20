"""Reading a legacy install: the only code that knows its tables, its settings and its files. Nothing here writes."""
