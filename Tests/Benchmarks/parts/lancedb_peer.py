"""LanceDB in this process: rows in large batches, then an index over all, as its documentation recommends."""

import importlib.metadata
import shutil
import tempfile
import time

METRICS = {"cosine": "cosine", "l2": "l2", "ip": "dot"}
BATCH = 10_000


class Peer:
    def __init__(self, data):
        self.data, self.version = data, importlib.metadata.version("lancedb")
        self.folder = tempfile.mkdtemp(prefix="chroma-bench-lance-", dir="/var/tmp")
        self.index = None

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        shutil.rmtree(self.folder)

    def ingest(self):
        """Rows/s, the index with them, for the faster of the two kinds to build."""
        import lancedb
        import pyarrow

        data = self.data
        batches = [self.batch(pyarrow, start, min(start + BATCH, data.rows)) for start in range(0, data.rows, BATCH)]
        begun = time.perf_counter()
        self.table = lancedb.connect(self.folder).create_table("bench", batches[0])
        for batch in batches[1:]:
            self.table.add(batch)
        self.table.create_scalar_index("bucket")
        loaded = time.perf_counter() - begun
        return data.rows / (loaded + min(self.build(kind) for kind in ("IVF_PQ", "IVF_HNSW_SQ")))

    def batch(self, pyarrow, start, end):
        data = self.data
        flat = pyarrow.array(data.vectors[start:end].ravel())
        columns = {
            "id": [data.identifier(row) for row in range(start, end)],
            "vector": pyarrow.FixedSizeListArray.from_arrays(flat, data.dimension),
            "document": data.documents[start:end],
        }
        for field in data.metadata[start]:
            columns[field] = [data.metadata[row][field] for row in range(start, end)]
        return pyarrow.table(columns)

    def build(self, kind):
        """Seconds."""
        if self.index == kind:
            return 0.0
        begun = time.perf_counter()
        self.table.create_index(
            metric=METRICS[self.data.space], vector_column_name="vector", index_type=kind, replace=True
        )
        self.table.wait_for_index(["vector_idx"])
        self.index = kind
        return time.perf_counter() - begun

    def settings(self):
        """The index that is there first, so that it is not built again; in each, from cheap to thorough."""
        for kind in ("IVF_HNSW_SQ", "IVF_PQ"):
            for probes, refine in ((10, 2), (20, 5), (20, 10), (50, 10), (100, 20)):
                yield {
                    "kind": kind,
                    "probes": probes,
                    "refine": refine,
                    "text": f"{kind}, nprobes {probes}, refine factor {refine}",
                }

    def use(self, setting):
        self.build(setting["kind"])
        self.setting = setting

    def nearest(self, vector, bucket):
        search = self.table.search(vector, vector_column_name="vector").distance_type(METRICS[self.data.space])
        search = search.nprobes(self.setting["probes"]).refine_factor(self.setting["refine"]).limit(10).select(["id", "_distance"])
        if bucket is not None:
            search = search.where(f"bucket < {bucket}", prefilter=True)
        return search.to_arrow()["id"].to_pylist()
