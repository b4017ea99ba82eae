"""Memory limits by control groups, version 2 or 1, where the machine lets us have them."""
import os
import signal
import time
from pathlib import Path
from typing import Any

TOP = Path("/sys/fs/cgroup")


def number(path: Path) -> int | None:
    try:
        text = path.read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None


class MemoryGroup:
    """The control group of one container."""

    def __init__(self, folder: Path, version: int):
        self.folder, self.version = folder, version

    @classmethod
    def make(cls, stack: str, name: str, limit: int) -> "MemoryGroup | None":
        """A group with a limit; None where that cannot be had."""
        version = 2 if (TOP / "cgroup.controllers").exists() else 1
        base = TOP if version == 2 else TOP / "memory"
        folder = base / f"upsun-local-{stack}" / name
        try:
            if version == 2:
                if "memory" not in (base / "cgroup.controllers").read_text().split():
                    return None
                folder.parent.mkdir(exist_ok=True)
                for parent in (base, folder.parent):
                    if "memory" not in (parent / "cgroup.subtree_control").read_text().split():
                        (parent / "cgroup.subtree_control").write_text("+memory")
                folder.mkdir(exist_ok=True)
                (folder / "memory.max").write_text(str(limit))
                if (folder / "memory.swap.max").exists():
                    (folder / "memory.swap.max").write_text("0")
            else:
                if not (base / "memory.limit_in_bytes").exists():
                    return None
                folder.parent.mkdir(exist_ok=True)
                folder.mkdir(exist_ok=True)
                (folder / "memory.limit_in_bytes").write_text(str(limit))
                if (folder / "memory.memsw.limit_in_bytes").exists():
                    (folder / "memory.memsw.limit_in_bytes").write_text(str(limit))
        except OSError:
            cls(folder, version).remove()
            return None
        return cls(folder, version)

    @property
    def entry(self) -> str:
        """The file a process writes 0 to, to join."""
        return str(self.folder / "cgroup.procs")

    @property
    def shown(self) -> list[list[str]]:
        """Where the container sees it, below /sys/fs/cgroup."""
        return [[str(self.folder), "" if self.version == 2 else "memory"]]

    def figures(self) -> dict[str, Any]:
        names = ("memory.current", "memory.peak", "memory.max") if self.version == 2 else (
            "memory.usage_in_bytes", "memory.max_usage_in_bytes", "memory.limit_in_bytes")
        now, peak, limit = (number(self.folder / name) for name in names)
        facts = {}
        try:
            facts = dict(line.split() for line in (self.folder / "memory.stat").read_text().splitlines())
        except OSError:
            pass
        anonymous = int(facts.get("anon", facts.get("total_rss", 0)))
        return {"now": now, "peak": peak, "limit": limit, "anonymous": anonymous, "killed": self.killed()}

    def killed(self) -> int:
        """How many processes were killed for want of memory."""
        name = "memory.events" if self.version == 2 else "memory.oom_control"
        try:
            facts = dict(line.split() for line in (self.folder / name).read_text().splitlines())
        except OSError:
            return 0
        return int(facts.get("oom_kill", 0))

    def remove(self) -> None:
        """Ends what is still in it and takes it away."""
        deadline = time.monotonic() + 5
        while self.folder.exists() and time.monotonic() < deadline:
            try:
                self.folder.rmdir()
            except OSError:
                for pid in self.members():
                    try:
                        os.kill(pid, signal.SIGKILL)
                    except ProcessLookupError:
                        pass
                time.sleep(0.02)
        try:
            self.folder.parent.rmdir()
        except OSError:
            pass

    def members(self) -> list[int]:
        try:
            return [int(line) for line in (self.folder / "cgroup.procs").read_text().split()]
        except OSError:
            return []


def remove_leftovers(stack: str) -> None:
    """Groups of a stack whose supervisor was killed."""
    for base, version in ((TOP, 2), (TOP / "memory", 1)):
        folder = base / f"upsun-local-{stack}"
        if folder.is_dir():
            for path in folder.iterdir():
                if path.is_dir():
                    MemoryGroup(path, version).remove()
            try:
                folder.rmdir()
            except OSError:
                pass
