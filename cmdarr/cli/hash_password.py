"""`cmdarr hash-password`: an argon2 hash for `web.password`."""

import sys

import click


@click.command("hash-password")
def hash_password() -> None:
    """Print the argon2 hash of a password, for web.password.

    It asks for the password, or reads one line from standard input.
    """
    from argon2 import PasswordHasher

    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\n")
    if not password:
        raise click.UsageError("the password is empty: type one, or send one line on standard input.")
    print(PasswordHasher().hash(password))
