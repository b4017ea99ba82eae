"""What a command costs: seconds, seconds of processors, memory of its largest programs and of all of them together."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Cost:
    """Of one command with all its descendants."""

    status: int
    seconds: float
    cpu_seconds: float
    #: Most that all processes together held in memory of their own, in bytes, as seen four times a second.
    together: int
    #: Most of one process by the program's name, in bytes.
    programs: dict[str, int] = field(default_factory=dict)

    @property
    def largest(self) -> tuple[str, int]:
        """The program that held most."""
        return max(self.programs.items(), key=lambda item: item[1], default=("", 0))


def run_and_measure(command: list[str], environment: dict[str, str], deadline: float, log: Path) -> Cost:
    """Output goes to the end of `log`. Raises `TimeoutError` after `deadline` seconds, when the command has been killed."""
    begun = time.monotonic()
    programs: dict[str, int] = {}
    together = 0
    with log.open("ab") as output:
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    waiter = os.pidfd_open(process.pid)
    try:
        poll = select.poll()
        poll.register(waiter, select.POLLIN)
        while not poll.poll(250):
            if time.monotonic() - begun > deadline:
                raise TimeoutError(f"not done after {deadline:.0f} s: {' '.join(command[:3])} …; see {log}")
            memory = descendants_memory(process.pid)
            together = max(together, sum(own for _, own, _ in memory))
            for name, _, peak in memory:
                programs[name] = max(programs.get(name, 0), peak)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    finally:
        os.close(waiter)
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
            process.wait()
    return Cost(process.returncode, time.monotonic() - begun, usage.ru_utime + usage.ru_stime, together, programs)


def descendants_memory(ancestor: int) -> list[tuple[str, int, int]]:
    """Name, own memory now and largest memory so far, in bytes, of every process below `ancestor`."""
    parents: dict[int, int] = {}
    facts: dict[int, tuple[str, int, int]] = {}
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            lines = dict(line.split(":", 1) for line in Path(entry.path, "status").read_text().splitlines())
        except (OSError, ValueError):  # has ended
            continue
        process = int(entry.name)
        parents[process] = int(lines["PPid"])
        facts[process] = (lines["Name"].strip(), kilobytes(lines, "RssAnon"), kilobytes(lines, "VmHWM"))
    found = {ancestor}
    while grown := {child for child, parent in parents.items() if parent in found} - found:
        found |= grown
    return [facts[process] for process in found - {ancestor} if process in facts]


def kilobytes(lines: dict[str, str], key: str) -> int:
    return int(lines.get(key, "0").split()[0]) * 1024
