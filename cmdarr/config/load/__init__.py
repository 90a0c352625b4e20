"""Loading: from the files of a config folder to a snapshot."""

from cmdarr.config.load.loader import Loader, generation_of

__all__ = ["Loader", "generation_of"]
