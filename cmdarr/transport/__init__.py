"""HTTP: what every service that is reached over the network has in common."""
