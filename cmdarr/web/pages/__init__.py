"""The pages: each module here holds one, as `NAV` (its place in the navigation, or None) and `ROUTES`."""
