"""Libraries and playlists: ports, index, resolving, plans and their application."""
