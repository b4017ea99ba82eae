#!/usr/bin/env python3
"""Runs Chroma's own test-suite (the files in the pinned wheel) against a server binary.

    run.py --server .build/release/chroma --core       the heart of it: one seed, the synchronous client
    run.py --server .build/release/chroma --jobs 2     every file, fresh seed
    run.py --server ... property/test_add.py           some files
    run.py --official --record-baseline --jobs 2       Chroma's own server, rewrites baseline.json

Passes when every selected test that passes on the official server passes here and nothing else fails or is skipped.
As root on Linux each job runs in a network of its own, so that the suite finds its server at localhost:8000.
"""
import argparse
import os
import queue
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import baseline
from environment import REPOSITORY, VENV, ensure_environment
from server import Server, ServerFailure, enter_private_network
from suite import CORE_FILES, FILES, NEEDS_PORT_8000, run_file

CORE_SEED = 20_240_501
SHOWN_UNREACHED = 10
OUTPUT = REPOSITORY / ".suite-output"


def main():
    options = parse_arguments()
    ensure_environment()
    enter_user_namespace_if_needed(options)
    seed = options.seed if options.seed is not None else CORE_SEED if options.core else random.randrange(2**32)
    fixture = options.fixture or ("sync" if options.core else "both")
    known = baseline.load()
    if not known and not options.record_baseline:
        sys.exit("baseline.json is missing: record it with --official --record-baseline")
    names = options.files or (CORE_FILES if options.core else FILES)
    names = sorted(names, key=lambda name: -known.get(name, {}).get("seconds", 0))  # longest first
    has_network = allows_private_network()
    if not has_network and NEEDS_PORT_8000 in names:
        names.remove(NEEDS_PORT_8000)
        print(f"{NEEDS_PORT_8000} is left out: it wants localhost:8000, and no network namespace can be made here")
    print(f"seed {seed}, fixture {fixture}, {options.jobs} job(s), logs in {OUTPUT.name}/", flush=True)
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir()

    started = time.monotonic()
    results, troubles = run_all(options, names, fixture, seed, has_network)
    totals = [sum(result.count(outcome) for result in results) for outcome in baseline.OUTCOMES]
    print_row("total", totals, time.monotonic() - started)
    lines = list(troubles)
    for name in names:
        result = next((each for each in results if each.name == name), None)
        if result is None:
            lines.append(f"{name}: did not run")
        elif options.record_baseline:
            lines += [f"{name}: {trouble}" for trouble in result.trouble]
        else:
            lines += baseline.differences(result, known, fixture)
    print_differences(lines)
    if lines:
        print(f"repeat with --seed {seed}")
    if options.record_baseline and not lines:
        baseline.record(results, {"server": "chromadb 1.5.9", "seed": seed})
        print(f"recorded {baseline.BASELINE.name}")
    passed, failed, error, skipped = totals
    missing = sum(1 for line in lines if not line.endswith((": failed", ": error")))
    print(f"{passed} passed, {failed + error + missing} failed, {skipped} skipped")
    return 1 if lines else 0


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--server", help="path of the binary under test")
    which.add_argument("--official", action="store_true", help="test Chroma's own server, out of the wheel")
    parser.add_argument("--core", action="store_true", help=f"{', '.join(CORE_FILES)}; fixed seed, sync client")
    parser.add_argument("--fixture", choices=["sync", "async", "both"], help="which HTTP client (default: both)")
    parser.add_argument("--seed", type=int, help="seed of the property tests")
    parser.add_argument("--jobs", type=int, default=1, help="servers, each with part of the files")
    parser.add_argument("--record-baseline", action="store_true", help="write baseline.json instead of comparing")
    parser.add_argument("files", nargs="*", help="below chromadb/test, such as property/test_add.py")
    options = parser.parse_args()
    if options.jobs < 1:
        parser.error("--jobs must be at least 1")
    if options.record_baseline and (options.files or options.core or options.fixture not in (None, "both")):
        parser.error("--record-baseline wants the whole suite")
    if options.server:
        binary = Path(options.server).resolve()
        if not os.access(binary, os.X_OK):
            parser.error(f"{options.server} is not an executable file")
        options.command = str(binary)
    else:
        options.command = str(VENV / "bin" / "chroma")
    return options


def enter_user_namespace_if_needed(options):
    """Without root, start this program again where it is root over its own network, if the system lets it."""
    if os.geteuid() == 0 or os.environ.get("SUITE_IN_NAMESPACE") or not shutil.which("unshare"):
        return
    prefix = ["unshare", "--user", "--map-root-user", "--net"]
    if subprocess.run(prefix + ["true"], stderr=subprocess.DEVNULL).returncode == 0:
        os.environ["SUITE_IN_NAMESPACE"] = "1"
        os.execvp(prefix[0], prefix + [sys.executable, *sys.argv])


def allows_private_network():
    """Tried in a thread of its own, since the thread that tries moves there."""
    def attempt():
        try:
            enter_private_network()
            return True
        except OSError:
            return False
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(attempt).result()


def run_all(options, names, fixture, seed, has_network):
    """Results in the order the files ended, and what befell the jobs."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    waiting = queue.SimpleQueue()
    for name in names:
        waiting.put(name)
    results, troubles, printing = [], [], threading.Lock()

    def job(index):
        if has_network:
            enter_private_network()
        port = 8000 if has_network else None
        while not stopping.is_set() and not waiting.empty():
            log = OUTPUT / f"server-{index}.log"
            with Server(options.command, port=port, official=options.official, log=log) as server:
                while server.is_running() and not stopping.is_set():
                    try:
                        name = waiting.get_nowait()
                    except queue.Empty:
                        return
                    result = run_file(name, server, OUTPUT, fixture, seed, stopping)
                    with printing:
                        results.append(result)
                        print_row(name, [result.count(outcome) for outcome in baseline.OUTCOMES], result.seconds)

    def guarded(index):
        try:
            job(index)
        except (ServerFailure, OSError) as error:
            troubles.append(f"job {index}: {error}")

    print_row("file", ["pass", "fail", "error", "skip"], "secs")
    threads = [threading.Thread(target=guarded, args=(index,)) for index in range(options.jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            thread.join(0.5)  # a plain join would keep the signal handlers waiting
    if stopping.is_set():
        troubles.append("interrupted")
    return results, troubles


def print_differences(lines):
    """All of them, except that a file cut short does not list every test it did not reach."""
    unreached = [line for line in lines if line.endswith(": did not run")]
    for line in lines:
        if line not in unreached[SHOWN_UNREACHED:]:
            print(f"WORSE {line}")
    if len(unreached) > SHOWN_UNREACHED:
        print(f"WORSE {len(unreached) - SHOWN_UNREACHED} more did not run")


def print_row(name, counts, seconds):
    seconds = seconds if isinstance(seconds, str) else f"{seconds:.0f}"
    print(f"{name:<60}" + "".join(f"{count:>7}" for count in counts) + f"{seconds:>7}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
