"""The container without a container engine: its entry script as real processes, its files read as text."""

import os
import re
import shlex
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from click import Command, Context
from fakes_docs import REPOSITORY

from cmdarr.cli.main import cmdarr

PYTHON = "/usr/bin/python3"
ENTRY = REPOSITORY / "docker/cmdarr"
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
WHO = """#!/bin/sh
echo "$(id -u) $(id -g) $(id -G | tr ' ' ,) $HOME $*"
touch "$CMDARR_DATA_DIR/made"
mkdir "$CMDARR_DATA_DIR/made-folder"
"""

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
needs_python = pytest.mark.skipif(not Path(PYTHON).exists(), reason=f"there is no {PYTHON}")


@dataclass(frozen=True)
class Container:
    """A root folder that anybody may enter, with the script and a program that says who runs it."""

    root: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    def call(
        self, *arguments: str, user: int | None = None, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        around = {
            "PATH": "/usr/bin:/bin", "CMDARR_DATA_DIR": str(self.data),
            "CMDARR_PROGRAM": str(self.root / "program"), **environ,
        }  # fmt: skip
        return subprocess.run(
            [PYTHON, "-IS", self.root / "entry", *arguments],
            env=around, user=user, group=user, extra_groups=[] if user else None, cwd="/",
            capture_output=True, text=True, check=False, timeout=30,
        )  # fmt: skip


@pytest.fixture
def container() -> Iterator[Container]:
    root = Path(tempfile.mkdtemp(prefix="cmdarr-container-"))
    root.chmod(0o755)
    shutil.copy(ENTRY, root / "entry")
    (root / "program").write_text(WHO)
    (root / "program").chmod(0o755)
    (root / "data").mkdir()
    yield Container(root)
    shutil.rmtree(root)


def owner(path: Path) -> tuple[int, int]:
    found = path.lstat()
    return found.st_uid, found.st_gid


@needs_root
@needs_python
def test_root_becomes_the_user_of_the_environment_and_hands_the_data_folder_over(
    container: Container,
) -> None:
    old = container.data / "backups" / "old.tar.gz"
    old.parent.mkdir()
    old.write_text("x")
    old.chmod(0o600)
    outside = container.root / "outside"
    outside.write_text("x")
    (container.data / "link").symlink_to(outside)
    called = container.call("serve", "--no-last-good", PUID="1234", PGID="2345")
    assert called.returncode == 0, called.stderr
    uid, gid, groups, home, *arguments = called.stdout.split()
    assert (uid, gid, home) == ("1234", "2345", str(container.data))
    assert "0" not in groups.split(",") and "2345" in groups.split(",")
    assert arguments == ["serve", "--no-last-good"]
    everything = [container.data, *container.data.rglob("*")]
    assert {owner(path) for path in everything} == {(1234, 2345)}
    assert owner(outside) == (0, 0)
    assert stat.S_IMODE(old.stat().st_mode) == 0o600


@needs_root
@needs_python
@pytest.mark.parametrize(
    ("umask", "file", "folder"), [("", 0o644, 0o755), ("077", 0o600, 0o700), ("002", 0o664, 0o775)]
)
def test_the_umask_holds_for_what_is_made(container: Container, umask: str, file: int, folder: int) -> None:
    assert container.call(UMASK=umask).returncode == 0
    assert stat.S_IMODE((container.data / "made").stat().st_mode) == file
    assert stat.S_IMODE((container.data / "made-folder").stat().st_mode) == folder
    assert owner(container.data / "made") == (1000, 1000)


@needs_root
@needs_python
def test_a_container_that_is_started_as_a_user_stays_that_user(container: Container) -> None:
    os.chown(container.data, 1234, 1234)
    called = container.call("health", user=1234)
    assert called.stdout.split()[:2] == ["1234", "1234"] and called.stderr == ""
    shutil.rmtree(container.data / "made-folder")
    called = container.call("health", user=1234, PUID="99")
    assert called.stdout.split()[0] == "1234"
    assert called.stderr == "cmdarr: PUID is ignored: the container runs as user 1234 already.\n"


@needs_python
@pytest.mark.parametrize("value", ["9", "7777", "-1", "rw"])
def test_a_umask_that_is_none_ends_the_start_in_a_sentence(container: Container, value: str) -> None:
    called = container.call(UMASK=value)
    assert called.returncode == 78
    assert called.stderr.startswith(f"cmdarr: UMASK is '{value}', which is no number")
    assert "Traceback" not in called.stderr


@needs_root
@needs_python
@pytest.mark.parametrize("value", ["alice", "-5", "99999999999"])
def test_a_user_that_is_none_ends_the_start_in_a_sentence(container: Container, value: str) -> None:
    called = container.call(PUID=value)
    assert called.returncode == 78 and f"PUID is '{value}'" in called.stderr
    assert not (container.data / "made").exists()


@needs_root
@needs_python
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not installed")
def test_without_the_capabilities_the_cure_is_told(container: Container) -> None:
    around = {"CMDARR_DATA_DIR": str(container.data), "CMDARR_PROGRAM": str(container.root / "program")}
    called = subprocess.run(
        ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all", PYTHON, "-IS", container.root / "entry"],
        env=around, capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    assert called.returncode == 78 and "CHOWN, DAC_OVERRIDE, SETGID and SETUID" in called.stderr


def steps(word: str) -> list[list[str]]:
    joined = DOCKERFILE.replace("\\\n", " ")
    return [shlex.split(line[len(word) :]) for line in joined.splitlines() if line.startswith(f"{word} ")]


def test_everything_that_is_copied_exists_and_is_let_through() -> None:
    ignored = (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[0] == "*"
    for step in steps("COPY"):
        words = [word for word in step if not word.startswith("--")]
        if any(word.startswith("--from=") for word in step):
            continue
        for source in words[:-1]:
            assert (REPOSITORY / source).exists(), source
            assert f"!{Path(source).parts[0]}" in ignored, source


def test_the_script_starts_the_program_that_the_image_holds() -> None:
    assert os.access(ENTRY, os.X_OK)
    script = ENTRY.read_text(encoding="utf-8")
    assert script.startswith("#!/opt/cmdarr/bin/python -IS\n")
    assert 'PROGRAM = "/opt/cmdarr/bin/cmdarr"' in script
    assert ["python", "-m", "venv", "--without-pip", "/opt/cmdarr"] in steps("RUN")
    assert [step[-2:] for step in steps("COPY")].count(["/opt/cmdarr", "/opt/cmdarr"]) == 1


def test_the_image_has_two_stages_two_volumes_and_a_health_check_that_follows_the_settings() -> None:
    assert len(steps("FROM")) == 2 and len({step[0] for step in steps("FROM")}) == 1
    assert re.search(r'^VOLUME \["/config", "/data"\]$', DOCKERFILE, re.MULTILINE)
    assert re.search(r'^HEALTHCHECK .* CMD \["cmdarr", "health"\]$', DOCKERFILE, re.MULTILINE)
    assert re.search(r'^ENTRYPOINT \["cmdarr"\]$', DOCKERFILE, re.MULTILINE)
    assert "8080/health" not in DOCKERFILE
    verb = cmdarr.get_command(Context(cmdarr), "health")
    assert isinstance(verb, Command)


def test_compose_mounts_both_folders_over_a_root_that_is_read_only() -> None:
    document: dict[str, Any] = yaml.safe_load((REPOSITORY / "compose.yaml").read_text(encoding="utf-8"))
    service = document["services"]["cmdarr"]
    targets = [volume.split(":")[1] for volume in service["volumes"]]
    assert targets[:2] == ["/config", "/data"]
    assert service["read_only"] is True and service["tmpfs"] == ["/tmp"]
    assert {"PUID", "PGID", "UMASK", "TZ"} <= service["environment"].keys()
    assert service["environment"]["UMASK"] == "022"  # a number would be read as octal and mean another
    assert service["cap_drop"] == ["ALL"] and len(service["cap_add"]) == 4
    assert service["healthcheck"]["test"] == ["CMD", "cmdarr", "health"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
