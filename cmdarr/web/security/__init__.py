"""Who may ask: visitors, origins, passwords, sessions, and the gate that every request passes."""
