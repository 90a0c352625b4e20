"""`cmdarr list`: the commands as the daemon has them."""

from fakes_cli import Installation

COMMAND = "commands/demo-favourites.yaml"


def row(installation: Installation) -> tuple[object, ...]:
    (command,) = installation.json("list", "--json")["commands"]
    return command["state"], command["enabled"], command["schedule"], command["next_run"] is not None


def test_broken_settings_leave_the_commands_as_they_were(installed: Installation) -> None:
    settings = (installed.config / "settings.yaml").read_text()
    installed.write("settings.yaml", f"{settings}\nweb: {{password: canary-4711}}\nschedule: 0 1 * * *\n")
    with installed.reloader():
        pass
    before = row(installed)
    assert before == ("ok", True, "0 */6 * * *", True)
    installed.write("settings.yaml", "webb: {}\n")
    assert row(installed) == before
    installed.write(COMMAND, "kind: nothing\n")
    assert row(installed) == ("last_good", *before[1:])
    assert "canary" not in installed.call("list").out


def test_what_never_was_good_is_broken(installed: Installation) -> None:
    installed.write("settings.yaml", "webb: {}\n")
    assert row(installed)[0] == "broken"
