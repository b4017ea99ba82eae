"""A data set as the benchmarks use it: rows, queries, what the right answers are, and the bodies that carry rows."""

import base64
import functools
import json

import numpy

from sets.truth import nearest

BATCH = 250


class Records:
    """`vectors` [rows, dimension] and `queries` [count, dimension], float32; documents and metadata by row."""

    def __init__(self, name, space, vectors, queries, documents, buckets, metadata, about):
        self.name, self.space = name, space
        self.vectors, self.queries = vectors, queries
        self.documents, self.buckets, self.metadata = documents, buckets, metadata
        self.about = about  # seed and origin, for the report
        self.rows, self.dimension = vectors.shape

    def identifier(self, row):
        return f"record-{row:07d}"

    def batch(self, start, end):
        """The body of one `add`, as the official client sends it (embeddings in base64)."""
        return encode(
            [self.identifier(row) for row in range(start, end)],
            self.vectors[start:end],
            self.documents[start:end],
            self.metadata[start:end],
        )

    def batches(self, size=BATCH):
        return [self.batch(start, min(start + size, self.rows)) for start in range(0, self.rows, size)]

    def question(self, query, **more):
        """The body of one `query`: float32 as the shortest text that gives the same float32, as a client sends it."""
        vector = [float(str(value)) for value in self.queries[query]]
        return json.dumps({"query_embeddings": [vector], "n_results": 10, **more}).encode()

    def questions(self, count=None, **more):
        return [self.question(query, **more) for query in range(min(count or len(self.queries), len(self.queries)))]

    @functools.cache
    def right_answers(self, percent=None, count=None):
        """The ids of the exact ten nearest to each query, among the rows that `bucket < percent * 10` lets through."""
        rows = numpy.arange(self.rows) if percent is None else numpy.flatnonzero(self.buckets < int(percent * 10))
        found = nearest(self.vectors if percent is None else self.vectors[rows], self.queries[:count], self.space)
        return [{self.identifier(rows[row]) for row in line} for line in found]


def encode(identifiers, vectors, documents, metadata):
    return json.dumps(
        {
            "ids": identifiers,
            "embeddings": [encoded(vector) for vector in vectors],
            "documents": documents,
            "metadatas": metadata,
        }
    ).encode()


def encoded(vector):
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()
