#!/usr/bin/env python3
"""The three data sets, by name; made at the first use and kept under `.bench`.

    load.py [text] [clustered] [product]      makes them and says where they are
"""

import json
import pathlib
import subprocess
import sys

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from sets import debian_text, documents, vectors  # noqa: E402
from sets.records import Records  # noqa: E402
from sets.truth import nearest  # noqa: E402

CACHE = debian_text.CACHE
EMBEDDER = CACHE.parent / ".build-engine-release" / "release" / "embeddings-bench"
SEED, QUERIES = 1, 1000
SPACES = {"text": "cosine", "clustered": "l2", "product": "ip"}
ROWS = {"text": 60_000, "clustered": 200_000, "product": 50_000}
TITLES = {
    "text": "real text, MiniLM 384-d, cosine",
    "clustered": "clustered synthetic 128-d, l2",
    "product": "synthetic 768-d, inner product",
}


def load(name, rows=None):
    """The data set, or its first `rows` rows."""
    folder = CACHE / name
    make(name)
    dimension = {"text": 384, "clustered": 128, "product": 768}[name]
    base = numpy.fromfile(folder / "base.f32", "<f4").reshape(-1, dimension)[:rows]
    queries = numpy.fromfile(folder / "queries.f32", "<f4").reshape(-1, dimension)
    random = numpy.random.default_rng([SEED, 2])
    bucket = documents.buckets(random, len(base))
    about = {"seed": SEED, "rows": len(base), "dimension": dimension, "space": SPACES[name], "title": TITLES[name]}
    if name == "text":
        origin = json.loads((folder / "packages.json").read_text())
        texts = (folder / "passages.txt").read_text().split("\n")[: len(base)]
        fields = documents.metadata(random, bucket, origin["package_of_row"])
        about["sha256"] = origin["sha256"][:16]
    else:
        texts = documents.documents(random, len(base))
        fields = documents.metadata(random, bucket)
    return Records(name, SPACES[name], base, queries, texts, bucket, fields, about)


def index_folder(data):
    """The directory with the files the index benchmarks read: vectors, the right answers and the shape."""
    whole = data.rows == ROWS[data.name]
    folder = CACHE / (data.name if whole else f"{data.name}-{data.rows}")
    if not (folder / "shape.txt").exists():
        folder.mkdir(exist_ok=True)
        if not whole:
            data.vectors.tofile(folder / "base.f32")
            data.queries.tofile(folder / "queries.f32")
        nearest(data.vectors, data.queries, data.space).tofile(folder / "truth.i32")
        (folder / "shape.txt").write_text(f"{data.rows} {data.dimension} {len(data.queries)}\n")
    return folder


def make(name):
    folder = CACHE / name
    if name == "text":
        debian_text.write()
        embed(folder, "queries.txt", "queries.f32", QUERIES)
        embed(folder, "passages.txt", "base.f32", ROWS["text"])
    elif not (folder / "base.f32").exists():
        folder.mkdir(parents=True, exist_ok=True)
        random = numpy.random.default_rng([SEED, 1])
        if name == "clustered":
            draw, dimension = vectors.clusters(random, 128, 2000), 128
        else:
            draw, dimension = vectors.with_lengths(random, vectors.embeddings(random, 768, 1000)), 768
        vectors.by_blocks(draw, QUERIES, dimension).tofile(folder / "queries.f32")
        vectors.by_blocks(draw, ROWS[name], dimension).tofile(folder / "unfinished")
        (folder / "unfinished").rename(folder / "base.f32")


def embed(folder, texts, found, rows):
    """With this repository's own model. Ten minutes of two cores for 60,000 passages; goes on where it was broken off."""
    path = folder / found
    if path.exists() and path.stat().st_size == rows * 384 * 4:
        return
    if not EMBEDDER.exists():
        sys.exit(
            "needs the embedder: CHROMA_FLOORS=engine swift build -c release --scratch-path .build-engine-release"
            " --product embeddings-bench"
        )
    subprocess.run([EMBEDDER, "embed", folder / texts, path], check=True, stdout=sys.stderr)


if __name__ == "__main__":
    for wanted in sys.argv[1:] or SPACES:
        print(index_folder(load(wanted)))
