"""Canaries: a secret is planted wherever a user can put one, everything is run, and every byte written is searched."""

import base64
import hashlib
import html
import http.client
import json
import re
import signal
import sqlite3
import tarfile
import threading
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote_plus

import pytest
from forked import Child, Forks, serving
from program import free_port, wait_until

from cmdarr.models.redaction import MASK

pytestmark = pytest.mark.e2e

AWKWARD = "'\"\\é"
"""What JSON, a URL, a repr and a shell each write in another way."""
PLAYLIST = "artist,title\nThe Paper Lanterns,Harbour Lights\nThe Paper Lanterns,The Long Way Down\n"


SUSPICIOUS = re.compile(rb"cnry|636e7279|Y25y|Nucn|jbnJ|[0-9]{15}|(?:3[0-9]){15}", re.IGNORECASE)
"""What begins a planted secret in any of its forms: a quick look, as most files hold none."""


class Canaries:
    """Secrets that occur nowhere else in the world, each known by the place where it was planted."""

    def __init__(self) -> None:
        self._places: dict[str, str] = {}

    def plain(self, place: str) -> str:
        """Return a secret of letters and digits."""
        return self._core(place)

    def awkward(self, place: str) -> str:
        """Return a secret that is written in another way almost everywhere; either half gives it away."""
        return f"{self._core(place)}{AWKWARD}{self._core(f'{place}, second half')}"

    def number(self, place: str) -> str:
        """Return a secret of digits, as YAML reads a number."""
        core = str(int(hashlib.sha256(place.encode()).hexdigest(), 16) % 10**14 + 10**14)
        self._places[core] = place
        return core

    def leaks(self, root: Path) -> list[str]:
        """Search everything written below a folder, and say which secret is where."""
        forms = (form for core in self._places for form in _forms_of(core))
        pattern = re.compile(b"|".join(sorted(forms, reverse=True)), re.IGNORECASE)
        found = []
        for name, data in everything_written(root):
            for hit in pattern.finditer(data) if SUSPICIOUS.search(data) else ():
                context = data[max(hit.start() - 60, 0) : hit.end() + 30]
                found.append(f"{self._place_of(hit[0])} is in {name}: {context!r}")
        return found

    def _core(self, place: str) -> str:
        core = "cnry" + hashlib.sha256(place.encode()).hexdigest()[:14]
        self._places[core] = place
        return core

    def _place_of(self, found: bytes) -> str:
        text = found.lower()
        return next(
            place for core, place in self._places.items() if text in map(bytes.lower, _forms_of(core))
        )


def _forms_of(core: str) -> list[bytes]:
    """Return the text itself, its hexadecimal form, and what base64 makes of it at each of the three offsets."""
    data = core.encode()
    shifted = [base64.b64encode(b"\0" * offset + data)[4 if offset else 0 : -4] for offset in range(3)]
    return [data, data.hex().encode(), *map(re.escape, shifted)]


def everything_written(root: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file below a folder but the user's own, and what is inside of archives and databases."""
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if not path.is_file() or name.startswith(("config/", "outside/", "unpacked/")) or "/config/" in name:
            continue
        if name.endswith(".m3u8"):
            continue  # the user's own words: a description goes into the playlist
        yield name, path.read_bytes()
        if name.endswith(".gz"):
            yield from ((f"{name}/{member}", data) for member, data in _unpacked(path))
        elif name.endswith(".db"):
            yield from ((f"{name}/{place}", data) for place, data in _values(path))


def _unpacked(path: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(path) as archive:
        for member in archive:
            file = archive.extractfile(member)
            assert file is not None
            data = file.read()
            if member.name.startswith("config/") and "secret" not in member.name:
                continue  # the user's own files
            if member.name.endswith(".db"):
                copy = path.parent / f"{path.name}.unpacked"
                copy.write_bytes(data)
                yield from _values(copy)
                copy.unlink()
            else:
                yield member.name, data


def _values(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every value of a database: one may lie on two pages, or be compressed."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                for value in row:
                    data = value if isinstance(value, bytes) else str(value).encode()
                    yield table, data
                    if data[:1] == b"\x78":
                        yield f"{table}, inflated", _inflated(data)


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompress(data)
    except zlib.error:
        return b""


@pytest.fixture
def canaries() -> Canaries:
    return Canaries()


def quoted(text: str) -> str:
    """Write a text as YAML takes it, whatever is in it."""
    return json.dumps(text, ensure_ascii=False)


class Echo(BaseHTTPRequestHandler):
    """A service that fails, and says in its answer all that it was told."""

    def do_GET(self) -> None:
        told = f"{self.path} {unquote_plus(self.path)} {dict(self.headers)}".encode()
        self.send_response(500, "Internal Server Error")
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    do_POST = do_GET  # noqa: N815 - the name that http.server calls

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def echo() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def plant_everywhere(forks: Forks, canaries: Canaries, echo: str, *, log: str) -> int:
    """Write a valid configuration with a secret in every place that takes one, and return its port."""
    port = free_port()
    music = forks.root / "outside" / canaries.plain("the path of the music, by secret")
    lists = forks.root / "outside" / canaries.plain("the path of a playlist, by secret")
    lists.mkdir(parents=True)
    (lists / "list.csv").write_text(PLAYLIST, encoding="utf-8")
    key = forks.root / "outside" / "lidarr.key"
    key.write_text(f"-----BEGIN-----\n{canaries.plain('the second line of a file')}\n-----END-----\n")
    token = forks.config / "keys" / "attic-secret"
    token.parent.mkdir(parents=True)
    token.write_text(canaries.awkward("a file") + "\n", encoding="utf-8")
    forks.environ |= {
        "PLANTED_KEY": canaries.awkward("the environment"),
        "PLANTED_USER": canaries.plain("a user name in the environment"),
    }
    secrets = {
        "music": str(music),
        "lists": str(lists),
        "gone": canaries.awkward("a path that does not exist"),
        "description": canaries.awkward("a description, by secret"),
        "jellyfin_url": f"http://bob:{canaries.plain('user-info, by secret')}@jellyfin.invalid:8096",
        "jellyfin": canaries.awkward("secrets.yaml"),
        "pass": canaries.plain("the password within a URL, by secret"),
        "unused": canaries.awkward("secrets.yaml, not used"),
        "ntfy": f"ntfys://{canaries.plain('a notification, by secret')}@ntfy.invalid/topic",
        "schedule": "15 4 * * *",
    }
    text = "".join(f"{name}: {quoted(value)}\n" for name, value in secrets.items())
    text += f"number: {canaries.number('a number in secrets.yaml')}\n"
    forks.write("secrets.yaml", text).chmod(0o600)
    for name in ("secrets.yaml~", "secrets.yaml.bak", ".secrets.yaml.swp", "secrets.yml.orig"):
        forks.write(name, text)
    forks.write(
        "settings.yaml",
        f"""
x-shared: &shared {{token: {quoted(canaries.awkward("an anchor"))}}}
web:
  port: {port}
  password: {quoted(canaries.awkward("web.password"))}
  api_key: ${{env:PLANTED_KEY}}
log: {{level: debug, format: {log}}}
services:
  files: {{path: "${{secret:music}}", playlists: data/playlists, demo: true}}
  plex:
    url: "http://alice:{canaries.plain("user-info")}@{canaries.plain("user-info, after an at sign")}@plex.invalid"
    token: {canaries.plain("token")}
  attic:
    type: plex
    url: http://attic.invalid:32400/?X-Plex-Token={canaries.plain("a query string")}&x=1
    <<: *shared
  cellar: {{type: plex, url: http://cellar.invalid, token: "${{file:{token}}}"}}
  jellyfin: {{url: "${{secret:jellyfin_url}}", token: "${{secret:jellyfin}}"}}
  navidrome:
    type: subsonic
    url: http://alice:${{secret:pass}}@{echo}/
    username: ${{env:PLANTED_USER}}
    password: ${{env:NOT_THERE:-{canaries.plain("the default of a reference")}}}
  lidarr: {{url: http://lidarr.invalid, api_key: "${{file:{key}}}"}}
  headphones: {{type: lidarr, url: http://h.invalid, api_key: {canaries.number("a number as a key")}}}
  lastfm:
    api_key: |-
      {canaries.plain("a block")}
      {canaries.plain("the second line of a block")}
  listenbrainz: {{token: '{canaries.plain("a quoted text")}''s'}}
  musicbrainz:
    contact: https://me:{canaries.plain("contact")}@example.org/?password={canaries.plain("contact, query")}
notifications:
  urls:
    - tgram://{canaries.plain("a notification")}/12345
    - "mailtos://me:{quoted(canaries.awkward("a notification, quoted"))[1:-1]}@example.org"
    - ${{secret:ntfy}}
""",
    )
    forks.write(
        "commands/works.yaml",
        'kind: playlist_sync\ndescription: "see ${secret:description}"\nrun_at_start: true\n'
        "schedule: ${secret:schedule}\n"
        'source: {service: file, playlist: "${secret:lists}/list.csv"}\ntargets: [{server: files, title: Works}]\n',
    )
    forks.write(
        "commands/fails.yaml",
        "kind: playlist_sync\nrun_at_start: true\n"
        'source: {service: file, playlist: "/nowhere/${secret:gone}/${secret:number}/list.csv"}\n'
        "targets: [{server: files, title: Fails}]\n",
    )
    user, query = canaries.plain("the address of a playlist"), canaries.plain("its query")
    address = f"https://me:{user}@h.invalid/list?token={query}"
    forks.write(
        "commands/address.yaml",
        f'kind: playlist_sync\nrun_at_start: true\nsource: {{service: file, playlist: "{address}"}}\n'
        "targets: [{server: files, title: Address}]\n",
    )
    forks.write("commands/refresh.yaml", "kind: library_refresh\nrun_at_start: true\nservers: [files]\n")
    forks.write("commands/echo.yaml", "kind: library_refresh\nrun_at_start: true\nservers: [navidrome]\n")
    forks.write(
        "commands/later.yaml", f"kind: setlist\napi_key: {canaries.plain('a kind of a later version')}\n"
    )
    return port


SETTINGS = "services:\n  files: {path: data/music, demo: true}\n"
COMMAND = (
    "kind: playlist_sync\nsource: {service: file, playlist: config/list.csv}\n"
    "targets: [{server: files, title: Works}]\n"
)
BAD_SETTINGS = {
    # a secret that YAML reads as something else
    "a list for a key": "  lidarr: {url: http://l, api_key: [<1>, <2>]}\n",
    "a mapping for a key": "  lidarr:\n    url: http://l\n    api_key:\n      value: <1>\n",
    "a number for a key": "  lidarr: {url: http://l, api_key: <number>}\n",
    "a number, and a missing sibling": "  lidarr: {api_key: <number>}\n",
    "a list of numbers": "  lidarr: {url: http://l, api_key: [<number>]}\n",
    "a secret after a boolean": "  plex: {url: true, token: <1>}\n",
    "two documents": "  plex: {url: http://p, token: <1>}\n---\nweb: {password: <2>}\n",
    # secrets with characters that mean something to YAML
    "an alias": "web: {password: *<1>}\n",
    "an anchor": "web:\n  password: &<1>\n  api_key: <2>\n",
    "a tag": "web: {password: !<1>}\n",
    "a tag with a value": "web:\n  password: !<1> <2>\n",
    "an at sign": "web:\n  password: @<1>\n",
    "a back quote": "web:\n  password: `<1>`\n",
    "a percent sign": "web:\n  password: %<1>\n",
    "an open bracket": "web:\n  password: [<1>\n  api_key: <2>\n",
    "an open brace": "web:\n  password: {<1>\n  api_key: <2>\n",
    "a colon": "web:\n  password: <1>: <2>\n",
    "a question mark": "web:\n  ? password\n  : [<1>]\n  ? api_key : <2>\n",
    "a comment sign": "web:\n  password: <1> #<2>\n  port: x\n",
    "an open quote": 'web:\n  password: "<1>\n  api_key: <2>\n',
    "text after a quote": "web:\n  password: '<1>' <2>\n",
    "a wrong escape": 'web:\n  password: "<1>\\q<2>"\n',
    "a tab": "web:\n\tpassword: <1>\n",
    "wrong indentation": "web:\n  port: 1\n   password: <1>\n",
    "a block with wrong indentation": "web:\n  password: |\n <1>\n  api_key: <2>\n",
    "a control character": "web: {password: '<1>\x01<2>'}\n",
    "a merge of no mapping": "web:\n  <<: 1\n  password: <2>\n",
    # keys that are wrong
    "a duplicated key": "web:\n  password: <1>\n  password: <2>\n",
    "a duplicated service": "  plex: {url: http://a, token: <1>}\n  plex: {url: http://b, token: <2>}\n",
    "a missing sibling": "  plex: {token: <1>}\n  navidrome: {type: subsonic, password: <2>}\n",
    "a misspelt key": "  plex: {url: http://p, tokn: <1>}\n",
    "a key of another service": "  plex: {url: http://p, token: <1>, apikey: <2>}\n",
    "a misspelt section": "wbe: {password: <1>, api_key: [<2>]}\n",
    "no space after the colon": "web:\n  password:<1>\n",
    "no space after the colon, among others": "web:\n  port: 8080\n  password:<1>\n  api_key:<2>\n",
    "no space after the colon, at the top": "password:<1>\n",
    "no such type": "  mine: {type: plexx, url: http://p, token: <1>}\n",
    "a secret for a service": "  plex: <1>\n  lidarr: <2>\n",
    "a list of services": "services2:\n- name: plex\n  token: <1>\n- <2>\n",
    # places that are secret by themselves
    "user-info of another scheme": "  plex: {url: 'ftp://me:<1>@p', token: <2>}\n",
    "user-info with a space": "  plex: {url: 'http://me:<1> <2>@p', token: x}\n",
    "user-info with an at sign": "  plex: {url: 'http://me:<1>@<2>@p:x', token: x}\n",
    "a query in a bad address": "  plex: {url: 'p:32400/?X-Plex-Token=<1>', token: <2>}\n",
    "one text for notifications": "notifications: {urls: 'tgram://<1>/<2>'}\n",
    "numbers for notifications": "notifications: {urls: [<number>, [<1>], {a: <2>}]}\n",
    "a mapping for notifications": "notifications: {urls: {ntfy: <1>}, on: [x]}\n",
    "a broken notification": "notifications:\n  urls:\n    - ntfy://<1>\n     - ntfy://<2>\n",
    # references
    "a reference without an end": "web: {password: '${<1>'}\n",
    "a reference without a scheme": "web: {password: '${<1>}'}\n",
    "a reference of no kind": "web: {password: '${vault:<1>}', api_key: '<2>'}\n",
    "a default in the wrong place": "web: {port: '${env:NOT_THERE:-<1>}', password: '${env:NOT_THERE:-<2>}'}\n",
    "a reference that fails beside a secret": "web: {password: '<1>${env:NOT_THERE}', api_key: <2>, port: 0}\n",
    "resolved where no text can be": (
        "web: {port: '${secret:a}', host: '${secret:b}', username: [1]}\ntimezone: ${secret:a}\n"
        "schedule: ${secret:b}\nlog: {level: '${secret:a}', format: '${secret:b}'}\n"
        "executor: {max_parallel: '${secret:a}', shutdown_grace: '${secret:b}'}\n"
        "cache: {max_size: '${secret:a}', ttl: {lastfm: '${secret:b}'}}\nnotifications: {on: ['${secret:b}']}\n"
    ),
    "resolved as a type": "  mine: {type: '${secret:b}', url: '${secret:a}'}\n",
    "resolved as a host": "web: {host: '${secret:b}'}\n",
    "resolved as a folder": "  more: {type: files, path: '/nowhere/${secret:b}', playlists: '/dev/null/${secret:a}'}\n",
}
BAD_COMMANDS = {
    "resolved where names stand": (
        "kind: playlist_sync\nsource: {service: '${secret:a}', playlist: x}\n"
        "targets: [{server: '${secret:b}', title: '${secret:b}'}]\n"
    ),
    "resolved where choices stand": (
        COMMAND
        + "mode: '${secret:a}'\nmax_removals: '${secret:b}'\ntime_limit: '${secret:a}'\nschedule: '${secret:b}'\n"
        "expires: '${secret:a}'\nenabled: '${secret:b}'\nnotify: ['${secret:a}']\n"
    ),
    "resolved as the kind": "kind: ${secret:b}\n",
    "twice the same target": (
        "kind: playlist_sync\nsource: {service: file, playlist: x}\n"
        "targets: [{server: files, title: '${secret:b}'}, {server: files, title: '${secret:b}'}]\n"
    ),
    "an unknown secret key": COMMAND + "api_key: <1>\ntoken: [<2>, <number>]\n",
    "an address beside a syntax error": (
        "kind: playlist_sync\nsource: {service: file, playlist: 'https://me:<1>@h/?token=<2>'\ntargets: [\n"
    ),
    "an address with a wrong value": (
        "kind: playlist_sync\nenabled: yes\nsource: {service: file, playlist: ['https://me:<1>@h/?token=<2>']}\n"
    ),
    "a later kind with a wrong secret": "kind: setlist\napi_key: [<1>]\ntoken: <number>\npassword: *<2>\n",
    "no kind": "token: <1>\npassword: <2>\n",
    "a list": "- token: <1>\n- {password: <2>}\n",
    "a text": "password=<1>\n",
}
BAD_SECRETS = {
    "a list of secrets": "- <1>\n- b: <2>\n",
    "nested secrets": "a: {b: <1>}\nc: [<2>]\n",
    "a text for secrets": "<1>\n",
    "an open quote in secrets": 'a: "<1>\nb: <2>\n',
    "a duplicated secret": "a: <1>\na: <2>\n",
    "an alias in secrets": "a: *<1>\nb: @<2>\n",
    "a tab in secrets": "a: x\n\tb: <1>\n",
    "no space in secrets": "a:<1>\nb:<2>\n",
    "a secret as a name": "x y <1>: <2>\n",
    "a control character in secrets": "a: <1>\x02<2>\n",
}
BAD_PINS = {
    "resolved in pins": "- {artist: '${secret:a}', title: t, match: {artist: a, title: t, server: '${secret:b}'}}\n",
    "broken pins": "- {artist: '${secret:a}', title: [x], match: '${secret:b}'}\n- token: <1>\n",
}


VALID = {"a number for a key", "an anchor", "a broken notification", "resolved as a folder"}
"""YAML gives these a meaning that has nothing wrong in it."""
KEY_OF = {
    "a number for a key": "services.lidarr",
    "resolved as a folder": "services",
    "no kind": "commands.works",
}


def broken_files(canaries: Canaries) -> dict[str, dict[str, str]]:
    """Return files, by case, in which something is wrong around a secret."""
    places = {
        "settings.yaml": {name: SETTINGS + text for name, text in BAD_SETTINGS.items()},
        "commands/works.yaml": BAD_COMMANDS,
        "secrets.yaml": BAD_SECRETS,
        "pins.yaml": BAD_PINS,
    }
    cases = {}
    for file, texts in places.items():
        for name, pattern in texts.items():
            known = {"a": canaries.plain(f"{name}, secret a"), "b": canaries.awkward(f"{name}, secret b")}
            good = {
                "settings.yaml": SETTINGS + "web: {password: '${secret:a}', api_key: '${secret:b}'}\n",
                "secrets.yaml": "".join(f"{key}: {quoted(value)}\n" for key, value in known.items()),
                "commands/works.yaml": COMMAND,
                "list.csv": PLAYLIST,
            }
            text = pattern
            for mark in ("<1>", "<2>"):
                text = text.replace(mark, canaries.plain(f"{name}, {mark}"))
            cases[name] = good | {file: text.replace("<number>", canaries.number(f"{name}, number"))}
    return cases


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)


KEYS = [
    "web",
    "web.password",
    "web.api_key",
    "services",
    "services.files.path",
    "services.plex",
    "services.plex.url",
    "services.plex.token",
    "services.attic.url",
    "services.attic.token",
    "services.cellar.token",
    "services.jellyfin.url",
    "services.jellyfin.token",
    "services.navidrome.url",
    "services.navidrome.username",
    "services.navidrome.password",
    "services.lidarr.api_key",
    "services.headphones.api_key",
    "services.lastfm.api_key",
    "services.listenbrainz.token",
    "services.musicbrainz.contact",
    "notifications.urls",
    "notifications.urls.0",
    "commands.works",
    "commands.works.description",
    "commands.works.source.playlist",
    "commands.works.schedule",
    "commands.fails.source.playlist",
    "commands.address.source",
    "commands.later",
    "commands.later.api_key",
]
CHECKS = [
    *(("config", "check", "--format", form) for form in ("text", "json", "github")),
    ("config", "diff"),
    ("config", "diff", "--json"),
    ("list",),
    ("list", "--json"),
]
LOOKS = [
    *CHECKS,
    ("history",),
    ("history", "--json"),
    *(("history", "show", str(number), *form) for number in range(1, 6) for form in ((), ("--json",))),
    ("cache", "stats"),
    ("cache", "stats", "--json"),
    ("playlists",),
    ("playlists", "--json"),
    ("playlists", "revisions", "--json"),
    ("match", "The Paper Lanterns", "Harbour Lights", "--json"),
    ("match", "The Paper Lanterns", "Harbour Lights", "--server", "plex"),
]
EXPLANATIONS = [("config", "schema"), *(("config", "explain", key) for key in KEYS)]


def look(forks: Forks, looks: Iterable[tuple[str, ...]], *, more: Iterable[tuple[str, ...]] = ()) -> Child:
    """Call verbs that only look, each without and with `--debug`, and `more` only with it: that tells most."""
    calls = [call for each in looks for call in (each, ("--debug", *each))]
    return forks.run("version", then=[*calls, *(("--debug", *each) for each in more)])


def test_a_configuration_full_of_secrets_shows_none_of_them(
    forks: Forks, canaries: Canaries, echo: str
) -> None:
    plant_everywhere(forks, canaries, echo, log="text")
    seen = look(forks, [*CHECKS, ("config", "check", "--strict", "--online")], more=EXPLANATIONS)
    assert '"works"' in seen.stdout, seen.stderr
    assert seen.stdout.count(MASK) > len(KEYS)
    names = ("works", "fails", "address", "refresh", "echo")
    done = forks.run("run", *names, "--json")
    statuses = [execution["status"] for execution in json.loads(done.stdout)["executions"]]
    assert statuses == ["succeeded", "failed", "failed", "succeeded", "failed"], done.stdout
    for name in (*names, "later"):
        forks.run("--debug", "run", name, then=[("run", name, "--dry-run"), ("run", name)])
    look(forks, LOOKS)
    archive = forks.root / "backup.tar.gz"
    assert forks.run("backup", archive).returncode == 0
    assert forks.run("--debug", "reset", "--all", "--yes").returncode == 0
    assert forks.run("--debug", "restore", archive, "--yes").returncode == 0
    look(forks, LOOKS)
    assert canaries.leaks(forks.root) == []


def test_broken_files_show_no_secret(forks: Forks, canaries: Canaries) -> None:
    looks = [
        ("config", "check"),
        ("config", "check", "--format", "json"),
        ("config", "diff"),
        ("list", "--json"),
    ]
    for number, (name, files) in enumerate(broken_files(canaries).items()):
        root = forks.root / f"case-{number}"
        write_files(root / "config", files)
        calls = [*looks, ("config", "explain", KEY_OF.get(name, "web.password")), ("--debug", "run", "works")]
        if name == "resolved as a folder":
            (root / "config/commands/refresh.yaml").write_text("kind: library_refresh\n")
            calls += [("config", "check", "--online"), ("match", "a", "b", "--server", "more", "--json")]
            calls += [
                ("match", "a", "b", "--server", "more"),
                ("--debug", "match", "a", "b"),
                ("run", "refresh"),
            ]
        seen = forks.run("--debug", "list", then=calls, root=root)
        if name in BAD_SETTINGS and name not in VALID:
            refused = forks.run("--debug", "serve", root=root)
            assert refused.returncode == 78, (name, refused.stderr)
        assert name in VALID or re.search("(?:error|warning): ", seen.stdout), (name, seen.stdout)
    assert canaries.leaks(forks.root) == []


@pytest.mark.parametrize("log", [pytest.param("text", marks=pytest.mark.slow), "json"])
def test_the_daemon_writes_no_secret(forks: Forks, canaries: Canaries, echo: str, log: str) -> None:
    """Each broken file is saved under the running daemon; each is rejected, or the next one comes."""
    port = plant_everywhere(forks, canaries, echo, log=log)
    cases = list(broken_files(canaries).items())
    keys = [canaries.awkward("the environment")]
    with serving(forks) as daemon:
        wait_until(lambda: len(re.findall("(?:succeeded|failed) after", daemon.stderr)) == 5, "five runs")
        for number, (name, files) in enumerate(cases[log == "json" :: 2]):
            write_files(forks.config, files)
            if number > 5:  # the first ones wait until the watcher has seen them
                daemon.send_signal(signal.SIGHUP)
            wait_until(partial(has_reloaded, daemon, number + 1), f"the reload with {name}")
            (forks.root / f"health.{number}").write_bytes(health(port))
            keys[:0] = [canaries.awkward(f"{name}, secret b")]  # in force when the reload was not rejected
            answers = b"".join(visit(port, path, keys) for path in VIEWS)
            (forks.root / f"answers.{number}").write_bytes(answers)
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait() == 0
    look(forks, [("history", "--json"), ("config", "diff", "--json")])
    assert canaries.leaks(forks.root) == []


def test_no_page_and_no_answer_of_the_api_shows_a_secret(forks: Forks, canaries: Canaries, echo: str) -> None:
    """Whatever a page leads to is looked at, and every answer of the API."""
    port = plant_everywhere(forks, canaries, echo, log="json")
    keys = [canaries.awkward("the environment")]
    with serving(forks) as daemon:
        wait_until(lambda: len(re.findall("(?:succeeded|failed) after", daemon.stderr)) == 5, "five runs")
        waiting, seen = ["/", *api_paths()], set[str]()
        while waiting and len(seen) < MOST_ANSWERS:
            path = waiting.pop()
            if path in seen:
                continue
            seen.add(path)
            answer = visit(port, path, keys)
            (forks.root / f"answer.{len(seen)}").write_bytes(answer)
            waiting += [html.unescape(link) for link in LINK.findall(answer.decode("utf-8", "replace"))]
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait() == 0
    assert {"/commands/works", "/api/config/settings", "/history/1"} <= seen
    assert len(seen) < MOST_ANSWERS
    assert canaries.leaks(forks.root) == []


LINK = re.compile(r'<a [^>]*href="(/[^"#]*)"')
MOST_ANSWERS = 300
VIEWS = ("/", "/configuration", "/commands/works", "/api/config/check")
"""Where files are shown: asked for with each broken one. The editor shows what nobody can know to be a secret."""


def api_paths() -> list[str]:
    """Return every address of the API that is looked at and has an end, with parts that exist filled in."""
    from cmdarr.web.api.table import ENDPOINTS

    parts = {"name": "works", "file": "settings.yaml"}
    looks = [one.path for one in ENDPOINTS if one.method == "GET" and one.content_type == "application/json"]
    found = [re.sub(r"\{(\w+)(?::\w+)?\}", lambda part: parts.get(part[1], "1"), path) for path in looks]
    return [
        *found,
        *(f"/api/config/explain?key={key}" for key in KEYS),
        "/api/match?artist=a&title=b&server=files",
    ]


def visit(port: int, path: str, keys: Iterable[str]) -> bytes:
    """Return the head and the body of an answer; of the keys, one is in force."""
    for key in keys:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("GET", path, headers={"X-API-Key": key.encode("latin-1")})
            answer = connection.getresponse()
            body = f"{answer.getheaders()}\n".encode() + answer.read()
        finally:
            connection.close()
        if answer.status not in {303, 401}:
            assert answer.status < 500, (path, body)
            return body
    raise AssertionError(f"no key opens {path}")


def has_reloaded(daemon: Child, times: int) -> bool:
    return len(re.findall("Configuration (?:reloaded|rejected)", daemon.stderr)) >= times


def health(port: int) -> bytes:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=10) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return bytes(error.read())
