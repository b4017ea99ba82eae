"""Requests at scheduled times, by `open_loop.c`, compiled at first use."""

import pathlib
import subprocess
import tempfile

import numpy

from load import percentile

SOURCE = pathlib.Path(__file__).with_name("open_loop.c")
BINARY = pathlib.Path(__file__).resolve().parents[3] / ".bench" / "open_loop"
CONNECTIONS = 64


def binary():
    if not BINARY.exists() or BINARY.stat().st_mtime < SOURCE.stat().st_mtime:
        BINARY.parent.mkdir(exist_ok=True)
        subprocess.run(["gcc", "-O2", "-o", BINARY, SOURCE, "-lm"], check=True)
    return BINARY


class OpenLoop:
    """Under way from the start; `finish` waits for its end."""

    def __init__(self, port, path, bodies, rate, seconds, connections=CONNECTIONS, seed=1):
        self.folder = tempfile.TemporaryDirectory(prefix="chroma-open-loop-")
        place = pathlib.Path(self.folder.name)
        (place / "bodies").write_bytes(b"\n".join(bodies) + b"\n")
        self.latencies = place / "latencies"
        arguments = [port, path, place / "bodies", connections, rate, seconds, seed, self.latencies]
        self.process = subprocess.Popen([binary(), *map(str, arguments)], stdout=subprocess.PIPE, text=True)

    def finish(self):
        """{"p50", "p99": ms from the scheduled times, "answered", "failed", "late"}."""
        output, _ = self.process.communicate()
        sent, answered, failed, late = map(int, output.split())
        times = numpy.fromfile(self.latencies, "<f4")
        self.folder.cleanup()
        return {"answered": answered, "failed": failed, "late": late, **percentile.of(times.tolist(), failed)}

