"""Processes as config.db names them: so that a run of a dead process is told apart from one that goes on."""

import os
from contextlib import suppress
from pathlib import Path

_START_TIME = 19  # field 22 of /proc/PID/stat, counted after the name in parentheses, which may hold anything


def own_process() -> str:
    """Return the text that names this process: boot, pid and start, unique also when a pid comes again."""
    return _process_name(os.getpid())


def is_alive(process: str) -> bool:
    """Whether the process of that text still runs on this machine."""
    pid = process.split(":")[1] if process.count(":") == 2 else ""
    return pid.isdigit() and _process_name(int(pid)) == process


def _process_name(pid: int) -> str:
    boot = start = ""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()[:8]
    try:
        line = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        start = line.rpartition(")")[2].split()[_START_TIME]
    except OSError:
        if not _answers(pid):
            return ""
    return f"{boot}:{pid}:{start}"


def _answers(pid: int) -> bool:
    """Whether a process of that number exists, where there is no /proc."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
