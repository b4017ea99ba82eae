"""Makes the data for vector-index-bench and measures the peers on it.

    pip install numpy hnswlib usearch
    python3 hnswlib_bench.py <directory> [rows dimension queries]

Unit vectors around 1,000 centres in 40 latent dimensions, turned into `dimension` and blurred by noise: the shape of
text embeddings, whose intrinsic dimension is far below the nominal one. Queries come from the same source.
"""

import os
import sys
import time

import numpy as np


def make(directory, rows, dimension, queries, seed=7):
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((1000, 40)).astype(np.float32)
    turn = rng.standard_normal((40, dimension)).astype(np.float32) / np.sqrt(40)

    def draw(count):
        latent = centres[rng.integers(0, len(centres), count)]
        latent = latent + 0.9 * rng.standard_normal((count, 40)).astype(np.float32)
        vectors = latent @ turn + 0.1 * rng.standard_normal((count, dimension)).astype(np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    base, query = draw(rows), draw(queries)
    truth = np.empty((queries, 10), np.int32)
    for start in range(0, queries, 500):
        part = query[start : start + 500] @ base.T
        top = np.argpartition(-part, 10, axis=1)[:, :10]
        order = np.take_along_axis(part, top, 1).argsort(axis=1)[:, ::-1]
        truth[start : start + 500] = np.take_along_axis(top, order, 1)
    os.makedirs(directory, exist_ok=True)
    base.astype(np.float32).tofile(f"{directory}/base.f32")
    query.astype(np.float32).tofile(f"{directory}/queries.f32")
    truth.tofile(f"{directory}/truth.i32")
    with open(f"{directory}/shape.txt", "w") as file:
        file.write(f"{rows} {dimension} {queries}\n")


def recall(found, truth):
    return np.mean([len(set(a) & set(b)) / len(b) for a, b in zip(found, truth)])


def measure(name, search, queries, truth):
    for ef in (50, 100, 200):
        best = float("inf")
        for _ in range(5):
            start = time.thread_time()
            labels = search(queries, ef)
            best = min(best, time.thread_time() - start)
        print(f"{name:10} ef {ef}  {best / len(queries) * 1e6:.1f} us  recall@10 {recall(labels, truth):.4f}", flush=True)


def main():
    directory = sys.argv[1]
    if not os.path.exists(f"{directory}/shape.txt"):
        make(directory, *(int(x) for x in (sys.argv[2:5] or (50_000, 384, 2000))))
    with open(f"{directory}/shape.txt") as file:
        rows, dimension, count = (int(x) for x in file.read().split())
    base = np.fromfile(f"{directory}/base.f32", np.float32).reshape(rows, dimension)
    queries = np.fromfile(f"{directory}/queries.f32", np.float32).reshape(count, dimension)
    truth = np.fromfile(f"{directory}/truth.i32", np.int32).reshape(count, 10)

    import hnswlib

    for threads in (1, 2):
        index = hnswlib.Index(space="l2", dim=dimension)
        index.init_index(max_elements=rows, M=16, ef_construction=100)
        start = time.perf_counter()
        index.add_items(base, num_threads=threads)
        print(f"hnswlib    build  threads {threads}  {time.perf_counter() - start:.2f} s", flush=True)

    def search_hnswlib(queries, ef):
        index.set_ef(ef)
        return index.knn_query(queries, k=10, num_threads=1)[0]

    measure("hnswlib", search_hnswlib, queries, truth)

    from usearch.index import Index

    for dtype in ("f32", "i8"):
        index = Index(ndim=dimension, metric="l2sq" if dtype == "f32" else "cos", dtype=dtype, connectivity=16,
                      expansion_add=100)
        start = time.perf_counter()
        index.add(np.arange(rows), base, threads=1)
        print(f"usearch {dtype} build  threads 1  {time.perf_counter() - start:.2f} s", flush=True)

        def search_usearch(queries, ef):
            index.expansion_search = ef
            return index.search(queries, 10, threads=1).keys

        measure(f"usearch {dtype}", search_usearch, queries, truth)


main()
