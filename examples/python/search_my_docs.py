#!/usr/bin/env python3
"""Ask questions of a folder of text.

    pip install -r examples/python/requirements.txt
    chroma run --path ./chroma_data &
    python examples/python/search_my_docs.py "How is an index rebuilt after a crash?"
    python examples/python/search_my_docs.py --folder ~/notes "Where did we go in May?" "Who fixed the roof?"

Splits each *.md and *.txt file into passages, embeds them on this machine (see minilm.py), stores them in the server
and prints the passages nearest to each question. A second run embeds only what has changed.
"""
import argparse
import hashlib
import os
import re
import sys
from pathlib import Path

import chromadb

from minilm import MiniLM

REPOSITORY = Path(__file__).resolve().parents[2]
COLLECTION = "my-docs"
PASSAGE_CHARACTERS = 900  # about 200 tokens; the model reads 256
RESULTS = 3
BATCH = 64  # passages embedded and sent at a time


def main():
    options = parse_arguments()
    files = documents(options.folder)
    if not files:
        raise SystemExit(f"no *.md or *.txt files in {options.folder or REPOSITORY}")
    client = chromadb.HttpClient(host=options.host, port=options.port)
    model = MiniLM()
    collection = client.get_or_create_collection(
        options.collection, configuration={"hnsw": {"space": "cosine"}}, embedding_function=None)
    added, removed = store(collection, model, passages(files))
    print(f"{collection.count()} passages of {len(files)} files ({added} embedded, {removed} removed)")
    for question in options.questions or prompt():
        print(f"\n{question}")
        for hit in ask(collection, model, question):
            print(f"  {hit['distance']:.3f}  {hit['file']}, {hit['heading']}\n         {shortened(hit['text'])}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default=os.environ.get("CHROMA_HOST", "localhost"))
    parser.add_argument("--port", type=int, default=int(os.environ.get("CHROMA_PORT", "8000")))
    parser.add_argument("--folder", type=Path, help="default: the documentation of this project")
    parser.add_argument("--collection", default=COLLECTION)
    parser.add_argument("questions", nargs="*", help="default: asked for")
    options = parser.parse_args()
    if options.folder and not options.folder.is_dir():
        parser.error(f"{options.folder} is not a folder")
    return options


def documents(folder=None):
    """Text by name: the files below `folder`, or this project's own documentation."""
    if folder:
        paths = [path for path in folder.rglob("*") if path.suffix in (".md", ".txt")]
    else:
        folder = REPOSITORY
        paths = [*folder.glob("*.md"), *(folder / "docs").rglob("*.md")]
    return {str(path.relative_to(folder)): path.read_text(errors="replace") for path in sorted(paths) if path.is_file()}


def passages(files):
    """Pieces of about PASSAGE_CHARACTERS, never across a heading, whole paragraphs where they fit.

    The id is made of what the passage says and where, so that an unchanged passage keeps it.
    """
    found = {}
    for file, text in files.items():
        for heading, paragraphs in sections(text):
            for piece in packed(paragraphs):
                key = hashlib.sha256(f"{file}\0{heading}\0{piece}".encode()).hexdigest()[:24]
                found[key] = {"file": file, "heading": heading, "text": piece}
    return found


def sections(text):
    """`(heading, paragraphs)` of a Markdown text; code fences stay whole and their `#` lines are no headings."""
    heading, paragraphs, lines, fenced = "", [], [], False

    def close():
        if any(line.strip() for line in lines):
            paragraphs.append("\n".join(lines).strip())
        lines.clear()

    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
        title = None if fenced else re.match(r"#{1,6}\s+(.*)", line)
        if title or (not fenced and not line.strip()):
            close()
        else:
            lines.append(line)
        if title:
            if paragraphs:
                yield heading, paragraphs
            heading, paragraphs = title.group(1).strip(), []
    close()
    if paragraphs:
        yield heading, paragraphs


def packed(paragraphs):
    """Neighbouring paragraphs put together while they fit; one that is too long is cut between words."""
    piece = ""
    for paragraph in paragraphs:
        while len(paragraph) > PASSAGE_CHARACTERS:
            cut = max(paragraph.rfind(" ", 1, PASSAGE_CHARACTERS), paragraph.rfind("\n", 1, PASSAGE_CHARACTERS))
            cut = cut if cut > 0 else PASSAGE_CHARACTERS
            if piece:
                yield piece
                piece = ""
            yield paragraph[:cut].strip()
            paragraph = paragraph[cut:].strip()
        if piece and len(piece) + len(paragraph) > PASSAGE_CHARACTERS:
            yield piece
            piece = ""
        piece = f"{piece}\n\n{paragraph}".strip()
    if piece:
        yield piece


def store(collection, model, wanted):
    """Makes the collection hold just the passages of `wanted`. Returns how many were added and removed."""
    present = set(collection.get(include=[])["ids"])
    new = [key for key in wanted if key not in present]
    stale = sorted(present - wanted.keys())
    for start in range(0, len(new), BATCH):
        if len(new) > BATCH:
            print(f"embedding {start} of {len(new)} passages", file=sys.stderr, flush=True)
        batch = new[start:start + BATCH]
        chosen = [wanted[key] for key in batch]
        collection.upsert(
            ids=batch,
            # The heading is part of what a passage is about, so it is embedded with it.
            embeddings=model.embed([f"{each['heading']}\n{each['text']}" for each in chosen]),
            documents=[each["text"] for each in chosen],
            metadatas=[{"file": each["file"], "heading": each["heading"]} for each in chosen])
    for start in range(0, len(stale), BATCH):
        collection.delete(ids=stale[start:start + BATCH])
    return len(new), len(stale)


def ask(collection, model, question, results=RESULTS):
    """The passages nearest to the question, nearest first."""
    answer = collection.query(query_embeddings=model.embed([question]), n_results=results,
                              include=["documents", "metadatas", "distances"])
    return [{**metadata, "text": text, "distance": distance} for metadata, text, distance in
            zip(answer["metadatas"][0], answer["documents"][0], answer["distances"][0])]


def shortened(text, characters=160):
    line = " ".join(text.split())
    return line if len(line) <= characters else line[:characters - 1] + "…"


def prompt():
    while True:
        try:
            question = input("\nquestion (empty to end): ").strip()
        except EOFError:
            return
        if not question:
            return
        yield question


if __name__ == "__main__":
    main()
