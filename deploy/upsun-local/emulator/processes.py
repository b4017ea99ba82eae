"""Processes that end with the emulator: their making, their children, their end."""
import asyncio
import ctypes
import os
import signal
import time
from pathlib import Path
from typing import Any, Callable, Iterable

libc = ctypes.CDLL(None, use_errno=True)
PARENT_DEATH_SIGNAL = 1


def before_exec(groups: list[str]) -> Callable[[], None]:
    """In the child: end when the supervisor ends, even by SIGKILL, and join control groups."""
    def prepare() -> None:
        libc.prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
        for group in groups:
            descriptor = os.open(group, os.O_WRONLY)
            os.write(descriptor, b"0")
            os.close(descriptor)
    return prepare


async def spawn(command: list[str], environment: dict[str, str], *, directory: str = "/", groups: Iterable[str] = (), **more: Any
                ) -> asyncio.subprocess.Process:
    more = {"stdin": asyncio.subprocess.DEVNULL, **more}
    return await asyncio.create_subprocess_exec(
        *command, env=environment, cwd=directory, start_new_session=True, preexec_fn=before_exec(list(groups)), **more)


async def carry_out(command: list[str], text: str = "") -> str:
    """Runs a tool of the system to its end; what it says when it fails is the error."""
    process = await spawn(
        command, dict(os.environ), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
    output, _ = await process.communicate(text.encode())
    if process.returncode != 0:
        raise OSError(f"{' '.join(command)}: {output.decode(errors='replace').strip()}")
    return output.decode(errors="replace")


def children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def session_of(pid: int) -> int | None:
    """The session a process belongs to; None when it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[3])


def start_of(pid: int) -> int | None:
    """When a process began, in ticks since the machine did: tells it from a later one of the same number."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except OSError:
        return None


def boot() -> str:
    """This run of the machine."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def is_running(pid: int) -> bool:
    return session_of(pid) is not None


def title(pid: int) -> str:
    """The command line, or what a process has made of it."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
    except OSError:
        return ""


def in_session(session: int) -> list[int]:
    """All processes of a session."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            if session_of(int(name)) == session:
                found.append(int(name))
    return found


def end_session(session: int, seconds: float = 5) -> None:
    """SIGKILL to all of a session, until nothing is left of it."""
    deadline = time.monotonic() + seconds
    while (left := in_session(session)) and time.monotonic() < deadline:
        for pid in left:
            send(pid, signal.SIGKILL)
        time.sleep(0.01)


def in_pid_namespace(pid: int) -> list[int]:
    """All processes that live in the namespace of `pid`."""
    try:
        wanted = os.stat(f"/proc/{pid}/ns/pid").st_ino
    except OSError:
        return []
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if os.stat(f"/proc/{name}/ns/pid").st_ino == wanted and is_running(int(name)):
                    found.append(int(name))
            except OSError:
                pass
    return found


def send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


async def ended(process: asyncio.subprocess.Process, seconds: float) -> bool:
    try:
        await asyncio.wait_for(process.wait(), seconds)
    except asyncio.TimeoutError:
        return False
    return True


async def until(holds: Callable[[], bool], seconds: float, pause: float = 0.02) -> bool:
    """Asks again and again, with a deadline."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not holds():
        if asyncio.get_running_loop().time() > deadline:
            return False
        await asyncio.sleep(pause)
    return True


def resident(pid: int) -> tuple[int, int]:
    """Bytes resident now, and at most so far."""
    now = peak = 0
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                now = int(line.split()[1]) * 1024
            elif line.startswith("VmHWM:"):
                peak = int(line.split()[1]) * 1024
    except OSError:
        pass
    return now, peak
