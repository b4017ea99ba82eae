"""Part `index`: the graph alone, in process, by one thread, against hnswlib and usearch on the same vectors.

M 16 and ef construction 100 for all. Speed by CPU time, the best of five passes over all queries, for each of them once.
"""

import json
import subprocess
import time

import numpy

CONNECTIVITY, CONSTRUCTION = 16, 100
WIDTHS = [10, 14, 20, 28, 40, 56, 80, 112, 160, 224, 320, 450, 640, 900]
ENOUGH = 0.999  # wider searches than the first to reach it are left out
PASSES = 5
# One thread, as two are measured: what they are compared with. Only of ours.
BY_THE_CLOCK = "1 by the clock"
USEARCH_FORMS = ["f32", "bf16", "f16", "i8"]


def run(binary, folder, space, quick, progress):
    """{contender: {"curve": [{"ef", "recall", "qps"}], "build": {threads: rows/s}}}, ours first."""
    rows, dimension, count = map(int, (folder / "shape.txt").read_text().split())
    base = numpy.fromfile(folder / "base.f32", "<f4").reshape(-1, dimension)[:rows]
    queries = numpy.fromfile(folder / "queries.f32", "<f4").reshape(count, dimension)
    truth = numpy.fromfile(folder / "truth.i32", "<i4").reshape(count, -1)
    forms = ["f32", "i8"] if quick else USEARCH_FORMS
    found = {"ours": ours(binary, folder, space)}
    progress("index, ours: done")
    found["hnswlib"] = hnswlib_index(base, queries, truth, space)
    progress("index, hnswlib: done")
    for form in forms:
        found[f"usearch {form}"] = usearch_index(base, queries, truth, space, form)
        progress(f"index, usearch {form}: done")
    return found


def ours(binary, folder, space):
    run = subprocess.run([binary, "build", folder, space], capture_output=True, text=True, check=True)
    return parse(run.stdout)


def parse(output):
    """Lines of JSON, of builds and of queries; of these, those of the usual walk by codes."""
    curve, build = [], {}
    for line in map(json.loads, filter(lambda text: text.startswith("{"), output.splitlines())):
        if line["what"] == "build":
            build |= {str(line["threads"]): line["rows_per_cpu_second" if line["threads"] == 1 else "rows_per_second"]}
            build |= {BY_THE_CLOCK: line["rows_per_second"]} if line["threads"] == 1 else {}
        elif line["what"] == "query" and line["codes"]:
            curve.append({name: line[name] for name in ("ef", "recall", "qps")})
    if not curve or not build:
        raise ValueError(f"no figures in what the index benchmark printed: {output[-500:]!r}")
    return {"curve": curve, "build": build}


def hnswlib_index(base, queries, truth, space):
    import hnswlib

    build = {}
    for threads in (2, 1):
        # By inner product, which for unit vectors is the cosine without its cost.
        index = hnswlib.Index(space="l2" if space == "l2" else "ip", dim=base.shape[1])
        index.init_index(max_elements=len(base), M=CONNECTIVITY, ef_construction=CONSTRUCTION)
        build[str(threads)] = rate(len(base), threads, lambda: index.add_items(base, num_threads=threads))

    def search(ef):
        index.set_ef(ef)
        return index.knn_query(queries, k=10, num_threads=1)[0]

    return {"curve": sweep(search, truth), "build": build}


def usearch_index(base, queries, truth, space, form):
    from usearch.index import Index

    metric = "l2sq" if space == "l2" else "ip"
    if form == "i8":
        base, queries = in_bytes(base, queries)
    build = {}
    for threads in (2, 1):
        index = Index(
            ndim=base.shape[1], metric=metric, dtype=form, connectivity=CONNECTIVITY, expansion_add=CONSTRUCTION
        )
        build[str(threads)] = rate(len(base), threads, lambda: index.add(numpy.arange(len(base)), base, threads=threads))

    def search(ef):
        index.expansion_search = ef
        return index.search(queries, 10, threads=1).keys

    return {"curve": sweep(search, truth), "build": build}


def in_bytes(base, queries):
    """Scaled so that all of int8's range is used. usearch by itself scales each vector to length 127, which for hundreds of
    dimensions leaves few of the 256 values, and forgets lengths: recall is far better so."""
    scale = 127 / float(numpy.quantile(numpy.abs(base[:10_000]), 0.9999))
    return (numpy.clip(numpy.rint(part * scale), -127, 127).astype(numpy.int8) for part in (base, queries))


def rate(rows, threads, build):
    """Rows/s: of one thread by its CPU time, of more by the clock."""
    clock = time.process_time if threads == 1 else time.perf_counter
    begun = clock()
    build()
    return rows / (clock() - begun)


def sweep(search, truth):
    curve = []
    for ef in WIDTHS:
        best = float("inf")
        for _ in range(PASSES):
            begun = time.process_time()
            found = search(ef)
            best = min(best, time.process_time() - begun)
        curve.append({"ef": ef, "recall": recall(found, truth), "qps": len(truth) / best})
        if curve[-1]["recall"] >= ENOUGH or (len(curve) > 3 and curve[-1]["recall"] - curve[-4]["recall"] < 0.001):
            break
    return curve


def recall(found, truth):
    return float(numpy.mean([len(set(a) & set(b)) / len(b) for a, b in zip(found.tolist(), truth.tolist())]))
