"""pgvector in a PostgreSQL of its own (package pgserver), asked over its socket: rows by COPY, then an HNSW index."""

import json
import shutil
import tempfile
import time

CLASSES = {"cosine": "vector_cosine_ops", "l2": "vector_l2_ops", "ip": "vector_ip_ops"}
OPERATORS = {"cosine": "<=>", "l2": "<->", "ip": "<#>"}


class Peer:
    def __init__(self, data):
        import pgserver
        import psycopg

        self.data = data
        self.folder = tempfile.mkdtemp(prefix="chroma-bench-pg-", dir="/var/tmp")
        self.server = pgserver.get_server(self.folder, cleanup_mode="delete")
        self.connection = psycopg.connect(self.server.get_uri(), autocommit=True)
        self.connection.execute("CREATE EXTENSION vector")
        self.version = self.connection.execute(
            "SELECT extversion FROM pg_extension WHERE extname = 'vector'"
        ).fetchone()[0]

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        self.connection.close()
        self.server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)

    def ingest(self):
        """Rows/s, the index with them."""
        data, run = self.data, self.connection.execute
        rows = [
            (data.identifier(row), literal(data.vectors[row]), data.documents[row], *data.metadata[row].values())
            for row in range(data.rows)
        ]
        begun = time.perf_counter()
        run(
            f"CREATE TABLE bench (id text PRIMARY KEY, embedding vector({data.dimension}), document text, bucket int, "
            "score float8, category text, source text, published bool)"
        )
        with self.connection.cursor().copy("COPY bench FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        run("SET maintenance_work_mem = '1GB'")
        run(
            f"CREATE INDEX ON bench USING hnsw (embedding {CLASSES[data.space]}) WITH (m = 16, ef_construction = 100)"
        )
        run("CREATE INDEX ON bench (bucket)")
        run("ANALYZE bench")
        return data.rows / (time.perf_counter() - begun)

    def settings(self):
        for ef in (40, 60, 100, 200, 400, 1000):
            yield {"ef": ef, "text": f"HNSW m 16, ef construction 100, ef_search {ef}"}

    def use(self, setting):
        self.connection.execute(f"SET hnsw.ef_search = {setting['ef']}")

    def nearest(self, vector, bucket):
        where = "" if bucket is None else f"WHERE bucket < {bucket}"
        order = f"embedding {OPERATORS[self.data.space]} %s::vector"
        asked = f"SELECT id FROM bench {where} ORDER BY {order} LIMIT 10"
        return [row[0] for row in self.connection.execute(asked, (literal(vector),), prepare=True)]


def literal(vector):
    return json.dumps(vector.tolist())
