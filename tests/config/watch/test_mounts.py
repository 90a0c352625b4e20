"""What the mount table says about the config folder."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdarr.config.watch.mounts import Mount, describe_mounts, parse_mountinfo, read_mountinfo

DOCKER = r"""
611 500 0:55 / / rw,relatime master:200 - overlay overlay rw,lowerdir=/a:/b,upperdir=/c,workdir=/d
612 611 0:58 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw
620 611 8:1 /home/alice/config /config rw,relatime - ext4 /dev/sda1 rw
621 620 8:1 /home/alice/settings.yaml /config/settings.yaml rw,relatime shared:1 master:2 - ext4 /dev/sda1 rw
622 611 0:60 / /mnt/my\040music rw,relatime - nfs4 nas:/export rw,vers=4.2
"""
NAMES = ("settings.yaml", "commands/x.yaml")


def test_lines_with_and_without_optional_fields_are_read() -> None:
    mounts = parse_mountinfo(DOCKER)
    assert [mount.point for mount in mounts] == [
        "/",
        "/proc",
        "/config",
        "/config/settings.yaml",
        "/mnt/my music",
    ]
    assert mounts[4] == Mount("/mnt/my music", "nfs4", "nas:/export")


def test_w09_b11_a_file_mounted_alone_is_named_with_the_cure() -> None:
    (note,) = describe_mounts(Path("/config"), parse_mountinfo(DOCKER), NAMES)
    assert note == (
        "settings.yaml is mounted as a single file, so a save by rename on the host never arrives; "
        "mount the directory instead."
    )


@pytest.mark.parametrize(
    "system", ["nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "virtiofs", "fakeowner"]
)
def test_w10_b11_a_network_file_system_is_recognised(system: str) -> None:
    text = f"1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:9 / /config rw - {system} host:/x rw"
    (note,) = describe_mounts(Path("/config/sub"), parse_mountinfo(text), NAMES)
    assert note.startswith(f"/config/sub lies on a network or shared file system ({system})")


@pytest.mark.parametrize("system", ["ext4", "btrfs", "xfs", "zfs", "overlay", "tmpfs", "fuse.mergerfs"])
def test_b11_a_local_file_system_needs_no_note(system: str) -> None:
    text = f"2 1 0:9 / /config rw - {system} dev rw\n3 1 0:8 / /conf rw - nfs host:/x rw"
    assert describe_mounts(Path("/config"), parse_mountinfo(text), NAMES) == ()


def test_of_two_mounts_on_one_point_the_later_is_seen() -> None:
    text = "1 0 0:9 / /config rw - nfs host:/x rw\n2 1 8:1 / /config rw - ext4 dev rw"
    assert describe_mounts(Path("/config"), parse_mountinfo(text), NAMES) == ()


@settings(deadline=None, max_examples=50)
@given(st.text(alphabet="01 -/\\\n:abc0459"))
def test_no_text_breaks_the_parser(text: str) -> None:
    for mount in parse_mountinfo(text):
        assert isinstance(mount.point, str)


def test_the_mount_table_of_this_system_can_be_read(tmp_path: Path) -> None:
    assert read_mountinfo(tmp_path / "nothing") == ""
    if text := read_mountinfo():
        assert any(mount.point == "/" for mount in parse_mountinfo(text))
