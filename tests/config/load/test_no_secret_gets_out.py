"""Canaries wherever a user can put a secret, and none of them in anything that is written or shown."""

import dataclasses
import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakes_loading import CATALOG, ConfigFolder
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.config.diff import diff_as_json, diff_as_text, diff_configuration
from cmdarr.config.explain import explain
from cmdarr.config.report import FORMATS
from cmdarr.config.snapshot import Snapshot
from cmdarr.models.generation import GoodDocument
from cmdarr.models.redaction import Redactor

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CANARIES = {
    "plain": "canary-plain-1f",
    "env": "canary env/2e",
    "secret": "canary-yaml-3d",
    "file": "canary-file-4c",
    "userinfo": "canary-user-5b",
    "query": "canary-query-6a",
    "unused": "canary-unused-79",
    "odd": 'canary"quote\\88',
}


def assert_no_canary(text: str) -> None:
    for name, canary in CANARIES.items():
        assert canary not in text, name
        assert json.dumps(canary)[1:-1] not in text, name
    assert "canary-" not in text


def everything_shown(snapshot: Snapshot, before: Snapshot, folder: ConfigFolder) -> str:
    """Return all texts that a snapshot may end up in."""
    difference = diff_configuration(before, snapshot, now=NOW)
    stored = {
        entry.file: GoodDocument(
            file=entry.file, document=entry.document, digest=entry.digest, good_since=NOW
        )
        for entry in snapshot.commands.values()
    }
    keys = ["services", "services.lidarr", "services.lidarr.url", "services.lidarr.api_key", "web.password"]
    keys += ["notifications.urls", "commands.a.password", "commands.a.artist", "commands.a"]
    parts = [
        repr(snapshot),
        repr(snapshot.settings),
        str(snapshot.settings.services),
        snapshot.settings_document,
        *(entry.document + entry.digest for entry in snapshot.commands.values()),
        *(form(snapshot.findings) for form in FORMATS.values()),
        repr(snapshot.findings),
        diff_as_text(difference),
        json.dumps(diff_as_json(difference), ensure_ascii=False),
        diff_as_text(diff_configuration(stored, snapshot, now=NOW)),
        *(
            str(explain(key, snapshot=snapshot, tree=folder.tree(), catalog=CATALOG))
            for key in keys
            if not key.startswith("commands.") or "a" in snapshot.commands
        ),
    ]
    return "\n".join(parts)


def plant(folder: ConfigFolder) -> None:
    folder.environ |= {"CANARY_NAME": CANARIES["env"], "ODD": CANARIES["odd"]}
    (folder.root / "canary_name").write_text(CANARIES["file"] + "\n")
    folder.write("secrets.yaml", f"canary_name: {CANARIES['secret']}\nunused: {CANARIES['unused']}\n")
    folder.write(
        "settings.yaml",
        f"""\
        web: {{password: {CANARIES["plain"]}, api_key: "${{env:CANARY_NAME}}"}}
        services:
          lidarr:
            url: http://me:{CANARIES["userinfo"]}@lidarr:8686/?apikey={CANARIES["query"]}
            api_key: ${{secret:canary_name}}
            note: before ${{file:canary_name}} after ${{env:ODD}}
          second: {{type: lidarr, url: "http://me:${{secret:canary_name}}@host", api_key: {CANARIES["plain"]}}}
        notifications:
          urls: ["ntfy://{CANARIES["plain"]}", "${{env:ODD}}", "x://${{secret:canary_name}}/{CANARIES["plain"]}"]
        """,
    )
    folder.write_sync("a", f"password: {CANARIES['plain']}\nartist: ${{env:CANARY_NAME}}")


def test_a9_no_canary_in_anything_that_a_good_configuration_is_shown_in(folder: ConfigFolder) -> None:
    before = folder.load()
    plant(folder)
    snapshot = folder.load()
    assert not snapshot.findings
    shown = everything_shown(snapshot, before, folder)
    assert_no_canary(shown)
    assert "•••" in shown
    assert_no_canary(everything_shown(before, snapshot, folder))


def test_the_redactor_knows_every_resolved_value(folder: ConfigFolder) -> None:
    plant(folder)
    redact = folder.load().redactor
    for name, canary in CANARIES.items():
        if name not in {"userinfo", "query"}:
            assert canary not in redact(f"GET http://x/{canary} failed"), name
    assert "canary" not in redact("https://x/?u=canary%20env%2F2e")
    assert_no_canary(redact(f"http://me:{CANARIES['userinfo']}@x/?token={CANARIES['query']}"))


def test_a_short_or_ordinary_resolved_value_does_not_mask_everything(folder: ConfigFolder) -> None:
    folder.environ |= {"PORT": "8080", "FLAG": "true"}
    folder.write("settings.yaml", "web: {port: '${env:PORT}', public_metrics: '${env:FLAG}'}\n")
    redact = folder.load().redactor
    assert redact('{"dry_run": true, "port": 8080}') == '{"dry_run": true, "port": 8080}'


@pytest.mark.parametrize(
    "text", ["a" * 50_000, "x-" * 25_000, "?a" * 25_000, "a" * 50_000 + "=", "a://" * 9_000]
)
def test_long_texts_are_masked_in_no_time(text: str) -> None:
    started = time.perf_counter()
    assert Redactor(["canary-1"])(f"{text} canary-1 http://u:p@h").endswith(" ••• http://•••@h")
    assert time.perf_counter() - started < 1.0, "a hundred times what it takes, for a busy machine"


@pytest.mark.parametrize(
    "mistake",
    [
        "web: {password: [canary-plain-1f]}",
        "web: {password: {a: canary-plain-1f}}",
        "web: {password: canary-plain-1f, passwort: x}",
        "web: {passwort: canary-plain-1f}",
        "web: {api_key: 12345678, api_kee: canary-plain-1f}",
        "web:\n  password: @canary-plain-1f",
        "web:\n  password: *canary-plain-1f",
        "web:\n  password: canary-plain-1f: x",
        'web:\n  password: "canary-plain-1f',
        "web:\n  password: canary-plain-1f\n  password: canary-env-2e",
        "web:\n  password:\n    - canary-plain-1f\n    - x",
        "web:\n  password: |\n    canary-plain-1f\n   x\n",
        "web:\n  password:canary-plain-1f",
        "web:\n  password: !!canary-plain-1f x",
        "web:\n\tpassword: canary-plain-1f",
        "services: {lidarr: {api_key: {x: canary-plain-1f}, urll: y}}",
        "services: {lidarr: {url: 'http://me:canary-plain-1f@', api_key: ''}}",
        "services: {lidarr: {url: 'ftp://me:canary-plain-1f@host/?token=canary-plain-1f'}}",
        "services: {lidarr: {retries: '${secret:canary_name}'}}",
        "services: {lidarr: {retries: '${file:canary_name}', verify: '${env:CANARY_NAME}'}}",
        "services: {lidarr: {url: '${secret:canary_name}'}}",
        "services: {lidarr: {type: '${secret:canary_name}'}}",
        "services: {x: {type: '${secret:canary_name}', token: canary-plain-1f}}",
        "timezone: ${secret:canary_name}",
        "schedule: ${secret:canary_name}",
        "log: {level: '${secret:canary_name}'}",
        "web: {host: '${secret:canary_name}'}",
        "cache: {max_size: '${secret:canary_name}'}",
        "executor: {shutdown_grace: '${secret:canary_name}'}",
        "web: {password: 'x${canary-plain-1f}'}",
        "web: {password: '${canary-plain-1f'}",
        "web: {password: '${vault:canary-plain-1f}'}",
        "web: {password: '${env:canary-plain-1f}'}",
        "notifications: {urls: [{x: ntfy://canary-plain-1f}]}",
        "notifications: {urls: ntfy://canary-plain-1f}",
        "notifications:\n  urls:\n    - ntfy://canary-plain-1f: x\n",
        "- {password: canary-plain-1f}",
        "token: canary-plain-1f",
    ],
)
def test_p3_no_canary_in_what_is_said_about_a_mistake(folder: ConfigFolder, mistake: str) -> None:
    before = folder.load()
    plant(folder)
    folder.write("settings.yaml", f"{mistake}\n")
    snapshot = folder.load()
    assert snapshot.findings
    assert_no_canary(everything_shown(snapshot, before, folder))


@pytest.mark.parametrize(
    "mistake",
    [
        "kind: ${secret:canary_name}",
        "kind: sync\npassword: [canary-plain-1f]",
        "kind: sync\npassword: canary-plain-1f",
        "kind: sync\nsource: {service: '${secret:canary_name}', playlist: x}",
        "kind: sync\nsource: {service: file, playlist: x}\ntargets: [{server: '${secret:canary_name}'}]",
        "kind: sync\nsource: {service: file, playlist: x}\nmode: ${secret:canary_name}",
        "kind: sync\nsource: {service: file, playlist: x}\nexpires: ${secret:canary_name}",
        "kind: radio_station\ntoken: canary-plain-1f\nnested: {api_key: canary-plain-1f}",
        "kind: radio_station\nurl: http://me:canary-plain-1f@x/?token=canary-plain-1f",
        "kind: nonsense\npassword: canary-plain-1f",
        "kind: [x]\npassword: canary-plain-1f",
    ],
)
def test_no_canary_in_what_is_said_about_a_broken_command(folder: ConfigFolder, mistake: str) -> None:
    before = folder.load()
    plant(folder)
    folder.write("commands/a.yaml", f"{mistake}\n")
    snapshot = folder.load()
    assert snapshot.findings
    shown = everything_shown(dataclasses.replace(snapshot, commands={}), before, folder)
    shown += "".join(entry.document for entry in snapshot.commands.values())
    assert_no_canary(shown)


def test_no_canary_in_two_commands_that_write_one_playlist(folder: ConfigFolder) -> None:
    plant(folder)
    folder.write("settings.yaml", "services: {attic: {type: folder, path: config}}\n")
    for name in ("a", "b"):
        folder.write_sync(name, "targets: [{server: attic, title: '${secret:canary_name}'}]")
    findings = folder.findings()
    assert len(findings) == 2
    assert_no_canary(repr(findings))


def test_what_is_stored_of_a_plain_secret_is_its_mask_and_of_a_reference_the_reference(
    folder: ConfigFolder,
) -> None:
    plant(folder)
    stored = json.loads(folder.load().settings_document)
    assert stored["web"] == {"password": "•••", "api_key": "${env:CANARY_NAME}"}
    assert stored["services"]["lidarr"]["url"] == "http://•••@lidarr:8686/?apikey=•••"
    assert stored["services"]["second"]["url"] == "http://me:${secret:canary_name}@host"
    assert stored["notifications"]["urls"] == ["•••", "${env:ODD}", "•••"]


def test_a_digest_cannot_be_used_to_guess_a_secret(folder: ConfigFolder, tmp_path: Path) -> None:
    """Two processes give different digests for the same resolved secret."""
    folder.environ["PIN_CODE"] = "1234"
    folder.write_sync("a", "artist: ${env:PIN_CODE}")
    other = ConfigFolder(tmp_path / "other")
    other.environ["PIN_CODE"] = "1234"
    other.write_sync("a", "artist: ${env:PIN_CODE}")
    one, two = folder.load().commands["a"], other.load().commands["a"]
    assert one.document == two.document
    assert one.digest != two.digest


@settings(deadline=None, max_examples=80)
@given(
    secret=st.text(
        st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=6, max_size=20
    ).filter(lambda text: text.strip() == text and len(set(text)) > 4),
    quote=st.sampled_from(["", "'", '"']),
    before=st.sampled_from(["", "urll: x\n    ", "retries: x\n    "]),
)
def test_a_plain_secret_of_any_form_stays_out_of_findings_and_documents(
    tmp_path_factory: pytest.TempPathFactory, secret: str, quote: str, before: str
) -> None:
    folder = ConfigFolder(tmp_path_factory.mktemp("plain"))
    folder.write("settings.yaml", "")
    text = f"services:\n  lidarr:\n    {before}api_key: {quote}{secret}{quote}\n"
    (folder.path / "settings.yaml").write_text(text, encoding="utf-8")
    snapshot = folder.load()
    shown = [snapshot.settings_document]
    shown += [f"{finding.message}\n{finding.hint}\n{finding.excerpt}" for finding in snapshot.findings]
    assert secret not in "\n".join(shown)
