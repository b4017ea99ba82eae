"""wrk: connections that each send the next request when the answer is there."""

import os
import pathlib
import subprocess
import tempfile

from server import ServerFailed  # in ../Crash

SCRIPT = pathlib.Path(__file__).with_name("replay.lua")


def run(port, path, bodies, connections, seconds):
    """{"rate": requests/s, "p50": ms, "p99": ms}. An answer that is not a 2xx fails the measurement."""
    with tempfile.NamedTemporaryFile("wb", suffix=".jsonl") as file:
        file.write(b"\n".join(bodies) + b"\n")
        file.flush()
        command = ["wrk", f"-t{min(2, connections)}", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s"]
        output = subprocess.run(
            [*command, "-s", str(SCRIPT), f"http://127.0.0.1:{port}{path}"],
            env=dict(os.environ, BODIES=file.name),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    return parse(output)


def parse(output):
    line = next(line for line in output.splitlines() if line.startswith("RESULT"))
    requests, microseconds, errors, median, high = map(int, line.split()[1:])
    if errors:
        raise ServerFailed(f"wrk counted {errors} errors in {requests} requests")
    return {"rate": requests / (microseconds / 1e6), "p50": median / 1000, "p99": high / 1000}
