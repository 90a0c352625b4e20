"""Discovery: which artists are proposed to the catalogue (Lidarr), and the import lists that they are proposed on."""
