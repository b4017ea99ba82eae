#!/usr/bin/env python3
"""Chroma's Python client on the collection that both languages know, inside .venv-suite.

    python_client.py write NAME --port N     makes the collection of records.json
    python_client.py read NAME --port N      compares it with records.json; prints PASSED or FAILED lines
"""
import argparse
import json
from pathlib import Path

import chromadb
import numpy

KNOWN = json.loads((Path(__file__).parent / "records.json").read_text())
RECORDS = KNOWN["records"]


def column(name):
    return [record[name] for record in RECORDS]


def write(client, name):
    collection = client.create_collection(
        name, metadata=KNOWN["collection"], configuration={"hnsw": {"space": KNOWN["space"]}}, embedding_function=None)
    collection.add(
        ids=column("id"), embeddings=column("embedding"), documents=column("document"), uris=column("uri"),
        metadatas=column("metadata"))


def read(client, name):
    collection = client.get_collection(name, embedding_function=None)
    found = collection.get(include=["documents", "embeddings", "metadatas", "uris"])
    vectors = [numpy.array(vector, dtype=numpy.float32).tobytes() for vector in column("embedding")]
    check("metadata of the collection", collection.metadata, KNOWN["collection"])
    check("space", collection.configuration_json["hnsw"]["space"], KNOWN["space"])
    check("ids", found["ids"], column("id"))
    check("documents", found["documents"], column("document"))
    check("uris", found["uris"], column("uri"))
    check("metadatas", found["metadatas"], column("metadata"))
    check("embeddings", [numpy.array(row, dtype=numpy.float32).tobytes() for row in found["embeddings"]], vectors)
    nearest = collection.query(query_embeddings=[column("embedding")[0]], n_results=1)
    check("nearest to the first", nearest["ids"], [[column("id")[0]]])
    owls = collection.get(where={"year": {"$gte": 2024}}, where_document={"$contains": "owl"})
    check("filtered", owls["ids"], ["plain"])


def check(what, found, wanted):
    """By their text, since to Python 1, 1.0 and True are equal."""
    if shown(found) == shown(wanted):
        print(f"PASSED  Python reads what Swift wrote: {what}")
    else:
        print(f"FAILED  Python reads what Swift wrote: {what}: {shown(found)}, not {shown(wanted)}")


def shown(value):
    return json.dumps(value, sort_keys=True, default=repr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["write", "read"])
    parser.add_argument("name")
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    connection = chromadb.HttpClient("127.0.0.1", options.port)
    {"write": write, "read": read}[options.action](connection, options.name)
