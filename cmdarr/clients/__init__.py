"""One module (or package) a service: its settings, its calls, its pure parse functions."""
