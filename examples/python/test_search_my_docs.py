#!/usr/bin/env python3
"""The example on real input: embeds a folder of text, stores it, restarts the server, asks.

    python examples/python/test_search_my_docs.py .build/release/chroma

Needs requirements.txt; the model is downloaded once into .cache/. Ends with `N passed, N failed`.
"""
import sys
from pathlib import Path

import chromadb

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "Tests" / "Conformance"))

from minilm import MiniLM  # noqa: E402
from search_my_docs import ask, documents, passages, store  # noqa: E402
from server import Server  # noqa: E402

# The start of the vector the model's authors print for this sentence.
EXAMPLE, EXAMPLE_VECTOR = "This is an example sentence", [0.0677, 0.0635, 0.0487, 0.0793, 0.0374]
CORPUS = HERE / "corpus"
# Questions share few words with the passage that answers them: a search for words alone would not do.
QUESTIONS = [
    ("What happens to data that was confirmed when the electricity goes out?", "storage.md", "Write-ahead log"),
    ("How can I squeeze a huge number of embeddings into little RAM?", "indexes.md", "Product quantization"),
    ("How do I look up both exact product codes and related concepts?", "filters.md", "Hybrid search"),
]


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: test_search_my_docs.py SERVER_BINARY")
    model = MiniLM()
    if abs(model.embed([EXAMPLE])[0, :5] - EXAMPLE_VECTOR).max() > 1e-4:
        sys.exit("the model does not give the published vector for its example sentence")
    wanted = passages(documents(CORPUS))
    with Server(sys.argv[1]) as server:
        collection = open_collection(server)
        added, _ = store(collection, model, wanted)
        print(f"{added} passages stored")
        server.restart()
        collection = open_collection(server)
        if collection.count() != len(wanted):
            sys.exit(f"{len(wanted)} passages were stored, {collection.count()} are there after the restart")
        if store(collection, model, wanted) != (0, 0):
            sys.exit("storing the same passages again wrote some of them")
        failed = 0
        for question, file, heading in QUESTIONS:
            hits = ask(collection, model, question)
            found = any((hit["file"], hit["heading"]) == (file, heading) for hit in hits)
            failed += not found
            print(f"{'ok    ' if found else 'FAILED'} {question}")
            for hit in hits:
                print(f"       {hit['distance']:.3f}  {hit['file']}, {hit['heading']}")
    print(f"{len(QUESTIONS) - failed} passed, {failed} failed")
    return 1 if failed else 0


def open_collection(server):
    client = chromadb.HttpClient(host="127.0.0.1", port=server.port)
    return client.get_or_create_collection(
        "docs", configuration={"hnsw": {"space": "cosine"}}, embedding_function=None)


if __name__ == "__main__":
    sys.exit(main())
