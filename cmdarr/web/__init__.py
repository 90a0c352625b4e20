"""The HTTP side of `cmdarr serve`."""
