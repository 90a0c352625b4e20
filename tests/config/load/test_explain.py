"""`config explain`: value, source, type, limits, meaning and reload class of one key."""

import pytest
from fakes_loading import CATALOG, ConfigFolder

from cmdarr.config.explain import Explanation, explain, explain_command
from cmdarr.errors import NothingFound


def ask(folder: ConfigFolder, key: str) -> Explanation:
    return explain(key, snapshot=folder.load(), tree=folder.tree(), catalog=CATALOG)


@pytest.fixture
def written(folder: ConfigFolder) -> ConfigFolder:
    folder.environ["LIDARR_KEY"] = "canary-1234"
    folder.write(
        "settings.yaml",
        """\
        schedule: "0 4 * * *"
        web:
          port: 9000
        services:
          lidarr:
            api_key: ${env:LIDARR_KEY}
            timeout: 90m
            note: ${env:NONE:-a default}
          attic: {type: folder, path: config}
        """,
    )
    folder.write_sync("a", "schedule: '@daily'\ntargets:\n  - {server: attic, title: Hits}\n")
    folder.write_sync("b")
    return folder


def test_b13_a_written_key_is_explained_whole(written: ConfigFolder) -> None:
    assert ask(written, "web.port") == Explanation(
        key="web.port",
        value="9000",
        source="settings.yaml:3",
        type="whole number",
        limits="at least 1; at most 65535",
        meaning="The TCP port to listen on.",
        reload="needs a restart",
    )


def test_b13_a_key_of_a_service_with_its_unit(written: ConfigFolder) -> None:
    found = ask(written, "services.lidarr.timeout")
    assert (found.value, found.source, found.type) == ("1h30m", "settings.yaml:7", "text")
    assert found.limits.startswith("for example 30s, 15m")
    assert found.meaning == "How long to wait."
    assert found.reload == "live: at the next reload"


def test_a_secret_is_masked_and_its_reference_named(written: ConfigFolder) -> None:
    found = ask(written, "services.lidarr.api_key")
    assert (found.value, found.type) == ("•••", "secret text")
    assert found.source == "settings.yaml:6, through ${env:LIDARR_KEY}"
    assert "canary" not in str(found)


def test_a_reference_that_fell_back_is_named_too(written: ConfigFolder) -> None:
    found = ask(written, "services.lidarr.note")
    assert (found.value, found.source) == ("a default", "settings.yaml:8, through ${env:NONE}")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("web.host", "127.0.0.1"),
        ("executor.shutdown_grace", "5m"),
        ("cache.max_size", "512MB"),
        ("log.level", "info"),
        ("services.lidarr.retries", "3"),
        ("services.file.path", "music"),
        ("web.password", "(not set)"),
        ("notifications.on", '["failed", "recovered", "held", "unmatched"]'),
        ("executor.retry_interrupted", "true"),
    ],
)
def test_a_default_is_named_as_one(written: ConfigFolder, key: str, value: str) -> None:
    found = ask(written, key)
    assert (found.value, found.source) == (value, "default")


@pytest.mark.parametrize(("name", "value"), [("lastfm", "7d"), ("library", "30d"), ("lidarr", "1d")])
def test_a_ttl_that_is_not_set_is_the_one_in_force(written: ConfigFolder, name: str, value: str) -> None:
    found = ask(written, f"cache.ttl.{name}")
    assert (found.value, found.source) == (value, "default")


def test_the_key_of_a_command_without_its_beginning_is_suggested(written: ConfigFolder) -> None:
    with pytest.raises(NothingFound, match=r"did you mean 'commands\.a\.mode'\?"):
        ask(written, "a.mode")


def test_choices_are_limits(written: ConfigFolder) -> None:
    assert ask(written, "log.level").limits == "one of debug, info, warning, error"


def test_the_time_zone_says_where_it_comes_from(written: ConfigFolder) -> None:
    found = ask(written, "timezone")
    assert found.value == "Europe/Berlin"
    assert found.source == "default: the variable TZ, else the system's zone"


def test_a_command_has_its_own_schedule_or_that_of_the_settings(written: ConfigFolder) -> None:
    own, inherited = ask(written, "commands.a.schedule"), ask(written, "commands.b.schedule")
    assert (own.value, own.source) == ("@daily", "commands/a.yaml:3")
    assert (inherited.value, inherited.source) == ("0 4 * * *", "settings.yaml:1")
    assert own.reload == "live: from the next run on"


def test_a_key_within_a_list(written: ConfigFolder) -> None:
    found = ask(written, "commands.a.targets.0.server")
    assert (found.value, found.source, found.type) == ("attic", "commands/a.yaml:5", "text")


def test_whole_mappings_are_shown_without_their_secrets(written: ConfigFolder) -> None:
    found = ask(written, "services.lidarr")
    assert '"api_key": "•••"' in found.value
    assert found.source == "settings.yaml:6"
    assert ask(written, "commands.b").value.startswith('{"kind": "sync"')


def test_all_services_are_a_mapping(written: ConfigFolder) -> None:
    found = ask(written, "services")
    assert (found.type, found.source) == ("mapping", "settings.yaml:5")
    assert "canary" not in str(found)


def test_what_is_written_in_a_broken_file_is_not_in_force(written: ConfigFolder) -> None:
    written.write_sync("a", "limit: many\nmode: append\n")
    found = ask(written, "commands.a.mode")
    assert found.value == "(not in force: commands/a.yaml is broken)"
    assert found.source == "commands/a.yaml:4 (the file is broken: what is written there is not in force)"


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("web.prot", "did you mean 'port'?"),
        ("wep.port", "did you mean 'web'?"),
        ("qqqq", "known here are"),
        ("services.lidar", "did you mean 'lidarr'?"),
        ("services.lidarr.urll", "did you mean 'url'?"),
        ("commands.aa", "did you mean 'a'?"),
        ("commands.a.sched", "did you mean 'schedule'?"),
        ("commands.a.targets.0.servr", "did you mean 'server'?"),
        ("web.port.x", "no key 'web.port.x'"),
        ("", "no key ''"),
        ("commands", "no key 'commands'"),
    ],
)
def test_an_unknown_key_has_a_suggestion(written: ConfigFolder, key: str, words: str) -> None:
    with pytest.raises(NothingFound) as caught:
        ask(written, key)
    assert words in str(caught.value)


def test_the_text_has_a_line_for_each_part(written: ConfigFolder) -> None:
    lines = str(ask(written, "web.port")).splitlines()
    assert lines[0] == "web.port"
    assert [line.split(":")[0].strip() for line in lines[1:]] == [
        "value",
        "source",
        "type",
        "reload",
        "meaning",
    ]
    assert lines[3] == "  type:    whole number (at least 1; at most 65535)"


def test_every_key_of_a_command_is_explained_with_its_source(written: ConfigFolder) -> None:
    found = {
        each.key: each
        for each in explain_command("a", snapshot=written.load(), tree=written.tree(), catalog=CATALOG)
    }
    assert (found["commands.a.schedule"].value, found["commands.a.schedule"].source.partition(":")[0]) == (
        "@daily",
        "commands/a.yaml",
    )
    assert found["commands.a.enabled"].source == "default"
    assert "Hits" in found["commands.a.targets"].value


def test_a_command_that_cannot_run_has_no_values_in_force(written: ConfigFolder) -> None:
    written.write_sync("b", "bogus: 1\n")
    assert explain_command("b", snapshot=written.load(), tree=written.tree(), catalog=CATALOG) == []
    with pytest.raises(NothingFound, match="no command 'nobody'"):
        explain_command("nobody", snapshot=written.load(), tree=written.tree(), catalog=CATALOG)
