#!/usr/bin/env python3
"""The virtual environment of the benchmark, .venv-bench: the peers and what draws, at the versions pinned beside this file.

hnswlib comes as source and is compiled for this machine's processor.
"""

import importlib.util
from pathlib import Path

HERE = Path(__file__).resolve().parent


def bench_environment():
    # Under another name than this file's.
    place = HERE.parent / "Conformance" / "environment.py"
    spec = importlib.util.spec_from_file_location("suite_environment", place)
    suite = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(suite)
    home = HERE.parents[1] / ".venv-bench"
    return suite.ensure_environment(home, [HERE / "requirements.txt", HERE / "constraints.txt"])


if __name__ == "__main__":
    print(bench_environment())
