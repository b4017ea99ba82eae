"""The code of docs/deploy/upsun.md, as a reader would paste it."""
from __future__ import annotations

import json
import re
from pathlib import Path

GUIDE = Path(__file__).resolve().parents[2] / "docs/deploy/upsun.md"


def block(language: str) -> str:
    """The guide's one block of that language."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    if len(found) != 1:
        raise ValueError(f"{GUIDE.name} has {len(found)} blocks of {language}, expected 1")
    return found[0]


def promised(language: str) -> str:
    """What the block's last comment says that it prints."""
    return re.split(r"^(?:#|//) ", block(language), flags=re.MULTILINE)[-1].strip()


# The requests of chromadb 3 for JavaScript, whose package is not to be had everywhere: who is there, what the server takes, then
# the snippet's own calls. Runs where the snippet would, with what it reads from the environment and with its data.
def javascript_requests() -> str:
    """A program in Python's standard library; prints what the snippet prints."""
    code = block("javascript")
    data = {
        name: json.loads(re.sub(r"(\w+):", r'"\1":', text)) for name, text in (
            ("ids", only(r"ids: (\[.*?\]),\n", code)), ("embeddings", only(r"embeddings: (\[\[.*?\]\]),\n", code)),
            ("documents", only(r"documents: (\[.*?\]),\n", code)), ("metadatas", only(r"metadatas: (\[.*?\]),\n", code)),
            ("query", only(r"queryEmbeddings: (\[\[.*?\]\]),", code)), ("limit", only(r"nResults: (\d+),", code)))}
    data["where"] = json.loads(re.sub(r"([$\w]+):", r'"\1":', only(r"where: (\{.*\}) \}\);", code)))
    data["name"] = only(r'getOrCreateCollection\(\{ name: "(\w+)"', code)
    for variable in re.findall(r"process\.env\.(\w+)", code):
        if variable not in ("CHROMA_HOST", "CHROMA_PORT", "CHROMA_SSL", "CHROMA_AUTH_TOKEN"):
            raise ValueError(f"the guide's JavaScript reads {variable}, which the stand-in does not")
    return f"import json\nDATA = json.loads({json.dumps(json.dumps(data))})\n" + REQUESTS


def only(pattern: str, text: str) -> str:
    found = re.findall(pattern, text)
    if len(found) != 1:
        raise ValueError(f"the guide's JavaScript has {len(found)} places like {pattern}, expected 1")
    return found[0]


REQUESTS = r'''
import base64, os, struct, urllib.request

HOST, PORT = os.environ.get("CHROMA_HOST") or "127.0.0.1", int(os.environ.get("CHROMA_PORT") or 8000)
BASE = ("https" if os.environ.get("CHROMA_SSL") == "true" else "http") + f"://{HOST}:{PORT}"
TOKEN = os.environ.get("CHROMA_AUTH_TOKEN")


def send(method, path, body=None):
    headers = {"Content-Type": "application/json", "User-Agent": "Chroma Javascript Client v3.1.0 (https://github.com/chroma-core/chroma)"}
    if TOKEN:
        headers["Authorization"] = f"Bearer {TOKEN}"
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(BASE + path, data, headers, method=method), timeout=20) as answer:
        return json.load(answer)


def encoded(vectors):
    return [base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode() for vector in vectors]


who = send("GET", "/api/v2/auth/identity")
tenant = who["tenant"] if who["tenant"] != "*" else "default_tenant"
database = next((name for name in who["databases"] if name != "*"), "default_database")
takes_base64 = send("GET", "/api/v2/pre-flight-checks")["supports_base64_encoding"]
root = f"/api/v2/tenants/{tenant}/databases/{database}/collections"
collection = send("POST", root, {"name": DATA["name"], "configuration": {}, "get_or_create": True})["id"]
send("POST", f"{root}/{collection}/upsert", {
    "ids": DATA["ids"], "embeddings": encoded(DATA["embeddings"]) if takes_base64 else DATA["embeddings"],
    "documents": DATA["documents"], "metadatas": DATA["metadatas"], "uris": None})
found = send("POST", f"{root}/{collection}/query", {
    "ids": None, "include": ["metadatas", "documents", "distances"], "n_results": DATA["limit"],
    "query_embeddings": DATA["query"], "where": DATA["where"], "where_document": None})
print(json.dumps(found["documents"], separators=(",", ":")))
'''
