"""What each process used of the processors, whatever else the machine had to do: the figure that noise does not change."""

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
SERVICES = ("intake", "capacity", "notifier", "matcher")
LOOKING = "matcher, looking"
USED = (11, 12, 13, 14)
"""Ticks of a process itself and of its children that have ended, in user and system mode, after the name of the process."""
PARENT, NICENESS = 1, 16


@dataclass(frozen=True, slots=True)
class _Process:
    pid: int
    parent: int
    niceness: int
    seconds: float
    command: str


def used_s() -> dict[str, float]:
    """Seconds of processor time so far, of this process and all that it has started, by what each is for."""
    running = {one.pid: one for one in _running()}
    used: dict[str, float] = defaultdict(float)
    for one in running.values():
        if _is_ours(one, running):
            used[_named(one, running)] += one.seconds
    return dict(used)


def between(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """What was used from one moment to another; a process that was replaced counts from its beginning."""
    spent = {name: seconds - before.get(name, 0.0) for name, seconds in after.items()}
    return {name: seconds if seconds >= 0 else after[name] for name, seconds in sorted(spent.items())}


def _running() -> Iterator[_Process]:
    for directory in PROC.glob("[0-9]*"):
        try:
            fields = (directory / "stat").read_text().rpartition(")")[2].split()
            command = (directory / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # it has ended meanwhile
            continue
        seconds = sum(int(fields[one]) for one in USED) / TICKS
        yield _Process(int(directory.name), int(fields[PARENT]), int(fields[NICENESS]), seconds, command)


def _is_ours(one: _Process, running: Mapping[int, _Process]) -> bool:
    while one.pid != os.getpid():
        if one.parent not in running:
            return False
        one = running[one.parent]
    return True


def _named(one: _Process, running: Mapping[int, _Process]) -> str:
    if one.pid == os.getpid():
        return "clients"
    if "postgres" in one.command:
        return "postgresql"
    if "kafka.Kafka" in one.command or "java" in one.command.split(" ", 1)[0]:
        return "kafka"
    if "spawn_main" in one.command:
        parent = running.get(one.parent)
        is_looking = parent is not None and one.niceness > parent.niceness
        return LOOKING if is_looking else "matcher, planning"
    return next((name for name in SERVICES if f"services.{name}" in one.command), "others")
