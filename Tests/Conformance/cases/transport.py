"""Bodies, limits, content types, unknown routes, tenants and databases."""
import re

from . import NOTHING, Case, Group, bad, delete, get, post, put

NOT_JSON = "Failed to parse the request body as JSON"
WRONG_SHAPE = "Failed to deserialize the JSON body into the target type"
BAD_QUERY = "Failed to deserialize query string"
MAX_BODY_BYTES = 41_943_040  # the default limit; a body of just this length is still taken
UNKNOWN_UUID = "00000000-0000-4000-8000-00000000abcd"
TENANTS = "/api/v2/tenants"


def raw(title, body, path="{C}/add", **expected):
    return Case(title, "POST", path, body, **expected)


def padded(length):
    """A valid `get` body of exactly `length` bytes."""
    start, end = b'{"ids":["a"],"include":[]', b"}"
    return start + b" " * (length - len(start) - len(end)) + end


GROUPS = [
    Group("system", [
        get("/api/v2", json={"nanosecond heartbeat": int}),
        get("/api/v2/heartbeat", json={"nanosecond heartbeat": int}),
        get("/api/v2/version", json=re.compile(r"1\.\d+\.\d+")),
        get("/api/v2/healthcheck", json={"is_executor_ready": True, "is_log_client_ready": True}),
        get("/api/v2/pre-flight-checks", json={"max_batch_size": int, "supports_base64_encoding": True}),
        get("/api/v2/auth/identity", json={
            "user_id": "", "tenant": "default_tenant", "databases": ["default_database"]}),
        Case("HEAD of a GET route", "HEAD", "/api/v2/heartbeat"),
        get("/api/v2/heartbeat/", title="a trailing slash is forgiven", decision="D5",
            json={"nanosecond heartbeat": int}),
        get("/api/v2/nothing/here", **bad(404), decision="D5"),
        get("/nothing", **bad(404), decision="D5"),
        post("/api/v2/heartbeat", {}, **bad(405), decision="D5"),
        delete(TENANTS + "/default_tenant", **bad(405), decision="D5"),
        get(TENANTS, **bad(405), decision="D5"),
        get("/API/V2/heartbeat", title="paths are case-sensitive", **bad(404), decision="D5"),
    ]),
    Group("bodies that are not JSON", [
        raw("cut short", b"{bad", TENANTS, **bad(400, NOT_JSON)),
        raw("empty", b"", TENANTS, **bad(400, NOT_JSON)),
        raw("more after the end", b'{"name":"abcd"} x', TENANTS, **bad(400, NOT_JSON)),
        raw("invalid UTF-8 in a string", b'{"name":"ab\xff\xfecd"}', TENANTS, **bad(400)),
        raw("overlong UTF-8 in an id", b'{"ids":["\xc0\xaf"],"embeddings":[[1,2]]}', **bad(400)),
        raw("UTF-8 cut by the end of a string", b'{"ids":["\xe2\x82"],"embeddings":[[1,2]]}', **bad(400)),
        raw("a surrogate encoded as UTF-8", b'{"ids":["\xed\xa0\x80"],"embeddings":[[1,2]]}', **bad(400)),
        raw("invalid UTF-8 outside strings", b'\xff\xfe{"name":"abcd"}', TENANTS, **bad(400, NOT_JSON)),
        raw("a lone high surrogate", rb'{"ids":["\ud800"],"embeddings":[[1,2]]}', **bad(400, NOT_JSON)),
        raw("a lone low surrogate", rb'{"ids":["\udc00"],"embeddings":[[1,2]]}', **bad(400, NOT_JSON)),
        raw("a lone surrogate in a document", rb'{"ids":["a"],"embeddings":[[1,2]],"documents":["x\ud800y"]}',
            **bad(400, NOT_JSON)),
        raw("a bare control character", b'{"ids":["a\x01"],"embeddings":[[1,2]]}', **bad(400, NOT_JSON)),
        raw("NaN", b'{"ids":["a"],"embeddings":[[NaN,1]]}', **bad(400, NOT_JSON)),
        raw("Infinity", b'{"ids":["a"],"embeddings":[[1,Infinity]]}', **bad(400, NOT_JSON)),
        raw("a number beyond float64", b'{"ids":["a"],"embeddings":[[1e400,1]]}', **bad(400, NOT_JSON)),
        raw("a leading zero", b'{"ids":["a"],"embeddings":[[01,1]]}', **bad(400, NOT_JSON)),
        raw("a trailing comma", b'{"ids":["a",],"embeddings":[[1,1]]}', **bad(400, NOT_JSON)),
        # Which of the two a reader gives depends on whether it meets the wrong shape or its own depth limit first.
        raw("10,000 opening brackets", b"[" * 10_000, status=(400, 422)),
        raw("10,000 lists inside a field", b'{"ids":' + b"[" * 10_000 + b"]" * 10_000 + b"}", status=(400, 422)),
        raw("10,000 lists inside an unknown field",
            b'{"ids":[],"embeddings":[],"x":' + b"[" * 10_000 + b"]" * 10_000 + b"}", status=(201, 400)),
        raw("10,000 objects in metadata", b'{"ids":["a"],"embeddings":[[1,1]],"metadatas":['
            + b'{"a":' * 10_000 + b"1" + b"}" * 10_000 + b"]}", status=(400, 422)),
    ]),
    Group("bodies of a wrong shape", [
        post(TENANTS, {}, **bad(422, "missing field `name`")),
        post(TENANTS, {"name": 3}, **bad(422, WRONG_SHAPE)),
        post(TENANTS, {"name": None}, **bad(422, WRONG_SHAPE)),
        post(TENANTS, "text", **bad(422, WRONG_SHAPE)),
        raw("a known field twice", b'{"name":"aaaa","name":"bbbb"}', TENANTS, **bad(422, WRONG_SHAPE)),
        post("{C}/add", {"ids": ["a"]}, **bad(422, "missing field `embeddings`")),
        post("{C}/add", {"embeddings": [[1, 2]]}, **bad(422, "missing field `ids`")),
        post("{C}/get", {"limit": -1}, **bad(422, WRONG_SHAPE)),
        post("{C}/get", {"limit": 4294967296}, **bad(422, WRONG_SHAPE)),
        post("{C}/get", {"limit": 1.5}, **bad(422, WRONG_SHAPE)),
        post("{C}/get", {"include": ["everything"]}, **bad(422, WRONG_SHAPE)),
        post("{C}/get", {"unknown": [1, {"x": None}], "include": []}, title="unknown fields are ignored",
             json={"ids": []}),
        post("{DB}/collections", {"name": "abcd", "get_or_create": None}, **bad(422, WRONG_SHAPE)),
        post("{DB}/collections", {"name": "abcd", "configuration": {"hnsw": {"bogus": 1}}},
             **bad(422, "unknown field `bogus`")),
        post("{DB}/collections", {"name": "abcd", "configuration": {"hnsw": {"space": "L2"}}}, **bad(422, WRONG_SHAPE)),
        post("{DB}/collections", {"name": "abcd", "configuration": {"hnsw": {"ef_search": -1}}},
             **bad(422, WRONG_SHAPE)),
    ]),
    Group("query strings", [
        get("{DB}/collections?limit=-1", **bad(400, BAD_QUERY)),
        get("{DB}/collections?limit=", **bad(400, BAD_QUERY)),
        get("{DB}/collections?limit=x", **bad(400, BAD_QUERY)),
        get("{DB}/collections?limit=1&limit=2", **bad(400, BAD_QUERY)),
        get("{DB}/collections?limit=4294967296", **bad(400, BAD_QUERY)),
        get("{DB}/collections?offset=-1", **bad(400, BAD_QUERY)),
        get("{DB}/collections?limit=0", json=[]),
        get("{DB}/collections?offset=4294967295", json=[]),
        get("{C}/count?read_level=index_only", json=0),
        get("{C}/count?read_level=bogus", **bad(400, BAD_QUERY)),
    ]),
    Group("content types", [
        raw("none is read as JSON", b'{"ids":["a"],"embeddings":[[1,2]]}', headers={}, status=201, json={}),
        raw("with a parameter", b'{"include":[]}', "{C}/get", json={"ids": ["a"]},
            headers={"Content-Type": "application/json; charset=utf-8"}),
        raw("in another case", b'{"include":[]}', "{C}/get", json={"ids": ["a"]},
            headers={"Content-Type": "Application/JSON"}),
        raw("application/vnd.x+json", b'{"include":[]}', "{C}/get", json={"ids": ["a"]},
            headers={"Content-Type": "application/vnd.x+json"}),
        raw("text/plain", b'{"include":[]}', "{C}/get", headers={"Content-Type": "text/plain"},
            **bad(415, "Expected request with `Content-Type: application/json`")),
        raw("application/x-www-form-urlencoded", b"a=b", "{C}/get", **bad(415, "Content-Type"),
            headers={"Content-Type": "application/x-www-form-urlencoded"}),
        raw("multipart/form-data", b"--x--", TENANTS, **bad(415, "Content-Type"),
            headers={"Content-Type": "multipart/form-data; boundary=x"}),
    ]),
    Group("long and chunked bodies", [
        raw("chunked", '{"ids":["ä","b"],"embeddings":[[1,2],[3,4]],"documents":["ö",null]}'.encode(), chunked=True,
            status=201, json={}),
        raw("chunked get", b'{"ids":["\\u00e4"]}', "{C}/get", chunked=True, json={"ids": ["ä"], "documents": ["ö"]}),
        raw("chunked, not JSON", b'{"ids":', "{C}/get", chunked=True, **bad(400, NOT_JSON)),
        raw("just the limit", padded(MAX_BODY_BYTES), "{C}/get", json={"ids": []}),
        raw("one byte more", padded(MAX_BODY_BYTES + 1), "{C}/get", **bad(413)),
        raw("one byte more, to add", padded(MAX_BODY_BYTES + 1), "{C}/add", **bad(413), decision="D5"),
        raw("41 MB", padded(43_000_000), "{C}/get", **bad(413), decision="D5"),
        get("{C}/count", title="the server goes on", json=2),
    ]),
    Group("tenants", [
        post(TENANTS, {"name": "ab"}, **bad(400, "Validation error: name: ")),
        post(TENANTS, {"name": "äöü"}, json={}),
        post(TENANTS, {"name": "acme/eu"}, json={}),
        post(TENANTS, {"name": "acme/eu"}, **bad(409, "Tenant [acme/eu] already exists")),
        get(TENANTS + "/acme%2Feu", title="%2F inside a name", json={"name": "acme/eu", "resource_name": None}),
        get(TENANTS + "/%C3%A4%C3%B6%C3%BC", title="UTF-8 in a path", json={"name": "äöü"}),
        get(TENANTS + "/nobody", **bad(404, "Tenant [nobody] not found")),
        Case("PATCH without a name", "PATCH", TENANTS + "/acme%2Feu", {}, **bad(422, WRONG_SHAPE)),
        Case("PATCH", "PATCH", TENANTS + "/acme%2Feu", {"resource_name": "acme"}, json={}),
        get(TENANTS + "/nobody/databases", json=[]),
    ]),
    Group("databases", [
        post(TENANTS + "/default_tenant/databases", {"name": "db_b"}, json={}),
        post(TENANTS + "/default_tenant/databases", {"name": "db_a"}, json={}),
        post(TENANTS + "/default_tenant/databases", {"name": "db_a"}, **bad(409, "Database [db_a] already exists")),
        post(TENANTS + "/default_tenant/databases", {"name": "x"}, **bad(400, "Expected a name containing 3-512")),
        post(TENANTS + "/default_tenant/databases", {"name": "a..b"}, **bad(400, "two consecutive periods")),
        post(TENANTS + "/default_tenant/databases", {"name": "1.2.3.4"}, **bad(400, "not a valid ip address")),
        get(TENANTS + "/default_tenant/databases", title="ordered by name", json=[
            {"name": "db_a", "tenant": "default_tenant", "id": str}, {"name": "db_b"},
            {"name": "default_database", "id": "00000000-0000-0000-0000-000000000000"}]),
        get(TENANTS + "/default_tenant/databases?limit=1&offset=1", json=[{"name": "db_b"}]),
        get(TENANTS + "/default_tenant/databases/db_a", json={"name": "db_a", "tenant": "default_tenant", "id": str}),
        get(TENANTS + "/default_tenant/databases/none", **bad(404,
            "Database [none] not found. Are you sure it exists?")),
        get(TENANTS + "/default_tenant/databases/ab", **bad(400, "database name must be at least 3 characters")),
        delete(TENANTS + "/default_tenant/databases/db_b", json={}),
        delete(TENANTS + "/default_tenant/databases/db_b", **bad(404, "Database [db_b] not found")),
        delete(TENANTS + "/default_tenant/databases/ab", **bad(404, "Database [ab] not found")),
        get(TENANTS + "/default_tenant/databases/none/collections", json=[]),
        get(TENANTS + "/default_tenant/databases/none/collections_count", json=0),
        get(TENANTS + "/default_tenant/databases/ab/collections", **bad(400, "at least 3 characters")),
    ]),
    Group("the path's tenant and database bind record routes", [
        post("{C}/add", {"ids": ["a"], "embeddings": [[1, 2]]}, status=201),
        *[Case(f"{method} {end} through another database", method,
               f"{TENANTS}/default_tenant/databases/db_a/collections/{{ID}}{end}", body,
               **bad(404, "Collection [{ID}] does not exist"), decision="D4")
          for method, end, body in [
              ("POST", "/add", {"ids": ["b"], "embeddings": [[1, 2]]}),
              ("POST", "/upsert", {"ids": ["b"], "embeddings": [[1, 2]]}),
              ("POST", "/update", {"ids": ["a"], "embeddings": [[3, 4]]}),
              ("POST", "/delete", {"ids": ["a"]}),
              ("POST", "/get", {}),
              ("POST", "/query", {"query_embeddings": [[1, 2]]}),
              ("GET", "/count", NOTHING),
              ("PUT", "", {"new_name": "stolen"}),
          ]],
        get(TENANTS + "/nobody/databases/default_database/collections/{ID}/count", title="through another tenant",
            **bad(404, "Collection [{ID}] does not exist"), decision="D4"),
        post("{C}/get", {"include": ["embeddings"]}, title="and nothing has changed", decision="D4",
             json={"ids": ["a"], "embeddings": [[1.0, 2.0]]}),
    ]),
    Group("reset", [
        post("/api/v2/reset", NOTHING, title="reset", json=True),
        get(TENANTS + "/acme%2Feu", **bad(404, "Tenant [acme/eu] not found")),
        get(TENANTS + "/default_tenant/databases", json=[{"name": "default_database"}]),
        get("{C}/count", **bad(404, "Collection [{ID}] does not exist.")),
        get("{DB}/collections_count", json=0),
    ]),
]
