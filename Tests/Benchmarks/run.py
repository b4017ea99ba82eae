#!/usr/bin/env python3
"""The benchmark: this server and this index against their peers, in one run on one machine.

    run.py [--only index,server,growth,context] [--set text,clustered,product] [--quick] [--continue] [--publish]

Each part writes a JSON of its own into the results directory (.bench/results, or .bench/quick), so a broken-off run goes on with
--continue. Prints every line with its goal and its floor; exit status 1 if a line is below its floor. --publish writes the tables
into BENCHMARKS.md, the claims into README.md and the pictures into docs/benchmarks. --render does that with the results that are there
and measures nothing.

On two cores a whole run takes about two hours and a half: index 35 minutes, server 60 (most of it the official one's), growth 40,
context 10; the data sets are made before, once: 20 minutes. --quick takes less than five minutes.
"""

import argparse
import datetime
import json
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "Crash")]

import goals  # noqa: E402
import machine  # noqa: E402
import report  # noqa: E402
from parts import context, growth, index_alone, server  # noqa: E402
from sets import load  # noqa: E402
from sets.growth import Growth  # noqa: E402

from server import exit_on_signals  # noqa: E402  (in ../Crash)

PARTS = ["index", "server", "growth", "context"]
QUICK_ROWS = {"text": 6000, "clustered": 10_000, "product": 4000}
OFFICIAL_GROWS_TO = 100_000
REPOSITORY = HERE.parent.parent


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def measure_index(options, data):
    folder = load.index_folder(data)
    return index_alone.run(options.index_bench, folder, data.space, options.quick, say)


def measure_server(options, data):
    binaries = {"ours": options.ours, "official": options.official}
    return server.run(binaries, data, options.seconds, options.repeats, say)


def measure_growth(options, data):
    sizes = [10_000, 20_000] if options.quick else growth.SIZES
    data.prepare(max(sizes) + 2 * growth.OPENINGS * 10_000)
    small = [size for size in sizes if size <= (10_000 if options.quick else OFFICIAL_GROWS_TO)]
    return {
        "ours": growth.run(options.ours, data, sizes, say),
        "official": growth.run(options.official, data, small, say),
    }


def measure_context(options, data):
    return context.run(data, 100 if options.quick else 500, say)


def wanted(options):
    """(part, data set) of all that is to run. Growth has a set of its own; context takes the real text."""
    for part in options.only:
        if part in ("index", "server"):
            yield from ((part, name) for name in options.set)
        else:
            yield part, "growth" if part == "growth" else "text"


def path_of(options, part, name):
    return options.results / (f"{part}-{name}.json" if part != name else f"{part}.json")


def measure(options, part, name):
    say(f"{part}, {name}")
    measures = {"index": measure_index, "server": measure_server, "growth": measure_growth, "context": measure_context}
    data = Growth() if part == "growth" else load.load(name, QUICK_ROWS[name] if options.quick else None)
    other, begun = machine.OtherWork(), time.monotonic()
    result = measures[part](options, data)
    run = {
        "part": part,
        "set": name,
        "quick": options.quick,
        "of": None if part == "growth" else data.about,
        "seed": load.SEED,
        "date": datetime.date.today().isoformat(),
        "machine": machine.about(),
        "versions": machine.versions(options.official),
        "other_work_percent": other.percent(),
        "seconds": time.monotonic() - begun,
        "result": result,
    }
    path = path_of(options, part, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(run, indent=1) + "\n")


def lines_of(run):
    if run["part"] == "index":
        return goals.of_index(run["set"], run["result"])
    if run["part"] == "server":
        return goals.of_server(run["set"], run["result"])
    return goals.of_growth(run["result"]) if run["part"] == "growth" else []


def table_of(run):
    lines = lines_of(run)
    parts = [report.heading(run)] + ([report.markdown(lines)] if lines else [])
    if run["part"] == "growth":
        parts.append(report.growth_table(run["result"]))
        parts.append("![Ingest rate and query time against collection size](docs/benchmarks/growth.svg)")
    if run["part"] == "context":
        parts.append(report.context(run["result"]))
    return "\n\n".join(parts)


def publish(runs, options):
    import plots

    page, pictures = options.page, options.pictures
    text = page.read_text()
    for name, run in runs.items():
        text = report.into(text, name, table_of(run))
    page.write_text(text)
    # Of all results that are there, whatever part was asked for.
    kept = [json.loads(path.read_text()) for path in sorted(options.results.glob("*.json"))]
    claims = report.claims([line for run in kept for line in lines_of(run)], page.name)
    options.front.write_text(report.into(options.front.read_text(), "claims", claims))
    curves = {run["set"]: run["result"] for run in runs.values() if run["part"] == "index"}
    if curves:
        titles = {run["set"]: run["of"]["title"] for run in runs.values() if run["part"] == "index"}
        plots.recall_against_speed(curves, titles, pictures / "recall.svg")
    if "growth" in runs:
        plots.growth(runs["growth"]["result"], pictures / "growth.svg")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas between")
    parser.add_argument("--set", default=",".join(load.SPACES), help="data sets, with commas between")
    parser.add_argument("--ours", default=REPOSITORY / ".build-release/release/chroma", help="the server's binary")
    parser.add_argument("--official", default=REPOSITORY / ".venv-suite/bin/chroma", help="chromadb 1.5.9's `chroma`")
    parser.add_argument(
        "--index-bench", default=REPOSITORY / ".build-engine-release/release/vector-index-bench", help="its binary"
    )
    parser.add_argument("--repeats", type=int, default=1, help="runs of each server; figures are medians")
    parser.add_argument("--seconds", type=int, default=None, help="of each load: 10, with --quick 2")
    parser.add_argument("--quick", action="store_true", help="small: for development, not for publishing")
    parser.add_argument("--continue", dest="continued", action="store_true", help="leave out what has a result")
    parser.add_argument("--publish", action="store_true", help="write BENCHMARKS.md and the pictures")
    parser.add_argument("--render", action="store_true", help="publish the results that are there")
    parser.add_argument("--results", type=pathlib.Path, default=None)
    parser.add_argument("--page", type=pathlib.Path, default=REPOSITORY / "BENCHMARKS.md")
    parser.add_argument("--front", type=pathlib.Path, default=REPOSITORY / "README.md", help="where the claims stand")
    parser.add_argument("--pictures", type=pathlib.Path, default=REPOSITORY / "docs/benchmarks")
    options = parser.parse_args()
    options.only, options.set = options.only.split(","), options.set.split(",")
    for asked, known in ((options.only, PARTS), (options.set, load.SPACES)):
        if not set(asked) <= set(known):
            parser.error(f"{', '.join(asked)}: one of {', '.join(known)}")
    if options.quick and (options.publish or options.render):
        parser.error("--quick is not for publishing")
    options.results = options.results or load.CACHE / ("quick" if options.quick else "results")
    options.seconds = options.seconds or (2 if options.quick else 10)
    options.ours, options.official, options.index_bench = map(
        str, (options.ours, options.official, options.index_bench)
    )
    return options


def main():
    options = arguments()
    exit_on_signals()
    if not options.render:
        for part, name in wanted(options):
            if not (options.continued and path_of(options, part, name).exists()):
                measure(options, part, name)
    runs = {}
    for part, name in wanted(options):
        path = path_of(options, part, name)
        if path.exists():
            runs[path.stem] = json.loads(path.read_text())
    if options.publish or options.render:
        publish(runs, options)
    lines = [line for run in runs.values() for line in lines_of(run)]
    for run in runs.values():
        if run["part"] == "context":
            print(report.context(run["result"]))
    if lines:
        print(report.plain(lines))
    below = [f"{line['set']}: {line['name']}" for line in lines if goals.verdict(line) == "below the floor"]
    missed = sum(goals.verdict(line) == "below the goal" for line in lines)
    print(f"{len(lines)} lines: {len(below)} below the floor, {missed} more below the goal")
    for name in below:
        print(f"below the floor: {name}")
    sys.exit(1 if below else 0)


if __name__ == "__main__":
    main()
