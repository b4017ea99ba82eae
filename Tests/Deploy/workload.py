"""Writers and readers of Chroma over plain HTTP, which know what was acknowledged."""
from __future__ import annotations

import random
import threading
import time
from typing import Any

from emulated import request

DATABASE = "/api/v2/tenants/default_tenant/databases/default_database"
DIMENSION = 16
BATCH = 10


def vector(name: str) -> list[float]:
    """The same for the same name, everywhere."""
    source = random.Random(name)
    return [source.uniform(-1, 1) for _ in range(DIMENSION)]


class Database:
    """The few requests that the checks need."""

    def __init__(self, base: str, token: str | None = None):
        self.base = base
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def ask(self, path: str, body: Any = None, **more: Any) -> tuple[int | None, Any]:
        return request(self.base + path, body, headers=self.headers, **more)

    def collection(self, name: str) -> str:
        status, answer = self.ask(f"{DATABASE}/collections", {"name": name, "get_or_create": True})
        if status != 200:
            raise RuntimeError(f"collection {name}: {status} {answer}")
        return answer["id"]

    def upsert(self, collection: str, names: list[str], **more: Any) -> tuple[int | None, Any]:
        return self.ask(f"{DATABASE}/collections/{collection}/upsert", {
            "ids": names, "embeddings": [vector(name) for name in names], "documents": [f"text of {name}" for name in names],
            "metadatas": [{"name": name} for name in names]}, **more)

    def ids(self, collection: str) -> set[str]:
        status, answer = self.ask(f"{DATABASE}/collections/{collection}/get", {"include": []})
        if status != 200:
            raise RuntimeError(f"get: {status} {answer}")
        return set(answer["ids"])

    def nearest(self, collection: str, name: str, count: int = 5) -> Any:
        """Ids and distances."""
        status, answer = self.ask(
            f"{DATABASE}/collections/{collection}/query", {"query_embeddings": [vector(name)], "n_results": count, "include": ["distances"]})
        return (answer["ids"][0], [round(distance, 5) for distance in answer["distances"][0]]) if status == 200 else (status, answer)


class Writers:
    """Threads that upsert batches one after the other, and repeat a batch until it is acknowledged."""

    def __init__(self, database: Database, collection: str, prefix: str, threads: int = 3):
        self.database, self.collection, self.prefix = database, collection, prefix
        self.acknowledged: set[str] = set()
        self.refusals: dict[str, int] = {}
        self.longest = 0.0
        self.lock = threading.Lock()
        self.ends = threading.Event()
        self.threads = [threading.Thread(target=self.work, args=(number,), daemon=True) for number in range(threads)]

    def __enter__(self) -> "Writers":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ends.set()
        for thread in self.threads:
            thread.join(30)

    def work(self, number: int) -> None:
        batch = 0
        last = time.monotonic()
        while not self.ends.is_set():
            names = [f"{self.prefix}-{number}-{batch}-{i}" for i in range(BATCH)]
            status, answer = self.database.upsert(self.collection, names, seconds=10)
            with self.lock:
                if status == 200:
                    self.longest = max(self.longest, time.monotonic() - last)
                    self.acknowledged.update(names)
                else:
                    self.refusals[str(status)] = self.refusals.get(str(status), 0) + 1
            if status == 200:
                last = time.monotonic()
                batch += 1
            else:
                self.ends.wait(0.02)

    def count(self) -> int:
        with self.lock:
            return len(self.acknowledged)

    def torn(self, found: set[str]) -> list[str]:
        """Batches of which a part is there."""
        batches: dict[str, int] = {}
        for name in found:
            if name.startswith(self.prefix + "-"):
                batch = name.rsplit("-", 1)[0]
                batches[batch] = batches.get(batch, 0) + 1
        return [batch for batch, count in batches.items() if count != BATCH]
