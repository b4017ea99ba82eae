#!/usr/bin/env python3
"""Does the Swift client do on a server what every ChromaAPI must do, and does it understand Chroma's Python client?

    run.py --official                          Chroma's own server 1.5.9, from .venv-suite
    run.py --server .build-release/release/chroma

Needs the unit tests built: `CHROMA_TEST_SPEED=1 swift build --build-tests`. What the official server is known to do
otherwise is listed with its reason in Tests/ChromaClientTests/LiveServerConformanceTests.swift.
"""
import argparse
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

from environment import REPOSITORY, VENV, ensure_environment  # noqa: E402
from server import Server, ServerFailure  # noqa: E402

SECONDS = 600


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--official", action="store_true", help="Chroma's own server")
    which.add_argument("--server", help="path of the binary under test")
    options = parser.parse_args()
    python = ensure_environment()
    server = Server(
        str(VENV / "bin" / "chroma") if options.official else options.server, official=options.official,
        environment={"ALLOW_RESET": "FALSE", "ANONYMIZED_TELEMETRY": "FALSE"})
    try:
        with server:
            lines = transcript(server, python, "official" if options.official else "ours")
    except (ServerFailure, subprocess.TimeoutExpired) as error:
        lines = [f"FAILED  {error}"]
    print("\n".join(lines))
    counts = {word: sum(line.startswith(word) for line in lines) for word in ("PASSED", "DIFFERS", "FAILED")}
    if counts["DIFFERS"]:
        print(f"{counts['DIFFERS']} differ as listed")
    print(f"{counts['PASSED']} passed, {counts['FAILED']} failed")
    return 1 if counts["FAILED"] or not counts["PASSED"] else 0


def transcript(server, python, kind):
    """The lines of both clients that begin with PASSED, DIFFERS or FAILED, and what explains them."""
    lines = output([python, HERE / "python_client.py", "write", "from-python", "--port", str(server.port)], server)
    environment = {
        "CHROMA_LIVE_SERVER": kind, "CHROMA_HOST": "127.0.0.1", "CHROMA_PORT": str(server.port),
        "CHROMA_TEST_SPEED": "1", "CHROMA_RECORDS": str(HERE / "records.json")}
    lines += output(
        ["swift", "test", "--skip-build", "--filter", "LiveServerConformanceTests"], server, REPOSITORY, environment)
    lines += output([python, HERE / "python_client.py", "read", "from-swift", "--port", str(server.port)], server)
    return lines


def output(command, server, directory=None, environment=None):
    ran = subprocess.run(
        command, cwd=directory or server.directory, env={**os.environ, "ANONYMIZED_TELEMETRY": "FALSE", **(environment or {})},
        capture_output=True, text=True, timeout=SECONDS)
    lines = [line for line in ran.stdout.splitlines() if line.startswith(("PASSED", "DIFFERS", "FAILED", "        "))]
    if ran.returncode != 0 and not any(line.startswith("FAILED") for line in lines):
        lines.append(f"FAILED  {command[1]} ended with {ran.returncode}\n{(ran.stdout + ran.stderr)[-3000:]}")
    return lines


if __name__ == "__main__":
    sys.exit(main())
