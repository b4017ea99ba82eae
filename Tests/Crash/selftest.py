#!/usr/bin/env python3
"""Do the harnesses notice? Each is run on `toy_server.py`, sound and with each of its faults.

selftest.py        about a minute and a half; ends with `N passed, N failed`
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
KILL = ["kill_cycles.py", "--cycles", "25", "--seed", "3", "--rows", "600"]
REPLAY = ["disklog/replay.py", "--samples", "40", "--seed", "3"]
FULL = ["disk_full.py", "--seed", "1"]
# (command, fault, whether the command must succeed)
CASES = [
    (KILL, "", True),
    (KILL, "ack-first", False),
    (KILL, "torn-batch", False),
    (REPLAY, "", True),
    (REPLAY, "no-sync", False),
    (REPLAY, "sync-normal", False),
    (REPLAY, "no-directory-sync", False),
    (REPLAY, "ack-first", False),
    (REPLAY, "torn-batch", False),
    (REPLAY + ["--no-sync-control"], "", True),
    (FULL, "", True),
    (FULL + ["--mode", "shim"], "", True),
    (FULL + ["--mode", "shim"], "full-is-500", False),
]


def main():
    model = subprocess.run([sys.executable, str(HERE / "disklog" / "test_image.py")], capture_output=True, text=True)
    print(
        f"{'ok' if model.returncode == 0 else 'WRONG'}: disklog/test_image.py"
        + (model.stderr if model.returncode else "")
    )
    passed, failed = int(model.returncode == 0), int(model.returncode != 0)
    for command, fault, must_succeed in CASES:
        directory = tempfile.mkdtemp(prefix="chroma-selftest-")  # failing runs keep their directories: in here
        arguments = [sys.executable, str(HERE / command[0]), "--server", str(HERE / "toy_server.py"), *command[1:]]
        run = subprocess.run(
            arguments, env=dict(os.environ, FAULT=fault, TMPDIR=directory), capture_output=True, text=True, timeout=600
        )
        # A harness that merely broke would fail too: what counts as noticing is a finished run that counts a failure.
        last = run.stdout.strip().splitlines()[-1] if run.stdout.strip() else ""
        right = run.returncode == (0 if must_succeed else 1) and last.endswith("failed") and not run.stderr.strip()
        passed, failed = passed + right, failed + (not right)
        print(
            f"{'ok' if right else 'WRONG'}: {' '.join(command)} {'FAULT=' + fault if fault else 'sound'}: {last}",
            flush=True,
        )
        if not right:
            print(run.stdout[-3000:] + run.stderr[-3000:])
        shutil.rmtree(directory)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
