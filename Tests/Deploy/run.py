#!/usr/bin/env python3
"""The bundle, deployed on this machine: the nineteen things that have to hold on the platform.

    run.py --server .build-release/release/chroma --myapp .build-release/release/myapp

Deploys a copy of this repository with `deploy/upsun-local`, twice: open (no token, no public database) and closed (a token, a public
route). The numbers before the sentences are those of the list in Tests/Deploy/README.md. `--only open|closed|scripts` runs a part,
`--keep` leaves the directories for a look.
"""
from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "Conformance")]

from checks import Results, Setting  # noqa: E402
from closed_part import closed_environment  # noqa: E402
from open_part import open_environment  # noqa: E402


def scripts(setting: Setting, results: Results) -> None:
    for name, sentence in (("bundle_test.py", "build and start scripts, token, tunnel"), ("lint_test.py", "rules of the configuration, one by one"),
                           ("emulator_test.py", "the emulator's own bounds")):
        done = subprocess.run([sys.executable, HERE / name], capture_output=True, text=True, timeout=600)
        ran = re.search(r"Ran (\d+) tests?", done.stderr)
        results.check(1, f"{sentence} ({ran.group(1) if ran else 0} tests)", done.returncode == 0 and ran, done.stderr[-1500:])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True, help="the release binary of the server")
    parser.add_argument("--myapp", required=True, help="the release binary of the sample app")
    parser.add_argument("--only", choices=["scripts", "open", "closed"], action="append")
    parser.add_argument("--keep", action="store_true", help="leave the directories")
    options = parser.parse_args()
    # An ordinary user's PATH does not lead to what administrators use.
    places = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin"
    missing = [tool for tool in ("nginx", "dash", "curl", "git") if shutil.which(tool, path=places) is None]
    if missing:
        print(f"needs {', '.join(missing)}: scripts/dependencies test", file=sys.stderr)
        return 69
    # As Ctrl-C does: what runs is stopped on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    results = Results()
    folder = Path(tempfile.mkdtemp(prefix="chroma-deploy-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        setting = Setting(options, folder)
        for name, part in (("scripts", scripts), ("open", open_environment), ("closed", closed_environment)):
            if not options.only or name in options.only:
                try:
                    part(setting, results)
                except (RuntimeError, subprocess.TimeoutExpired) as error:
                    results.check("", f"{name} came to its end", False, error)
    finally:
        if options.keep:
            print(f"kept {folder}")
        else:
            # What cannot be removed is still in use: a failure, told beside the others.
            shutil.rmtree(folder, ignore_errors=True)
            results.check("", "nothing is left behind", not folder.exists(), folder)
    print(f"\n{results.passed} passed, {results.failed} failed" + (f", {results.skipped} skipped" if results.skipped else ""))
    return 1 if results.failed else 0


if __name__ == "__main__":
    sys.exit(main())
