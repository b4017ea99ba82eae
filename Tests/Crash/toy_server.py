#!/usr/bin/env python3
"""A slow, small server with just enough of Chroma's API for these harnesses: to test the tests.

It keeps its promises through SQLite, or, told so by FAULT, breaks one, which the harness must then notice:

    FAULT=no-sync            PRAGMA synchronous=OFF                     only disklog/replay.py can see it
    FAULT=sync-normal        PRAGMA synchronous=NORMAL                  only disklog/replay.py can see it
    FAULT=no-directory-sync  the entry of its data directory unsynced   only disklog/replay.py can see it
    FAULT=ack-first          answers, then commits                      kill_cycles.py and disklog/replay.py
    FAULT=torn-batch         commits half of a batch by itself          kill_cycles.py and disklog/replay.py
    FAULT=full-is-500        answers 500 when the disk is full          disk_full.py
"""

import argparse
import base64
import http.server
import json
import os
import pathlib
import signal
import sqlite3
import struct
import threading
import uuid

FAULT = os.environ.get("FAULT", "")
lock = threading.Lock()


class Failure(Exception):
    pass


def matches(row, where, where_document):
    _, document, text = row[1], row[3], row[4]
    metadata = json.loads(text)
    return (where is None or holds(metadata, where)) and (
        where_document is None or where_document["$contains"] in (document or "")
    )


def holds(metadata, where):
    ((key, operand),) = where.items()
    if key == "$and":
        return all(holds(metadata, part) for part in operand)
    if key == "$or":
        return any(holds(metadata, part) for part in operand)
    value = metadata.get(key)
    if isinstance(operand, dict):
        ((operator, limit),) = operand.items()
        return value is not None and (value < limit if operator == "$lt" else value > limit)
    return type(value) is type(operand) and value == operand


def distance(space, a, b):
    dot = sum(x * y for x, y in zip(a, b))
    if space == "l2":
        return sum((x - y) ** 2 for x, y in zip(a, b))
    return 1 - dot / ((sum(x * x for x in a) * sum(y * y for y in b)) ** 0.5 if space == "cosine" else 1)


class Database:
    def __init__(self, directory):
        pathlib.Path(directory).mkdir(parents=True, exist_ok=True)
        if FAULT != "no-directory-sync":
            above = os.open(pathlib.Path(directory).parent, os.O_RDONLY | os.O_DIRECTORY)
            os.fsync(above)
            os.close(above)
        self.sql = sqlite3.connect(f"{directory}/toy.sqlite3", check_same_thread=False, isolation_level=None)
        self.sql.execute("PRAGMA journal_mode=WAL")
        level = {"no-sync": "OFF", "sync-normal": "NORMAL"}.get(FAULT, "FULL")
        self.sql.execute(f"PRAGMA synchronous={level}")
        self.sql.execute(
            "CREATE TABLE IF NOT EXISTS collections (id TEXT PRIMARY KEY, name TEXT UNIQUE, space TEXT, metadata TEXT)"
        )
        self.sql.execute(
            "CREATE TABLE IF NOT EXISTS rows (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT, embedding BLOB, "
            " document TEXT, metadata TEXT, collection TEXT, UNIQUE (collection, id))"
        )

    def rows(self, collection):
        return self.sql.execute(
            "SELECT seq, id, embedding, document, metadata FROM rows WHERE collection = ? ORDER BY seq", (collection,)
        ).fetchall()

    def describe(self, row):
        return {
            "id": row[0],
            "name": row[1],
            "configuration_json": {"hnsw": {"space": row[2]}},
            "metadata": json.loads(row[3]),
        }

    def handle(self, method, parts, body):
        if not parts:
            if method == "GET":
                return [
                    self.describe(row) for row in self.sql.execute("SELECT * FROM collections ORDER BY id").fetchall()
                ]
            space = body.get("configuration", {}).get("hnsw", {}).get("space", "l2")
            row = (str(uuid.uuid4()), body["name"], space, json.dumps(body.get("metadata")))
            self.sql.execute("INSERT INTO collections VALUES (?, ?, ?, ?)", row)
            return self.describe(row)
        if len(parts) == 1:
            return self.change_collection(method, parts[0], body)
        return getattr(self, parts[1])(parts[0], body)

    def change_collection(self, method, key, body):
        if method == "DELETE":
            self.sql.execute("DELETE FROM rows WHERE collection = (SELECT id FROM collections WHERE name = ?)", (key,))
            self.sql.execute("DELETE FROM collections WHERE name = ?", (key,))
        else:
            self.sql.execute(
                "UPDATE collections SET name = ?, metadata = ? WHERE id = ?",
                (body["new_name"], json.dumps(body["new_metadata"]), key),
            )
        return {}

    def count(self, collection, body):
        return self.sql.execute("SELECT count(*) FROM rows WHERE collection = ?", (collection,)).fetchone()[0]

    def get(self, collection, body):
        ids = set(body["ids"]) if body.get("ids") is not None else None
        found = [
            row
            for row in self.rows(collection)
            if (ids is None or row[1] in ids) and matches(row, body.get("where"), body.get("where_document"))
        ]
        return {
            "ids": [row[1] for row in found],
            "embeddings": [unpacked(row[2]) for row in found],
            "documents": [row[3] for row in found],
            "metadatas": [json.loads(row[4]) for row in found],
        }

    def query(self, collection, body):
        space = self.sql.execute("SELECT space FROM collections WHERE id = ?", (collection,)).fetchone()[0]
        rows = [row for row in self.rows(collection) if matches(row, body.get("where"), None)]
        vectors = [unpacked(row[2]) for row in rows]
        answer = {"ids": [], "distances": [], "embeddings": []}
        for query in body["query_embeddings"]:
            near = sorted((distance(space, query, vector), row[1], vector) for row, vector in zip(rows, vectors))
            near = near[: body["n_results"]]
            answer["distances"].append([hit[0] for hit in near])
            answer["ids"].append([hit[1] for hit in near])
            answer["embeddings"].append([hit[2] for hit in near])
        return answer

    def delete(self, collection, body):
        ids = set(body.get("ids") or [])
        doomed = [
            row[0]
            for row in self.rows(collection)
            if row[1] in ids or (body.get("where") is not None and matches(row, body["where"], None))
        ]
        self.sql.executemany("DELETE FROM rows WHERE seq = ?", [(seq,) for seq in doomed])
        return {"deleted": len(doomed)}

    def add(self, collection, body, kind="add"):
        for position, key in enumerate(body["ids"]):
            self.put(
                collection,
                key,
                kind,
                *(
                    body[column][position] if body.get(column) is not None else None
                    for column in ("embeddings", "documents", "metadatas")
                ),
            )
            if FAULT == "torn-batch" and position == len(body["ids"]) // 2:
                self.sql.execute("COMMIT")
                self.sql.execute("BEGIN")
        return {}

    def upsert(self, collection, body):
        return self.add(collection, body, "upsert")

    def update(self, collection, body):
        return self.add(collection, body, "update")

    def put(self, collection, key, kind, embedding, document, metadata):
        old = self.sql.execute(
            "SELECT seq, metadata FROM rows WHERE collection = ? AND id = ?", (collection, key)
        ).fetchone()
        if (kind == "add" and old) or (kind == "update" and not old):
            return
        if isinstance(embedding, str):
            embedding = base64.b64decode(embedding)
        elif embedding is not None:
            embedding = struct.pack(f"<{len(embedding)}f", *embedding)
        keys = (json.loads(old[1]) if old else None) or {}
        keys.update(metadata or {})
        text = json.dumps({name: value for name, value in keys.items() if value is not None} or None)
        if old:
            self.sql.execute(
                "UPDATE rows SET embedding = coalesce(?, embedding), document = coalesce(?, document), metadata = ?"
                " WHERE seq = ?",
                (embedding, document, text, old[0]),
            )
        else:
            self.sql.execute(
                "INSERT INTO rows (id, embedding, document, metadata, collection) VALUES (?, ?, ?, ?, ?)",
                (key, embedding, document, text, collection),
            )


def unpacked(data):
    return list(struct.unpack(f"<{len(data) // 4}f", data))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    database = None

    def answer(self, status, value):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def serve(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else {}
        if self.path.endswith("/heartbeat"):
            return self.answer(200, {"nanosecond heartbeat": 1})
        parts = self.path.split("/collections", 1)[1].strip("/").split("/")
        with lock:
            sql = self.database.sql
            try:
                sql.execute("BEGIN")
                value = self.database.handle(self.command, [part for part in parts if part], body)
                if FAULT == "ack-first":
                    self.answer(200, value)
                sql.execute("COMMIT")
            except sqlite3.Error as error:
                if sql.in_transaction:
                    sql.execute("ROLLBACK")
                full = "full" in str(error) or "disk I/O" in str(error)
                status = 507 if full and FAULT != "full-is-500" else 500
                return self.answer(status, {"error": "ChromaError", "message": str(error)})
        if FAULT != "ack-first":
            self.answer(200, value)

    do_GET = do_POST = do_PUT = do_DELETE = serve

    def log_message(self, *ignored):
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=["run"])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--path", required=True)
    arguments = parser.parse_args()
    Handler.database = Database(arguments.path)
    server = http.server.ThreadingHTTPServer((arguments.host, arguments.port), Handler)
    server.daemon_threads = True
    signal.signal(signal.SIGTERM, lambda *ignored: threading.Thread(target=server.shutdown).start())
    server.serve_forever()
    with lock:
        Handler.database.sql.close()


if __name__ == "__main__":
    main()
