"""What the mount table says about the config folder: single files mounted alone, and file systems without events."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

MOUNTINFO = Path("/proc/self/mountinfo")

_ESCAPE = re.compile(r"\\([0-7]{3})")
_NETWORK = frozenset(
    """
    9p afs ceph cifs davfs drvfs fakeowner fuse.davfs2 fuse.glusterfs fuse.grpcfuse fuse.osxfs fuse.rclone fuse.s3fs
    fuse.sshfs fuse.vmhgfs-fuse glusterfs lustre ncpfs nfs nfs4 smb2 smb3 smbfs vboxsf virtiofs vmhgfs
    """.split()  # noqa: SIM905 - one name a line would fill the page
)


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of the mount table."""

    point: str
    file_system: str
    source: str


def read_mountinfo(path: Path = MOUNTINFO) -> str:
    """Return the text of the mount table, empty where the system has none."""
    try:
        return path.read_text("utf-8", errors="surrogateescape")
    except OSError:
        return ""


def parse_mountinfo(text: str) -> tuple[Mount, ...]:
    """Return the mounts that a text in the form of /proc/self/mountinfo lists; lines in another form are left out."""
    found = []
    for line in text.splitlines():
        left, separator, right = line.partition(" - ")
        before, after = left.split(" "), right.split(" ")
        if separator and len(before) >= 6 and len(after) >= 2:
            found.append(Mount(_unescape(before[4]), after[0], _unescape(after[1])))
    return tuple(found)


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda match: chr(int(match[1], 8)), text)


def describe_mounts(folder: Path, mounts: Iterable[Mount], names: Iterable[str]) -> tuple[str, ...]:
    """Return sentences about the mounts that the config folder and its files (`names`) lie on."""
    table = {mount.point: mount for mount in mounts}  # of two mounts on one point, the later one is seen
    alone = [name for name in names if str(folder / name) in table]
    found = [
        f"{name} is mounted as a single file, so a save by rename on the host never arrives; "
        "mount the directory instead."
        for name in alone
    ]
    below = _mount_of(folder, table)
    if below is not None and below.file_system in _NETWORK:
        found.append(
            f"{folder} lies on a network or shared file system ({below.file_system}), where changes made elsewhere "
            "announce no events; the scan finds them a few seconds later."
        )
    return tuple(found)


def _mount_of(folder: Path, table: dict[str, Mount]) -> Mount | None:
    path = PurePosixPath(folder)
    return next((table[str(parent)] for parent in (path, *path.parents) if str(parent) in table), None)
