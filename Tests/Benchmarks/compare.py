#!/usr/bin/env python3
"""This server and the official one under the same load, one after the other, on this machine, in one run.

    compare.py --ours BINARY --official PATH_TO_CHROMA [--rows 59500 --dim 384] [--quick] [--out BENCHMARKS.json]
    [--markdown] compare.py --render BENCHMARKS.json

Both run from fresh directories on loopback, never at once; the order alternates over the repeats; each figure is the
median over the repeats. A ratio above 1 means that ours is better, whichever way the figure counts. Exit status 1 if
ours is behind anywhere: below 1 by more than the tolerance for noise (3 %; recall 0.5 %).
"""

import argparse
import datetime
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

from dataset import Dataset
from measure import BATCH, NAMES, SELECTIVITIES, Measurement
from server import exit_on_signals  # in ../Crash, which measure has put on the path

TOLERANCE = 0.03
RECALL_TOLERANCE = 0.005


def line(name, ours, official):
    unit, better = NAMES[name]
    above, below = (ours, official) if better == "higher" else (official, ours)
    ratio = above / below if below else (1.0 if above == below else float("inf"))
    tolerance = RECALL_TOLERANCE if "recall" in name else TOLERANCE
    return {
        "name": name,
        "unit": unit,
        "better": better,
        "ours": ours,
        "official": official,
        "ratio": ratio,
        "ahead": ratio >= 1 - tolerance,
    }


def machine():
    with open("/proc/cpuinfo") as file:
        model = next((text.split(":", 1)[1].strip() for text in file if text.startswith("model name")), "unknown")
    with open("/proc/meminfo") as file:
        memory = round(int(file.readline().split()[1]) / 1048576)
    return {"cpu": model, "cores": os.cpu_count(), "memory_gb": memory, "kernel": os.uname().release}


class OtherWork:
    """What the rest of the machine does meanwhile: figures taken on a busy machine are not worth publishing.

    The servers count as ours, so `percent` is asked when they have ended.
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


def version(binary):
    """Of a pip installation the package's version (its command has another); else what `BINARY --version` says."""
    python = pathlib.Path(binary).parent / "python"
    try:
        if python.exists():
            asked = [str(python), "-c", "import importlib.metadata as m; print('chromadb', m.version('chromadb'))"]
            run = subprocess.run(asked, capture_output=True, text=True, timeout=60)
            if run.returncode == 0:
                return run.stdout.strip()
        run = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=60)
        return run.stdout.strip().splitlines()[-1] if run.returncode == 0 and run.stdout.strip() else ""
    except (OSError, subprocess.TimeoutExpired):
        return ""


def number(value, unit):
    if unit == "":
        return f"{value:.4f}"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}" if value >= 10 else f"{value:.3f}"


def markdown(result):
    about = result["machine"]
    lines = [
        f"{result['rows']:,} rows, {result['dimension']} dimensions, cosine, batches of {BATCH}; "
        f"{result['repeats']} repeats (median); "
        f"seed {result['seed']}; {result['date']}.",
        f"{about['cpu']}, {about['cores']} cores, {about['memory_gb']} GB, Linux {about['kernel']}. "
        f"Ours: {result['ours'] or 'unversioned'}. Official: {result['official'] or 'unversioned'}.",
        f"Other processes took {result['other_work_percent']} % of the machine meanwhile.",
        f"Ratio above 1: ours is better. Tolerance for noise {TOLERANCE:.0%}, recall {RECALL_TOLERANCE:.1%}.",
        "",
        "| | ours | official | ratio |",
        "|---|--:|--:|--:|",
    ]
    for row in result["lines"]:
        unit = f" {row['unit']}" if row["unit"] else ""
        mark = "" if row["ahead"] else " behind"
        lines.append(
            f"| {row['name']} | {number(row['ours'], row['unit'])}{unit} "
            f"| {number(row['official'], row['unit'])}{unit} | {row['ratio']:.2f}{mark} |"
        )
    return "\n".join(lines)


def table(result):
    lines = [f"{'':42}{'ours':>12}{'official':>12}{'ratio':>9}"]
    for row in result["lines"]:
        name = f"{row['name']} ({row['unit']})" if row["unit"] else row["name"]
        lines.append(
            f"{name:42}{number(row['ours'], row['unit']):>12}{number(row['official'], row['unit']):>12}"
            f"{row['ratio']:>9.2f}{'' if row['ahead'] else '  behind'}"
        )
    return "\n".join(lines)


def measure(arguments):
    data = Dataset(arguments.rows, arguments.dim, 200 if arguments.quick else 1000, arguments.seed)
    bodies = [data.batch(start, min(start + BATCH, data.rows)) for start in range(0, data.rows, BATCH)]
    truth = {None: data.nearest()}
    for percent in SELECTIVITIES:
        truth[percent] = data.nearest(mask=data.buckets < int(percent * 10))
    figures = {"ours": [], "official": []}
    other = OtherWork()
    binaries = {"ours": arguments.ours, "official": arguments.official}
    with tempfile.TemporaryDirectory(prefix="chroma-compare-logs-") as logs:
        for repeat in range(arguments.repeats):
            for side in ("ours", "official") if repeat % 2 == 0 else ("official", "ours"):
                log = str(pathlib.Path(logs) / side)
                measurement = Measurement(binaries[side], bodies, data, truth, 3 if arguments.quick else 10, log)
                figures[side].append(measurement.figures)
                print(f"repeat {repeat + 1}, {side}: done", file=sys.stderr, flush=True)
    median = {
        side: {name: statistics.median(run[name] for run in runs) for name in NAMES} for side, runs in figures.items()
    }
    return {
        "date": datetime.date.today().isoformat(),
        "seed": arguments.seed,
        "rows": arguments.rows,
        "dimension": arguments.dim,
        "repeats": arguments.repeats,
        "machine": machine(),
        "ours": version(arguments.ours),
        "official": version(arguments.official),
        "other_work_percent": round(other.percent(), 1),
        "lines": [line(name, median["ours"][name], median["official"][name]) for name in NAMES],
        "runs": figures,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", help="this server's binary")
    parser.add_argument("--official", help="the official `chroma` command (pip install chromadb==1.5.9)")
    parser.add_argument("--rows", type=int, default=None, help="59,500; with --quick 6,000")
    parser.add_argument("--dim", type=int, default=384)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=None, help="3; with --quick 1")
    parser.add_argument("--quick", action="store_true", help="small and once: for development, not for publishing")
    parser.add_argument("--out", help="write the result there as JSON")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    parser.add_argument("--render", metavar="JSON", help="print an earlier result as Markdown and measure nothing")
    arguments = parser.parse_args()
    exit_on_signals()
    if arguments.render:
        print(markdown(json.loads(pathlib.Path(arguments.render).read_text())))
        return
    if not arguments.ours or not arguments.official:
        parser.error("--ours and --official are required")
    arguments.rows = arguments.rows or (6000 if arguments.quick else 59500)
    arguments.repeats = arguments.repeats or (1 if arguments.quick else 3)
    result = measure(arguments)
    if arguments.out:
        pathlib.Path(arguments.out).write_text(json.dumps(result, indent=1) + "\n")
    about = result["machine"]
    print(
        f"{about['cpu']}, {about['cores']} cores; ours {result['ours']}; official {result['official']}; "
        f"{result['rows']} rows; seed {result['seed']}; {result['date']}"
    )
    print(f"other processes took {result['other_work_percent']} % of the machine meanwhile")
    print(markdown(result) if arguments.markdown else table(result))
    behind = [row["name"] for row in result["lines"] if not row["ahead"]]
    print(
        f"{len(result['lines']) - len(behind)} ahead or level, {len(behind)} behind"
        + (": " + ", ".join(behind) if behind else "")
    )
    sys.exit(1 if behind else 0)


if __name__ == "__main__":
    main()
