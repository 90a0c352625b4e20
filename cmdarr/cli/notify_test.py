"""`cmdarr notify-test`: whether notifications arrive."""

import click

from cmdarr.cli.output import print_json
from cmdarr.cli.state import CliState, json_option, pass_state


@click.command("notify-test")
@json_option
@pass_state
def notify_test(state: CliState) -> int:
    """Send a test to every URL of notifications.urls.

    It says how each took it: exit code 0 when all did.
    """
    from cmdarr.app.notices import delivery_shape, try_urls

    answers = try_urls(state.app.valid_settings().settings)
    if state.as_json:
        print_json(delivery_shape(answers))
    else:
        for answer in answers:
            print(f"{answer.url}: {answer.error or 'sent.'}")
    return int(any(answer.error for answer in answers))
