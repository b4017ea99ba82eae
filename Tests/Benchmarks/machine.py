"""What a figure was taken on."""

import importlib.metadata
import os
import pathlib
import resource
import subprocess
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


def about():
    with open("/proc/cpuinfo") as file:
        model = next((text.split(":", 1)[1].strip() for text in file if text.startswith("model name")), "unknown")
    with open("/proc/meminfo") as file:
        memory = round(int(file.readline().split()[1]) / 1048576)
    return {"cpu": model, "cores": os.cpu_count(), "memory_gb": memory, "kernel": os.uname().release}


class OtherWork:
    """What the rest of the machine does meanwhile: figures taken on a busy machine are not worth publishing.

    Processes that were started and have ended count as ours, so `percent` is asked when the servers have ended.
    """

    def __init__(self):
        self.begun, self.before = time.monotonic(), self.seconds()

    def seconds(self):
        with open("/proc/stat") as file:
            user, nice, system, _, _, interrupt, soft = map(int, file.readline().split()[1:8])
        busy = (user + nice + system + interrupt + soft) / os.sysconf("SC_CLK_TCK")
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return busy - sum(usage.ru_utime + usage.ru_stime for usage in used)

    def percent(self):
        return 100 * (self.seconds() - self.before) / ((time.monotonic() - self.begun) * os.cpu_count())


def commit():
    """The short hash of this repository, with a plus sign when files differ from it."""
    run = subprocess.run(
        ["git", "describe", "--always", "--exclude=*", "--dirty=+"], cwd=REPOSITORY, capture_output=True, text=True
    )
    return run.stdout.strip() or "unknown"


def versions(official):
    """Names and versions of all that is compared."""
    found = {"ours": commit()}
    for package in ("hnswlib", "usearch", "lancedb", "pgserver", "numpy"):
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    python = pathlib.Path(official).parent / "python"
    asked = [str(python), "-c", "import importlib.metadata as m; print(m.version('chromadb'))"]
    try:
        run = subprocess.run(asked, capture_output=True, text=True, timeout=60)
        found["chromadb"] = run.stdout.strip() or "unknown"
    except (OSError, subprocess.TimeoutExpired):
        found["chromadb"] = "unknown"
    return found
