"""Who holds a run: a name that says on which host and in which process, so that a dead holder can be told at once."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from saga_agent.ids import new_id


def runner_name() -> str:
    """A name for a runner of this process: `host/boot/pid/start/id`.

    Boot id and start time keep a recycled pid, or the same pid after a reboot or in another container, apart.
    """
    return "/".join((socket.gethostname(), _boot_id(), str(os.getpid()), _started(os.getpid()) or "0", new_id("own")))


def is_dead(name: str | None) -> bool:
    """Whether that runner's process is known to be gone; False where this host cannot tell."""
    if (process := _process_here(name)) is None:
        return False
    pid, started = process
    return not _exists(pid) if started == "0" else _started(pid) != started


def is_at_work(name: str | None) -> bool:
    """Whether that runner's is another process of this host that is known to live, and has not been halted.

    False where this host cannot tell. Of a runner in this very process it says nothing: it may have been closed.
    """
    if (process := _process_here(name)) is None:
        return False
    pid, started = process
    return pid != os.getpid() and started != "0" and _started(pid) == started and _state(pid) not in ("T", "t")


def _process_here(name: str | None) -> tuple[int, str] | None:
    """The pid and start of that runner's process, if it is one of this host since it booted."""
    parts = (name or "").split("/")
    if len(parts) != 5 or parts[0] != socket.gethostname() or parts[1] != _boot_id():
        return None
    return int(parts[2]), parts[3]


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _boot_id() -> str:
    """The machine's boot and process namespace; empty where the system does not tell."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}.{Path('/proc/self/ns/pid').readlink()}".replace("/", "")
    except OSError:
        return ""


def _started(pid: int) -> str | None:
    """When the process started, in clock ticks since boot; None if there is none, or a zombie, or nobody tells."""
    fields = _stat(pid)
    return None if fields is None or fields[0] in ("Z", "X") else fields[19]


def _state(pid: int) -> str:
    """How the process stands, as the system's letter (`T`: halted); empty if nobody tells."""
    fields = _stat(pid)
    return fields[0] if fields else ""


def _stat(pid: int) -> list[str] | None:
    """What the system tells of a process after its name: state, parent, ...; None if there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
