"""Collections: create, read, rename, configure, delete."""
from . import Case, Group, bad, delete, get, post, put
from .transport import UNKNOWN_UUID

C = "{DB}/collections"
HNSW = {"space": "l2", "ef_construction": 100, "ef_search": 100, "max_neighbors": 16, "resize_factor": 1.2,
        "sync_threshold": 1000}


def create(name, **fields):
    return post(C, {"name": name, **fields.pop("body", {})}, **fields)


def named(name, space, **hnsw):
    """What a created collection answers: its space and other index settings."""
    return {"name": name, "configuration_json": {"hnsw": {"space": space, **hnsw}, "spann": None}}


GROUPS = [
    Group("collection names", [
        create("ab", **bad(400, "Validation error: name: Expected a name containing 3-512 characters")),
        create("a" * 513, **bad(400, "Validation error: name: Expected a name containing 3-512 characters")),
        create("a" * 512, json={"name": "a" * 512}),
        create("a..b", **bad(400, "Expected a name that does not contains two consecutive periods (..). Got a..b")),
        create("-abc", **bad(400, "Got: -abc")),
        create("abc_", **bad(400, "Got: abc_")),
        create("a b c", **bad(400, "Got: a b c")),
        create("äbcd", **bad(400, "Validation error: name: ")),
        create("10.0.0.1", **bad(400, "Expected a name that is not a valid ip address. Got 10.0.0.1")),
        create("abc+def", json={"name": "abc+def"}),
        create("abc+def+ghi", **bad(400, "Validation error: name: ")),
        create("A.b-c_9", json={"name": "A.b-c_9"}),
    ]),
    Group("creating collections", [
        create("plain", json={
            "id": str, "name": "plain", "metadata": None, "dimension": None, "tenant": "default_tenant",
            "database": "default_database", "log_position": 0, "version": 0,
            "configuration_json": {"hnsw": HNSW, "spann": None, "embedding_function": None},
            "schema": {"defaults": dict, "keys": {"#embedding": dict, "#document": dict}}}),
        create("plain", **bad(409, "Collection [plain] already exists")),
        create("plain", title="get_or_create leaves it as it is", json={"name": "plain", "metadata": None},
               body={"get_or_create": True, "metadata": {"k": 1}}),
        create("plain", title="get_or_create still checks", **bad(400, "Metadata cannot be empty"),
               body={"get_or_create": True, "metadata": {}}),
        create("numbers", body={"metadata": {"i": 2, "f": 2.0, "e": 1e2, "t": True, "s": ""}},
               json={"metadata": {"i": 2, "f": 2.0, "e": 100.0, "t": True, "s": ""}}),
        create("empty-metadata", body={"metadata": {}}, **bad(400,
               "Validation error: metadata: Metadata cannot be empty")),
        create("null-value", body={"metadata": {"k": None}}, **bad(422)),
        create("empty-key", body={"metadata": {"": 1}}, **bad(400, "Metadata key cannot be empty")),
        create("dollar-key", body={"metadata": {"$a": 1}}, **bad(400, "Metadata key cannot start with '#' or '$': $a")),
        create("hash-key", body={"metadata": {"#a": 1}}, **bad(400, "Metadata key cannot start with '#' or '$': #a")),
        create("a..b", title="two faults in one answer", body={"metadata": {}}, **bad(400, "Metadata cannot be empty")),
        create("list-value", body={"metadata": {"k": [1, 2]}}, **bad(400), decision="D6"),
        post("/api/v2/tenants/default_tenant/databases/nowhere/collections", {"name": "abcd"},
             **bad(400, "Database [nowhere] does not exist")),
        get(f"{C}/plain", json={"name": "plain"}),
    ]),
    Group("index configuration", [
        create("cos", body={"configuration": {"hnsw": {"space": "cosine"}}}, json=named("cos", "cosine")),
        create("spann", body={"configuration": {"spann": {"space": "cosine"}}}, json=named("spann",
               "cosine", ef_search=100)),
        create("legacy", body={"metadata": {"hnsw:space": "ip", "hnsw:M": 8, "hnsw:search_ef": 33}},
               json={**named("legacy", "ip", max_neighbors=8, ef_search=33), "metadata": {"hnsw:space": "ip"}}),
        create("wins", title="a configuration other than the defaults wins over metadata, space too",
               body={"metadata": {"hnsw:space": "ip"}, "configuration": {"hnsw": {"ef_search": 11}}},
               json=named("wins", "l2", ef_search=11)),
        create("loses", title="a configuration of defaults loses to metadata",
               body={"metadata": {"hnsw:space": "ip"}, "configuration": {"hnsw": {"ef_search": 100}}},
               json=named("loses", "ip")),
        create("both-kinds", body={"configuration": {"hnsw": {}, "spann": {}}},
               **bad(400, "Multiple vector index configurations provided")),
        create("bogus", body={"metadata": {"hnsw:space": "bogus"}},
               **bad(400, "Failed to parse hnsw parameters from segment metadata")),
        create("unknown-key", body={"metadata": {"hnsw:x": 1}}, **bad(400, "Failed to parse hnsw parameters")),
        create("sync-one", body={"metadata": {"hnsw:sync_threshold": 1}}, **bad(400,
               "Failed to parse hnsw parameters")),
        create("half-schema", body={"schema": {"defaults": {}}}, **bad(422)),
        create("function", title="the embedding function comes back verbatim", body={"configuration": {
            "embedding_function": {"type": "known", "name": "f", "config": {"a": 1, "b": 1.0, "c": [None, "x"]}}}},
            json={"configuration_json": {"embedding_function": {
                "type": "known", "name": "f", "config": {"a": 1, "b": 1.0, "c": [None, "x"]}}}}),
    ]),
    Group("reading collections", [
        get(f"{C}/{{NAME}}", title="by name", json={"id": "{ID}", "name": "{NAME}"}),
        get(f"{C}/by-id/{{ID}}", title="by id", json={"id": "{ID}", "name": "{NAME}"}),
        get(f"{C}/{{ID}}", title="an id is no name", **bad(404, "Collection [{ID}] does not exist")),
        get(f"{C}/nothing", **bad(404, "Collection [nothing] does not exist")),
        get(f"{C}/by-id/{UNKNOWN_UUID}", **bad(404)),
        get(f"{C}/by-id/xyz", **bad(400, "Invalid collection ID format, expected UUID")),
        get("{C}/count", json=0),
        get(f"{C}/xyz/count", **bad(400, "Collection ID is not a valid UUIDv4")),
        get(f"{C}/{UNKNOWN_UUID}/count", **bad(404, f"Collection [{UNKNOWN_UUID}] does not exist.")),
        get("/api/v2/collections/default_tenant:default_database:{NAME}", title="by CRN", decision="D6",
            json={"id": "{ID}", "name": "{NAME}"}),
        get("/api/v2/collections/default_tenant:default_database:none", **bad(404), decision="D6"),
        get("/api/v2/collections/xyz", **bad(400, "CRN must be in the format")),
    ]),
    Group("changing collections", [
        put("{C}", {}, json={}),
        put("{C}", {"new_metadata": {"a": 1, "b": "x"}}, json={}),
        put("{C}", {"new_metadata": {"c": 2.5}}, json={}),
        get(f"{C}/{{NAME}}", title="new metadata replaces the old", json={"metadata": {"c": 2.5}}),
        put("{C}", {"new_metadata": {}}, **bad(400, "new_metadata: Metadata cannot be empty")),
        put("{C}", {"new_metadata": {"c": None}}, json={}),
        get(f"{C}/{{NAME}}", title="a null value drops its key", json={"metadata": None}),
        put("{C}", {"new_name": "a..b"}, **bad(400, "Validation error: new_name: ")),
        create("taken"),
        put("{C}", {"new_name": "taken"}, **bad(409), decision="D7"),
        put("{C}", {"new_configuration": {"hnsw": {"ef_search": 77}}}, json={}),
        get(f"{C}/{{NAME}}", title="ef_search has changed", json=named("{NAME}", "l2", ef_search=77)),
        put("{C}", {"new_configuration": {"hnsw": {"space": "ip"}}}, **bad(422, "unknown field `space`")),
        put("{C}", {"new_configuration": {"hnsw": {"ef_construction": 5}}}, **bad(422, "unknown field")),
        put("{C}", {"new_configuration": {"hnsw": {}, "spann": {}}},
            **bad(400, "Multiple vector index configurations provided")),
        put(f"{C}/xyz", {"new_name": "abcd"}, **bad(400, "Collection ID is not a valid UUIDv4")),
        put(f"{C}/{UNKNOWN_UUID}", {"new_name": "abcd"}, **bad(404, f"Collection [{UNKNOWN_UUID}] does not exist.")),
        put("{C}", {"new_name": "renamed"}, json={}),
        get(f"{C}/renamed", json={"id": "{ID}"}),
        get(f"{C}/{{NAME}}", title="the old name is gone", **bad(404)),
        delete(f"{C}/{{ID}}", title="delete takes a name", **bad(404, "Collection [{ID}] does not exist")),
        delete(f"{C}/renamed", json={}),
        delete(f"{C}/renamed", **bad(404, "Collection [renamed] does not exist")),
        get("{C}/count", title="records of a deleted collection", **bad(404)),
    ]),
    Group("spellings of a collection id", [
        Case("braces", "GET", f"{C}/%7B{{ID}}%7D/count", json=0),
        Case("urn", "GET", f"{C}/urn:uuid:{{ID}}/count", json=0),
    ]),
]
