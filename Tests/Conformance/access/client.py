"""A client of whichever release is installed, driven over pipes: a line of JSON in, a line of JSON out.

    {"connect": {...}}                        HttpClient as users make it, then list_collections
    {"open": {...}, "as": "reader"}           the API below it, which sends nothing by itself
    {"probe": "add", "as": "reader", "at": …} one request of it

The answer is {"result": …} or {"error": {"type", "message"}}.
"""
import json
import sys
import warnings

warnings.filterwarnings("ignore")

import chromadb  # noqa: E402
import numpy  # noqa: E402
from chromadb.api import ServerAPI  # noqa: E402
from chromadb.config import Settings, System  # noqa: E402

# Before 0.5 the API takes lists, later arrays.
VECTOR = [[1.0, 0.0]] if chromadb.__version__.startswith("0.4") else [numpy.array([1.0, 0.0], dtype=numpy.float32)]

PROBES = {
    "reset": lambda api, at: api.reset(),
    "create_tenant": lambda api, at: api.create_tenant(at["fresh"]),
    "get_tenant": lambda api, at: api.get_tenant("default_tenant"),
    "create_database": lambda api, at: api.create_database(at["fresh"], "default_tenant"),
    "get_database": lambda api, at: api.get_database("default_database", "default_tenant"),
    "list_databases": lambda api, at: api.list_databases(),
    "delete_database": lambda api, at: api.delete_database(at["database"], "default_tenant"),
    "list_collections": lambda api, at: api.list_collections(),
    "count_collections": lambda api, at: api.count_collections(),
    "create_collection": lambda api, at: api.create_collection(at["fresh"]),
    "get_or_create_collection": lambda api, at: api.get_or_create_collection(at["collection"]),
    "get_collection": lambda api, at: api.get_collection(at["collection"]),
    "update_collection": lambda api, at: api._modify(at["id"], new_metadata={"changed": True}),
    "delete_collection": lambda api, at: api.delete_collection(at["collection"]),
    "add": lambda api, at: api._add(["2"], at["id"], VECTOR),
    "update": lambda api, at: api._update(at["id"], ["1"], VECTOR, documents=["changed"]),
    "upsert": lambda api, at: api._upsert(at["id"], ["3"], VECTOR),
    "delete": lambda api, at: api._delete(at["id"], ids=["1"]),
    "get": lambda api, at: api._get(at["id"], ids=["1"]),
    "peek": lambda api, at: api._peek(at["id"]),
    "query": lambda api, at: api._query(at["id"], VECTOR, n_results=1),
    "count": lambda api, at: api._count(at["id"]),
}


def settings(where):
    known = Settings.model_fields if hasattr(Settings, "model_fields") else Settings.__fields__
    given = where.get("settings", {})
    unknown = [name for name in given if name not in known]
    if unknown:
        raise KeyError(f"this release has no setting {unknown}")
    return {"anonymized_telemetry": False, **given}


def connect(where):
    client = chromadb.HttpClient(
        host=where.get("host", "127.0.0.1"), port=where["port"], ssl=where.get("ssl", False),
        headers=where.get("headers"), settings=Settings(**settings(where)))
    client.list_collections()
    return {"tenant": client.tenant, "database": client.database}


def open_api(where):
    system = System(Settings(
        chroma_api_impl="chromadb.api.fastapi.FastAPI", chroma_server_host=where.get("host", "127.0.0.1"),
        chroma_server_http_port=where["port"], chroma_server_headers=where.get("headers"), **settings(where)))
    api = system.instance(ServerAPI)
    system.start()
    return api


def main():
    opened = {}
    for line in sys.stdin:
        order = json.loads(line)
        result = None
        try:
            if "connect" in order:
                result = connect(order["connect"])
            elif "open" in order:
                opened[order["as"]] = open_api(order["open"])
            elif order["probe"] == "identity":
                result = vars(opened[order["as"]].get_user_identity())
            else:
                PROBES[order["probe"]](opened[order["as"]], order["at"])
            answer = {"result": result}
        except Exception as error:
            answer = {"error": {"type": type(error).__name__, "message": str(error)}}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
