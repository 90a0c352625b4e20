"""Whatever stands in the files: a snapshot comes back, and every finding has its place."""

import time

import pytest
from fakes_loading import ConfigFolder
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.config.snapshot import Snapshot

HOSTILE = {
    "depth bomb": b"[" * 30_000,
    "dash bomb": b"- " * 30_000,
    "alias bomb": b"a: &a [x,x,x,x,x,x,x,x,x]\n"
    + b"".join(b"%c: &%c [%s]\n" % (97 + n, 97 + n, b",".join([b"*%c" % (96 + n)] * 9)) for n in range(1, 9)),
    "cycle": b"a: &a [*a]\n",
    "merge cycle": b"a: &a {<<: *a}\n",
    "long integer": b"limit: " + b"1" * 5_000 + b"\n",
    "bad date": b"kind: sync\nexpires: 2024-13-45\n",
    "lone surrogate": b'title: "\\ud800"\n',
    "Latin-1": "description: Bj\xf6rk\n".encode("latin-1"),
    "UTF-16": "kind: sync\n".encode("utf-16"),
    "NUL": b"kind: a\0b\n",
    "explicit tag": b"kind: !!python/object/apply:os.system [ls]\n",
    "unknown tag": b"kind: !vault x\n",
    "two documents": b"kind: sync\n---\nkind: sync\n",
    "reference bomb": b"artist: '" + b"${env:A}" * 20_000 + b"'\n",
    "open references": b"artist: '" + b"${" * 20_000 + b"'\n",
    "keys that are no text": b"1: a\nnull: b\n[a]: c\n",
    "long key": b"k" * 5_000 + b": 1\n",
}
PLACES = ["settings.yaml", "commands/x.yaml", "pins.yaml", "secrets.yaml"]


def assert_well_formed(snapshot: Snapshot) -> None:
    for finding in snapshot.findings:
        assert finding.line >= 1
        assert finding.column >= 1
        assert finding.message
        assert finding.code
        finding.message.encode()
    assert snapshot.settings.zone
    repr(snapshot)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", HOSTILE)
def test_b12_hostile_input_gives_findings_and_nothing_worse(
    folder: ConfigFolder, name: str, place: str
) -> None:
    (folder.path / place).write_bytes(HOSTILE[name])
    started = time.perf_counter()
    snapshot = folder.load()
    assert time.perf_counter() - started < 2.0, "a hundred times what it takes, for a busy machine"
    assert snapshot.findings
    assert {finding.file for finding in snapshot.findings} == {place}
    assert_well_formed(snapshot)


SCALARS = st.sampled_from(
    [
        "sync",
        "file",
        "${env:A}",
        "${secret:b}",
        "${file:x}",
        "${",
        "$${",
        "5",
        "true",
        "30m",
        "@daily",
        "null",
        "'",
    ]
)
KEYS = st.sampled_from(
    [
        "kind",
        "source",
        "targets",
        "service",
        "playlist",
        "server",
        "title",
        "schedule",
        "expires",
        "enabled",
        "artist",
        "limit",
        "mode",
        "services",
        "lidarr",
        "folder",
        "type",
        "web",
        "port",
        "host",
        "password",
        "api_key",
        "url",
        "timezone",
        "cache",
        "ttl",
        "max_size",
        "notifications",
        "urls",
        "on",
        "match",
        "x-free",
        "<<",
    ]
)
VALUES = st.recursive(
    SCALARS,
    lambda below: st.one_of(
        st.lists(below, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(KEYS, below, max_size=4).map(
            lambda items: "{" + ", ".join(f"{key}: {value}" for key, value in items.items()) + "}"
        ),
    ),
    max_leaves=12,
)
TEXTS = st.one_of(
    st.dictionaries(KEYS, VALUES, max_size=6).map(
        lambda items: "".join(f"{key}: {value}\n" for key, value in items.items())
    ),
    VALUES,
    st.text(max_size=60),
)


@settings(deadline=None, max_examples=150)
@given(texts=st.fixed_dictionaries({}, optional=dict.fromkeys(PLACES, TEXTS)))
def test_the_loader_raises_nothing(tmp_path_factory: pytest.TempPathFactory, texts: dict[str, str]) -> None:
    folder = ConfigFolder(tmp_path_factory.mktemp("any"))
    folder.environ["A"] = "7"
    for place, text in texts.items():
        (folder.path / place).write_bytes(text.encode("utf-8", "surrogatepass"))
    snapshot = folder.load()
    assert_well_formed(snapshot)
    assert folder.load().findings == snapshot.findings


@settings(deadline=None, max_examples=60)
@given(cut=st.integers(0, 400))
def test_w14_a_prefix_of_a_file_loads_or_is_reported(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    folder = ConfigFolder(tmp_path_factory.mktemp("cut"))
    whole = (
        "timezone: Europe/Berlin\nweb:\n  host: 127.0.0.1\n  port: 8080\nservices:\n  lidarr:\n"
        "    url: http://lidarr:8686\n    api_key: abcdef\n  attic: {type: folder, path: config}\n"
        "cache: {max_size: 512MB, ttl: {library: 30d}}\nnotifications: {urls: [], on: [failed]}\n"
    )
    folder.write("settings.yaml", whole[:cut])
    assert_well_formed(folder.load())
