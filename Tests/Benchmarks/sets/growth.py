"""384-d synthetic rows in blocks of 10,000, as many as wanted, with their bodies on disk: never all in memory."""

import json

import numpy

from sets import documents, vectors
from sets.load import CACHE, SEED
from sets.records import BATCH, encode
from sets.truth import scores

DIMENSION, SPACE, CENTRES = 384, "cosine", 3333
QUERIES = 200


class Growth:
    """Each block has a seed of its own, so a larger collection begins with the rows of a smaller one."""

    def __init__(self):
        self.draw = vectors.embeddings(numpy.random.default_rng([SEED, 3]), DIMENSION, CENTRES)
        self.queries = self.draw(QUERIES, numpy.random.default_rng([SEED, 4]))
        self.folder = CACHE / "growth"
        self.folder.mkdir(parents=True, exist_ok=True)

    def vectors(self, block):
        return self.draw(vectors.BLOCK, numpy.random.default_rng([SEED, 5, block]))

    def identifier(self, row):
        return f"record-{row:07d}"

    def bodies(self, block):
        """Of one block, read from its file, which is made at first use. 26 MB."""
        path = self.folder / f"bodies-{block:04d}"
        if not path.exists():
            random = numpy.random.default_rng([SEED, 6, block])
            rows, texts = self.vectors(block), documents.documents(random, vectors.BLOCK)
            fields = documents.metadata(random, documents.buckets(random, vectors.BLOCK))
            first = block * vectors.BLOCK
            bodies = [
                encode(
                    [self.identifier(first + row) for row in range(start, start + BATCH)],
                    rows[start : start + BATCH],
                    texts[start : start + BATCH],
                    fields[start : start + BATCH],
                )
                for start in range(0, vectors.BLOCK, BATCH)
            ]
            unfinished = path.with_suffix(".unfinished")
            unfinished.write_bytes(b"\n".join(bodies))
            unfinished.rename(path)
        # No body has a line feed: JSON escapes them.
        return path.read_bytes().split(b"\n")

    def right_answers(self, sizes):
        """{rows: [ids of the exact ten nearest to each query]}, in one pass over the blocks; kept on disk."""
        path = self.folder / "truth.json"
        kept = json.loads(path.read_text()) if path.exists() else {}
        if not all(str(size) in kept for size in sizes):
            best = numpy.full((QUERIES, 10), -numpy.inf, numpy.float32)
            rows = numpy.zeros((QUERIES, 10), numpy.int64)
            for block in range(max(sizes) // vectors.BLOCK):
                near = scores(self.vectors(block), self.queries, SPACE)
                top = numpy.argpartition(-near, 9, axis=1)[:, :10]
                best = numpy.hstack([best, numpy.take_along_axis(near, top, 1)])
                rows = numpy.hstack([rows, top + block * vectors.BLOCK])
                order = numpy.argsort(-best, axis=1, kind="stable")[:, :10]
                best, rows = numpy.take_along_axis(best, order, 1), numpy.take_along_axis(rows, order, 1)
                if (block + 1) * vectors.BLOCK in sizes:
                    kept[str((block + 1) * vectors.BLOCK)] = rows.tolist()
            path.write_text(json.dumps(kept))
        return {size: [{self.identifier(row) for row in line} for line in kept[str(size)]] for size in sizes}

    def prepare(self, rows):
        """Makes what is not there yet of the bodies: two or three minutes and 2.6 GB for a million rows."""
        for block in range(rows // vectors.BLOCK):
            if not (self.folder / f"bodies-{block:04d}").exists():
                self.bodies(block)
