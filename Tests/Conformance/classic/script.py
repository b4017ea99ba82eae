"""The same calls with whichever release of the client is installed; a line of JSON for each.

Run by run.py inside a classic environment: `script.py --url http://127.0.0.1:PORT` against a fresh server.
A line is {"call", "result"} or {"call", "error": {"type", "message"}}, without what no two servers share:
ids, times, versions, the server's address.
"""
import argparse
import enum
import json
import re
import sys
import uuid
import warnings

warnings.filterwarnings("ignore")

import chromadb  # noqa: E402
import numpy  # noqa: E402
from chromadb.config import Settings  # noqa: E402

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TRACE = re.compile(r" \(trace ID: [0-9a-f]+\)")
YEAR_2020_NS = 1_577_836_800_000_000_000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    url = parser.parse_args().url
    host, port = url.removeprefix("http://").split(":")
    Script(host, int(port)).run()


class Script:
    def __init__(self, host, port):
        self.host, self.port = host, port

    def settings(self):
        return Settings(anonymized_telemetry=False)

    def http_client(self, **where):
        return chromadb.HttpClient(host=self.host, port=self.port, settings=self.settings(), **where)

    def admin_client(self):
        return chromadb.AdminClient(Settings(
            anonymized_telemetry=False, chroma_api_impl="chromadb.api.fastapi.FastAPI",
            chroma_server_host=self.host, chroma_server_http_port=self.port))

    def call(self, name, function):
        """Prints one line; returns what the call returned, None if it raised."""
        line = {"call": name}
        result = None
        try:
            result = function()
            line["result"] = plain(result)
        except Exception as error:
            line["error"] = {"type": type(error).__name__, "message": self.told(str(error))}
        print(json.dumps(line, sort_keys=True, ensure_ascii=False), flush=True)
        return result

    def told(self, message):
        message = UUID.sub("<id>", TRACE.sub("", message))
        return message.replace(f"{self.host}:{self.port}", "<address>")

    def run(self):
        client = self.call("HttpClient", self.http_client)
        if client is None:
            return
        self.system(client)
        movies = self.collections(client)
        self.writes(movies)
        self.reads(movies)
        self.queries(movies)
        self.changes(movies)
        self.modifications(client, movies)
        self.tenants()
        self.endings(client)

    def system(self, client):
        self.call("heartbeat", client.heartbeat)
        self.call("get_version", lambda: isinstance(client.get_version(), str))
        self.call("max_batch_size", lambda: batch_limit(client) > 0)
        self.call("get_settings", lambda: client.get_settings().chroma_server_http_port == self.port)
        self.call("list_collections, none", client.list_collections)
        self.call("count_collections, none", client.count_collections)

    def collections(self, client):
        movies = self.call("create_collection", lambda: client.create_collection(
            "movies", embedding_function=None,
            metadata={"hnsw:space": "cosine", "topic": "films", "year": 2024, "score": 0.5, "public": True}))
        self.call("create_collection, taken", lambda: client.create_collection("movies", embedding_function=None))
        self.call("create_collection, bad name", lambda: client.create_collection("x", embedding_function=None))
        self.call("get_or_create_collection, new", lambda: client.get_or_create_collection(
            "books", embedding_function=None))
        self.call("get_or_create_collection, there", lambda: client.get_or_create_collection(
            "movies", embedding_function=None))
        self.call("get_collection", lambda: client.get_collection("movies", embedding_function=None))
        self.call("get_collection, unknown", lambda: client.get_collection("unknown", embedding_function=None))
        self.call("list_collections", lambda: named(client.list_collections()))
        self.call("list_collections, limit", lambda: len(client.list_collections(limit=1, offset=1)))
        self.call("list_collections, offset", lambda: len(client.list_collections(limit=5, offset=2)))
        self.call("count_collections", client.count_collections)
        return movies

    def writes(self, movies):
        self.call("count, empty", lambda: movies.count())
        self.call("query, empty", lambda: movies.query(query_embeddings=[[1.0, 0.0]], n_results=3))
        self.call("add", lambda: movies.add(
            ids=["a", "b", "c", "d", "e"],
            embeddings=[[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-0.6, 0.8], [-1.0, 0.0]],
            documents=["a red fox", "a blue whale", "the red planet", "grüne Wiese 🌱", "the blue planet"],
            metadatas=[{"kind": "animal", "legs": 4, "weight": 6.5}, {"kind": "animal", "legs": 0, "weight": 1e5},
                       {"kind": "place", "far": True}, {"kind": "place", "far": False}, {"kind": "place"}]))
        self.call("add, embeddings alone", lambda: movies.add(ids=["f", "g"], embeddings=[[0.6, -0.8], [0.0, -1.0]]))
        self.call("add, one record", lambda: movies.add(
            ids="h", embeddings=[0.6, 0.8], documents="alone", metadatas={"kind": "one"}))
        self.call("add, array of numpy", lambda: movies.add(
            ids=["i"], embeddings=[numpy.array([0.28, 0.96], dtype=numpy.float32).tolist()]))
        self.call("add, ids that exist", lambda: movies.add(
            ids=["a"], embeddings=[[0.0, 1.0]], documents=["not stored"]))
        self.call("add, an id twice", lambda: movies.add(ids=["y", "y"], embeddings=[[1.0, 0.0], [0.0, 1.0]]))
        self.call("add, wrong dimension", lambda: movies.add(ids=["z"], embeddings=[[1.0, 2.0, 3.0]]))
        self.call("add, lengths differ", lambda: movies.add(ids=["y", "z"], embeddings=[[1.0, 0.0]]))
        self.call("add, documents without a model", lambda: movies.add(ids=["z"], documents=["no vector"]))
        self.call("add, URIs alone", lambda: movies.add(ids=["z"], uris=["file:///z"]))
        self.call("add, nothing", lambda: movies.add(ids=[], embeddings=[]))
        self.call("count", lambda: movies.count())

    def reads(self, movies):
        self.call("get", lambda: movies.get())
        self.call("get, ids", lambda: movies.get(ids=["c", "a", "unknown"]))
        self.call("get, one id", lambda: movies.get("b"))
        self.call("get, no ids known", lambda: movies.get(ids=["unknown"]))
        self.call("get, embeddings", lambda: movies.get(ids=["a", "b"], include=["embeddings"]))
        self.call("get, nothing but ids", lambda: movies.get(include=[]))
        self.call("get, URIs", lambda: movies.get(ids=["a"], include=["uris"]))
        self.call("get, limit and offset", lambda: movies.get(limit=2, offset=1, include=["documents"]))
        self.call("get, offset past the end", lambda: movies.get(limit=2, offset=100))
        self.call("get, limit 0", lambda: movies.get(limit=0, include=[]))
        for title, where in [
                ("equal", {"kind": "animal"}), ("$eq integer", {"legs": {"$eq": 4}}),
                ("$ne", {"kind": {"$ne": "place"}}),
                ("$gt", {"legs": {"$gt": 0}}), ("$lte fraction", {"weight": {"$lte": 6.5}}), ("boolean", {"far": True}),
                ("$in", {"kind": {"$in": ["one", "animal"]}}), ("$nin", {"kind": {"$nin": ["animal"]}}),
                ("$and", {"$and": [{"kind": "place"}, {"far": {"$ne": True}}]}),
                ("$or", {"$or": [{"legs": 4}, {"far": True}]})]:
            self.call(f"get, where {title}", lambda: movies.get(where=where, include=["metadatas"]))
        for title, where in [
                ("$contains", {"$contains": "red"}), ("$not_contains", {"$not_contains": "red"}),
                ("beyond ASCII", {"$contains": "grüne"}),
                ("$and", {"$and": [{"$contains": "blue"}, {"$contains": "planet"}]}),
                ("$or", {"$or": [{"$contains": "fox"}, {"$contains": "whale"}]})]:
            self.call(f"get, where_document {title}", lambda: movies.get(where_document=where, include=["documents"]))
        self.call("get, where and where_document", lambda: movies.get(
            where={"kind": "place"}, where_document={"$contains": "planet"}, include=[]))
        self.call("get, unknown operator", lambda: movies.get(where={"legs": {"$like": 4}}))
        self.call("get, $and of one", lambda: movies.get(where={"$and": [{"kind": "place"}]}))
        self.call("get, where of the wrong type", lambda: movies.get(where={"legs": [4]}))
        self.call("get, $contains nothing", lambda: movies.get(where_document={"$contains": ""}))
        self.call("get, unknown include", lambda: movies.get(include=["everything"]))
        self.call("peek", lambda: movies.peek(3))

    def queries(self, movies):
        self.call("query", lambda: movies.query(query_embeddings=[[1.0, 0.1]], n_results=3))
        self.call("query, ten by default", lambda: movies.query(query_embeddings=[1.0, 0.1], include=["distances"]))
        self.call("query, all included", lambda: movies.query(
            query_embeddings=[[1.0, 0.0]], n_results=2, include=["embeddings", "documents", "metadatas", "distances"]))
        self.call("query, two vectors", lambda: movies.query(
            query_embeddings=[[1.0, 0.1], [0.0, -1.0]], n_results=2, include=["distances"]))
        self.call("query, where", lambda: movies.query(
            query_embeddings=[[1.0, 0.0]], n_results=5, where={"kind": "place"}))
        self.call("query, where_document", lambda: movies.query(
            query_embeddings=[[1.0, 0.0]], n_results=5, where_document={"$contains": "planet"}))
        self.call("query, both filters", lambda: movies.query(
            query_embeddings=[[1.0, 0.0]], n_results=5, where={"far": True}, where_document={"$contains": "red"}))
        self.call("query, nothing matches", lambda: movies.query(
            query_embeddings=[[1.0, 0.0]], n_results=5, where={"kind": "nothing"}))
        self.call("query, wrong dimension", lambda: movies.query(query_embeddings=[[1.0, 0.0, 0.0]], n_results=1))
        self.call("query, no results asked for", lambda: movies.query(query_embeddings=[[1.0, 0.0]], n_results=0))
        self.call("query, text without a model", lambda: movies.query(query_texts=["fox"], n_results=1))
        self.call("query, unknown operator", lambda: movies.query(
            query_embeddings=[[1.0, 0.0]], n_results=1, where={"legs": {"$like": 4}}))

    def changes(self, movies):
        self.call("update", lambda: movies.update(
            ids=["a", "f"], embeddings=[[0.8, -0.6], [0.6, -0.8]], documents=["a grey fox", "a document at last"],
            metadatas=[{"legs": 3, "tail": "long"}, {"kind": "late"}]))
        self.call("update, metadata alone", lambda: movies.update(ids=["e"], metadatas=[{"far": True}]))
        self.call("update, embedding alone", lambda: movies.update(ids=["b"], embeddings=[[0.96, 0.28]]))
        self.call("update, a key taken away", lambda: movies.update(ids=["c"], metadatas=[{"far": None}]))
        self.call("update, unknown id", lambda: movies.update(
            ids=["unknown"], embeddings=[[1.0, 0.0]], documents=["nowhere"]))
        self.call("update, document without a model", lambda: movies.update(ids=["a"], documents=["no vector"]))
        self.call("update, wrong dimension", lambda: movies.update(ids=["b"], embeddings=[[1.0]]))
        self.call("upsert", lambda: movies.upsert(
            ids=["a", "j"], embeddings=[[0.6, 0.8], [1.0, 0.0]], documents=["a white fox", "new"],
            metadatas=[{"legs": 2}, {"kind": "new"}]))
        self.call("get, after the changes", lambda: movies.get(
            include=["embeddings", "documents", "metadatas"]))
        self.call("delete, ids", lambda: movies.delete(ids=["j"]))
        self.call("delete, unknown id", lambda: movies.delete(ids=["unknown"]))
        self.call("delete, where", lambda: movies.delete(where={"kind": "one"}))
        self.call("delete, where_document", lambda: movies.delete(where_document={"$contains": "grüne"}))
        self.call("delete, ids and where", lambda: movies.delete(ids=["a", "b"], where={"legs": 0}))
        self.call("delete, where nothing matches", lambda: movies.delete(where={"kind": "nothing"}))
        self.call("delete, nothing named", lambda: movies.delete())
        self.call("get, after the deletions", lambda: movies.get(include=[]))

    def modifications(self, client, movies):
        self.call("modify, metadata", lambda: movies.modify(metadata={"topic": "cinema"}))
        self.call("modify, name", lambda: movies.modify(name="films"))
        self.call("modify, a name that is taken", lambda: movies.modify(name="books"))
        self.call("modify, the distance", lambda: movies.modify(metadata={"hnsw:space": "l2"}))
        self.call("get_collection, new name", lambda: client.get_collection("films", embedding_function=None))
        self.call("get_collection, old name", lambda: client.get_collection("movies", embedding_function=None))
        self.call("get_or_create_collection, other metadata", lambda: client.get_or_create_collection(
            "books", embedding_function=None, metadata={"shelf": 3}))
        self.call("get_collection, metadata since", lambda: client.get_collection("books", embedding_function=None))

    def tenants(self):
        admin = self.call("AdminClient", self.admin_client)
        self.call("create_tenant", lambda: admin.create_tenant("acme"))
        self.call("create_tenant, taken", lambda: admin.create_tenant("acme"))
        self.call("get_tenant", lambda: admin.get_tenant("acme"))
        self.call("get_tenant, unknown", lambda: admin.get_tenant("unknown"))
        self.call("create_database", lambda: admin.create_database("shop", "acme"))
        self.call("create_database, taken", lambda: admin.create_database("shop", "acme"))
        self.call("get_database", lambda: admin.get_database("shop", "acme"))
        self.call("get_database, unknown", lambda: admin.get_database("unknown", "acme"))
        self.call("HttpClient, unknown tenant", lambda: self.http_client(tenant="unknown"))
        self.call("HttpClient, unknown database", lambda: self.http_client(tenant="acme", database="unknown"))
        client = self.call("HttpClient, tenant and database", lambda: self.http_client(tenant="acme", database="shop"))
        goods = self.call("create_collection, same name elsewhere", lambda: client.create_collection(
            "books", embedding_function=None))
        self.call("add, elsewhere", lambda: goods.add(ids=["a"], embeddings=[[1.0, 2.0, 3.0]]))
        self.call("query, elsewhere", lambda: goods.query(
            query_embeddings=[[1.0, 2.0, 4.0]], n_results=1, include=["distances"]))
        self.call("list_collections, elsewhere", lambda: named(client.list_collections()))
        self.call("set_tenant", lambda: client.set_tenant("default_tenant", "default_database"))
        self.call("count_collections, after set_tenant", lambda: client.count_collections())
        self.call("set_database, unknown", lambda: client.set_database("unknown"))

    def endings(self, client):
        books = self.call("get_collection, to be deleted", lambda: client.get_collection(
            "books", embedding_function=None))
        self.call("delete_collection", lambda: client.delete_collection("books"))
        self.call("delete_collection, unknown", lambda: client.delete_collection("books"))
        self.call("get_collection, deleted", lambda: client.get_collection("books", embedding_function=None))
        self.call("add, collection deleted", lambda: books.add(ids=["a"], embeddings=[[1.0]]))
        self.call("count, collection deleted", lambda: books.count())
        self.call("modify, collection deleted", lambda: books.modify(name="papers"))
        self.call("reset, not allowed", client.reset)
        self.call("list_collections, at the end", lambda: named(client.list_collections()))
        self.call("create_collection, empty metadata", lambda: client.create_collection(
            "empty", embedding_function=None, metadata={}))


def batch_limit(client):
    return client.get_max_batch_size() if hasattr(client, "get_max_batch_size") else client.max_batch_size


def named(collections):
    """In the order of names: a server may list as it likes. 0.6 lists names alone."""
    return sorted(collections, key=lambda each: each if isinstance(each, str) else each.name)


def plain(value):
    """What JSON can say of a result, the same for every server."""
    if type(value).__name__ == "Collection":
        return {"Collection": {
            "name": value.name, "id": plain(value.id), "metadata": value.metadata,
            "tenant": value.tenant, "database": value.database}}
    if isinstance(value, uuid.UUID) or isinstance(value, str) and UUID.fullmatch(value):
        return "<id>"
    if isinstance(value, enum.Enum):
        return plain(value.value)
    if isinstance(value, (numpy.ndarray, numpy.generic)):
        return plain(value.tolist())
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return "<time>" if value > YEAR_2020_NS else value
    if isinstance(value, float):
        return round(value, 5) + 0.0  # no negative zero
    if isinstance(value, dict):
        return {str(plain(key)): sorted(each) if key == "included" and each is not None else plain(each)
                for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return f"<{type(value).__name__}>"


if __name__ == "__main__":
    sys.exit(main())
