"""The two databases, by lifetime; functions that take and return frozen values. The only user of peewee and sqlite3."""
