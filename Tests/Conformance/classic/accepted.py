"""Where a classic client may see something else here than on its own server, and why."""
import json
from dataclasses import dataclass
from pathlib import Path

GOLDEN = Path(__file__).resolve().parent / "golden"


@dataclass(frozen=True)
class Accepted:
    """One difference, with what is seen here instead: an error, a result, or what a later release saw."""

    clients: tuple  # releases
    call: str
    reason: str
    error: str = None  # class of the exception raised here
    says: str = None  # part of its message
    like: str = None  # release whose golden transcript has the answer given here
    metadata: str = None  # of the collection returned here, as JSON

    def covers(self, client, wanted, got):
        if client not in self.clients or wanted["call"] != self.call:
            return False
        if self.like:
            return without_included(got) == without_included(answer(self.like, self.call))
        if self.metadata:
            collection = {**wanted["result"]["Collection"], "metadata": json.loads(self.metadata)}
            expected = {"call": self.call, "result": {"Collection": collection}}
            return json.dumps(got, sort_keys=True) == json.dumps(expected, sort_keys=True)
        return "error" in got and got["error"]["type"] == self.error and self.says in got["error"]["message"]


def answer(client, call):
    for line in (GOLDEN / f"{client}.jsonl").read_text().splitlines():
        line = json.loads(line)
        if line["call"] == call:
            return line
    raise KeyError(f"{client} has no call {call}")


def without_included(line):
    """As text; clients before 0.5.1 drop `included` from results."""
    if isinstance(line.get("result"), dict):
        line = {**line, "result": {key: value for key, value in line["result"].items() if key != "included"}}
    return json.dumps(line, sort_keys=True)


V1 = ("0.4.24", "0.5.13")
V2 = ("0.5.23", "0.6.3")
FIRST = ("0.4.24",)

TEXT = "an error without a class is raised with the answer's text, which has `error` and `message` apart here"
NAMES = "names follow the rule of Chroma 1.x, 3 to 512 characters, and the sentence says so"
WORDING = "the sentence is that of Chroma 1.x"
OWN_CLASS = "a class of its own instead of a bare Exception with the answer's text; `except Exception` catches both"
TAKEN = "a name that is taken is reported as at creation, not as a fault of the database"
MISSING_KEY = "a record without the key passes $ne, $nin and $not_contains, as in every release since"
KEPT = "get_or_create_collection leaves a collection that exists as it is, as in every release since"
BOOLEAN = "true in a collection's metadata stays true instead of 1, as in every release since"
MOVIES = '{"hnsw:space": "cosine", "public": true, "score": 0.5, "topic": "films", "year": 2024}'

ACCEPTED = [
    Accepted(V1, "create_collection, taken", TEXT, "Exception", "Collection movies already exists"),
    Accepted(V1, "create_tenant, taken", TEXT, "Exception", "Tenant acme already exists"),
    Accepted(V1, "create_database, taken", TEXT, "Exception", "Database shop already exists for tenant acme"),
    Accepted(V1, "delete_collection, unknown", TEXT, "Exception", "Collection books does not exist."),
    Accepted(V1, "delete, nothing named", TEXT, "Exception", "You must provide either ids, where, or where_document"),
    Accepted(V1, "reset, not allowed", TEXT, "Exception", "Resetting is not allowed by this configuration"),
    Accepted(FIRST, "get_tenant, unknown", TEXT, "Exception", "Tenant unknown not found"),
    Accepted(FIRST, "get_database, unknown", TEXT, "Exception", "Database unknown not found for tenant acme"),
    Accepted(V1, "create_collection, bad name", NAMES, "Exception", "Expected a name containing 3-512 characters"),
    Accepted(V2, "create_collection, bad name", NAMES, "InvalidArgumentError", "Expected a name containing 3-512"),
    Accepted(V1, "create_collection, empty metadata", WORDING, "Exception", "Metadata cannot be empty"),
    Accepted(V2, "create_collection, empty metadata", WORDING, "InvalidArgumentError", "Metadata cannot be empty"),
    Accepted(V1 + V2, "add, wrong dimension", OWN_CLASS, "InvalidDimensionException",
             "Embedding dimension 3 does not match collection dimensionality 2"),
    Accepted(("0.4.24", "0.5.13", "0.5.23"), "modify, a name that is taken", TAKEN, "Exception",
             "Collection books already exists"),
    Accepted(("0.6.3",), "modify, a name that is taken", TAKEN, "UniqueConstraintError",
             "Collection books already exists"),
    Accepted(FIRST, "get_collection, unknown", OWN_CLASS, "InvalidCollectionException",
             "Collection unknown does not exist."),
    Accepted(FIRST, "get_collection, old name", OWN_CLASS, "InvalidCollectionException",
             "Collection movies does not exist."),
    Accepted(FIRST, "get_collection, deleted", OWN_CLASS, "InvalidCollectionException",
             "Collection books does not exist."),
    Accepted(FIRST, "count, collection deleted", OWN_CLASS, "InvalidCollectionException",
             "Collection <id> does not exist."),
    Accepted(FIRST, "modify, collection deleted", OWN_CLASS, "InvalidCollectionException",
             "Collection <id> does not exist."),
    Accepted(FIRST, "get, where $ne", MISSING_KEY, like="0.5.13"),
    Accepted(FIRST, "get, where $nin", MISSING_KEY, like="0.5.13"),
    Accepted(FIRST, "get, where $and", MISSING_KEY, like="0.5.13"),
    Accepted(FIRST, "get, where_document $not_contains", MISSING_KEY, like="0.5.13"),
    Accepted(FIRST, "get_collection", BOOLEAN, metadata=MOVIES),
    Accepted(FIRST, "get_or_create_collection, there", BOOLEAN, metadata=MOVIES),
    Accepted(FIRST, "list_collections", BOOLEAN, like="0.5.13"),
    Accepted(FIRST, "get_or_create_collection, other metadata", KEPT, metadata="null"),
    Accepted(FIRST, "get_collection, metadata since", KEPT, metadata="null"),
    Accepted(FIRST, "get_collection, to be deleted", KEPT, metadata="null"),
]
