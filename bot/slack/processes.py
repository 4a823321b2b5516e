"""Which process of ours it is, in words that another can judge: whether it still lives."""

import os
import secrets
import socket
from functools import cache
from pathlib import Path
from typing import Final

ALIVE_SECONDS: Final = 20.0
"""How long a process counts as living after a word of its own, for those who cannot see it."""
_PROC = Path("/proc")


def this_process() -> str:
    """A name that no other process ever has: where it runs, its number there, when it began, and chance."""
    return _named(os.getpid())


@cache
def _named(pid: int) -> str:
    return f"{_place()}/{pid}/{_began(pid)}/{secrets.token_hex(4)}"


def has_ended(name: str) -> bool | None:
    """Whether the process has ended; None where that cannot be seen from here."""
    place, pid, began, _ = (*name.split("/"), "", "", "", "")[:4]
    if not (place and pid.isdecimal() and began) or place != _place():
        return None
    return _began(int(pid)) != began


@cache
def _place() -> str:
    """The machine, its boot, and the numbering of processes there; empty where the system does not say."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{socket.gethostname()}-{boot}-{(_PROC / 'self/ns/pid').stat().st_ino}"
    except OSError:
        return ""


def _began(pid: int) -> str:
    """When it began, in ticks: numbers are given twice, beginnings are not; empty: it is gone."""
    try:
        state, *fields = (_PROC / str(pid) / "stat").read_text("utf-8").rpartition(")")[2].split()
    except (OSError, ValueError):
        return ""
    return "" if state == "Z" else fields[18]
