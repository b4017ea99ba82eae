"""Records: add, update, upsert, delete, get, query."""
import base64
import struct

from . import Group, bad, get, post
from .transport import raw



def packed(*floats):
    """The client's encoding of an embedding: little-endian float32, base64."""
    return base64.b64encode(struct.pack(f"<{len(floats)}f", *floats)).decode()


def add(body, **expected):
    expected.setdefault("status", 201)
    return post("{C}/add", body, **expected)


def upsert(body, **expected):
    return post("{C}/upsert", body, **expected)


def update(body, **expected):
    return post("{C}/update", body, **expected)


def rows(body, **expected):
    """What `get` answers; the keys asked for must be equal."""
    return post("{C}/get", body, json=expected.pop("json", expected))


def query(body, **expected):
    return post("{C}/query", body, **expected)


def remove(body, **expected):
    return post("{C}/delete", body, **expected)


PLANE = {"ids": ["a", "b", "c", "d"], "embeddings": [[1, 0], [0, 2], [3, 4], [-1, -1]]}


def distances(space, expected):
    return Group(f"distances, {space}", [
        query({"query_embeddings": [[1, 0]], "ids": [one], "include": ["distances"]},
              json={"ids": [[one]], "distances": [[distance]]})
        for one, distance in zip("abcd", expected)
    ], create={"configuration": {"hnsw": {"space": space}}}, records=PLANE)


GROUPS = [
    Group("adding", [
        add({"ids": ["a", "a"], "embeddings": [[9, 9], [8, 8]]}, json={}),
        rows({"include": ["embeddings"]}, ids=["a"], embeddings=[[9.0, 9.0]]),
        add({"ids": ["a"], "embeddings": [[7, 7]]}, title="add of an id that is there", json={}),
        rows({"include": ["embeddings"]}, ids=["a"], embeddings=[[9.0, 9.0]]),
        upsert({"ids": ["a", "a"], "embeddings": [[9, 9], [8, 8]]}, json={}),
        rows({"include": ["embeddings"]}, ids=["a"], embeddings=[[8.0, 8.0]]),
        add({"ids": [], "embeddings": []}, json={}),
        upsert({"ids": [], "embeddings": []}, json={}),
        add({"ids": ["n"], "embeddings": [[0.1, 1e-7]], "documents": None, "metadatas": [None], "uris": [None]}),
        rows({"ids": ["n"], "include": ["embeddings", "documents", "metadatas", "uris"]}, ids=["n"],
             embeddings=[[0.1, 1e-7]], documents=[None], metadatas=[None], uris=[None]),
        add({"ids": ["é", "\u0000", "😀", "a b\n"], "embeddings": [[1, 1]] * 4}),
        rows({"ids": ["é", "\u0000", "😀", "a b\n"], "include": []}, ids=["é", "\u0000", "😀", "a b\n"]),
        get("{C}/count", json=6),
    ]),
    Group("order of rows", [
        add({"ids": ["z", "a", "m"], "embeddings": [[1, 0], [2, 0], [3, 0]]}),
        rows({"ids": ["m", "a", "z"], "include": []}, ids=["z", "a", "m"]),
        rows({"ids": ["m", "m", "nope"], "include": []}, ids=["m"]),
        rows({"ids": [], "include": []}, ids=[]),
        rows({"ids": None, "include": []}, ids=["z", "a", "m"]),
        rows({"limit": 1, "offset": 1, "include": []}, ids=["a"]),
        rows({"limit": 0, "include": []}, ids=[]),
        rows({"offset": 5, "include": []}, ids=[]),
        upsert({"ids": ["z"], "embeddings": [[9, 0]]}, title="an upsert keeps its place"),
        rows({"include": []}, ids=["z", "a", "m"]),
        remove({"ids": ["z"]}, json={"deleted": 1}),
        add({"ids": ["z"], "embeddings": [[1, 0]]}, title="deleted and added again moves last"),
        rows({"include": []}, ids=["a", "m", "z"]),
    ]),
    Group("writes that are refused", [
        add({"ids": ["a"], "embeddings": [[1, 2]]}),
        add({"ids": ["b", "c"], "embeddings": [[1, 2]]},
            **bad(400, "Inconsistent number of IDs, embeddings, documents, URIs and metadatas")),
        add({"ids": ["b"], "embeddings": [[1, 2]], "documents": ["x", "y"]}, **bad(400, "Inconsistent number of IDs")),
        add({"ids": ["b"], "embeddings": [[]]}, **bad(400, "Each embedding must have at least 1 dimension")),
        add({"ids": ["b"], "embeddings": [""]}, **bad(400, "Each embedding must have at least 1 dimension")),
        add({"ids": ["b", "c"], "embeddings": [[1, 2], [1, 2, 3]]},
            **bad(400, "Inconsistent dimensions in provided embeddings")),
        add({"ids": ["b"], "embeddings": [[1, 2, 3]]},
            **bad(400, "Collection expecting embedding with dimension of 2, got 3")),
        raw("1e39 is beyond float32", b'{"ids":["b"],"embeddings":[[1e39,1]]}',
            **bad(400, "Embeddings must not contain NaN or Infinity values")),
        raw("-1e39 too", b'{"ids":["b"],"embeddings":[[1,-1e39]]}',
            **bad(400, "Embeddings must not contain NaN or Infinity values")),
        add({"ids": [""], "embeddings": [[1, 2]]}, **bad(400, "Empty ID, ID must have at least one character")),
        upsert({"ids": [""], "embeddings": [[1, 2]]}, **bad(400, "Empty ID")),
        update({"ids": [""]}, **bad(400, "Empty ID")),
        add({"ids": None, "embeddings": [[1, 2]]}, **bad(422)),
        add({"ids": ["b"], "embeddings": None}, **bad(422)),
        add({"ids": ["b"], "embeddings": [None]}, **bad(422)),
        add({"ids": ["b", "c"], "embeddings": [[1, 2], packed(1, 2)]}, title="floats and base64 in one request",
            **bad(422)),
        add({"ids": ["b"], "embeddings": [["1", 2]]}, **bad(422)),
        add({"ids": [1], "embeddings": [[1, 2]]}, **bad(422)),
        add({"ids": ["b"], "embeddings": [[1, 2]], "documents": [3]}, **bad(422)),
        add({"ids": ["b"], "embeddings": [[1, 2]], "metadatas": [{"": 1}]}, **bad(400, "Invalid metadata at index 0")),
        add({"ids": ["b"], "embeddings": [[1, 2]], "metadatas": [{"$x": 1}]}, **bad(400,
            "Invalid metadata at index 0")),
        add({"ids": ["b"], "embeddings": [[1, 2]], "metadatas": [{"#x": 1}]}, **bad(400,
            "Invalid metadata at index 0")),
        add({"ids": ["b"], "embeddings": [[1, 2]], "metadatas": [{"k": None}]}, **bad(422)),
        add({"ids": ["b"], "embeddings": [[1, 2]], "metadatas": [{"k": {"a": 1}}]}, **bad(422)),
        add({"ids": ["b"], "embeddings": [[1, 2]], "metadatas": [{"k": [1, "x"]}]}, **bad(422)),
        add({"ids": ["b"], "embeddings": [[1, 2]], "metadatas": [{"k": [[1]]}]}, **bad(422)),
        add({"ids": ["b"], "embeddings": [[1, 2]], "metadatas": [{"k": [1, None]}]}, **bad(422)),
        rows({}, ids=["a"]),
        add({"ids": ["ok", ""], "embeddings": [[1, 2], [3, 4]]}, title="one bad row refuses the batch", **bad(400)),
        rows({}, ids=["a"]),
    ]),
    Group("a refused write fixes no dimension", [
        add({"ids": [""], "embeddings": [[1, 2, 3]]}, **bad(400)),
        get("{DB}/collections/{NAME}", title="no dimension yet", json={"dimension": None}, decision="D9"),
        update({"ids": ["nobody"], "embeddings": [[1, 2, 3]]}, title="nor does an update that finds nothing"),
        get("{DB}/collections/{NAME}", title="still none", json={"dimension": None}, decision="D9"),
        query({"query_embeddings": [[1, 2, 3, 4]]}, json={"ids": [[]]}, title="any query may ask", decision="D9"),
        add({"ids": ["a"], "embeddings": [[1, 2]]}, decision="D9"),
        get("{DB}/collections/{NAME}", title="two", json={"dimension": 2}, decision="D9"),
        remove({"ids": ["a"]}),
        get("{DB}/collections/{NAME}", title="and it stays", json={"dimension": 2}, decision="D9"),
    ]),
    Group("base64 embeddings", [
        add({"ids": ["a"], "embeddings": ["AACAPwAAAAA="]}, json={}),
        rows({"include": ["embeddings"]}, embeddings=[[1.0, 0.0]]),
        add({"ids": ["b"], "embeddings": [packed(0.1, -123456.79)]}, json={}),
        rows({"ids": ["b"], "include": ["embeddings"]}, embeddings=[[0.1, -123456.79]]),
        add({"ids": ["c"], "embeddings": ["!"]}, **bad(400, "Invalid base64 string")),
        add({"ids": ["c"], "embeddings": ["AACAPwAAAAA"]}, **bad(400, "Invalid base64 string")),
        add({"ids": ["c"], "embeddings": ["AAAA"]},
            **bad(400, "Invalid byte length: 3 bytes cannot be converted to f32 values (must be divisible by 4)")),
        add({"ids": ["c"], "embeddings": [packed(float("nan"), 1)]},
            **bad(400, "Non-finite float value at embedding index 0")),
        add({"ids": ["c"], "embeddings": [packed(1, float("inf"))]}, **bad(400, "Non-finite float value")),
        add({"ids": ["c"], "embeddings": [packed(1, 2, 3)]}, **bad(400, "dimension of 2, got 3")),
        query({"query_embeddings": ["AAAAPwAAgD4="]}, **bad(422)),
        get("{C}/count", json=2),
    ]),
    Group("metadata", [
        raw("numbers keep their kind", b'{"ids":["a"],"embeddings":[[1,2]],"metadatas":[{"i":2,"f":2.0,"e":1e2,"z":-0,'
            b'"big":9223372036854775807,"more":9223372036854775808,"t":true,"s":"","l":[1,2.5],"n":[1,2]}]}',
                status=201),
        rows({"include": ["metadatas"]}, metadatas=[{
            "i": 2, "f": 2.0, "e": 100.0, "z": -0.0, "big": 9223372036854775807, "more": 9223372036854775808.0,
            "t": True, "s": "", "l": [1.0, 2.5], "n": [1, 2]}]),
        raw("of a key given twice the last wins",
            b'{"ids":["b"],"embeddings":[[1,2]],"metadatas":[{"k":1,"k":2}]}', status=201),
        rows({"ids": ["b"]}, metadatas=[{"k": 2}]),
        add({"ids": ["c", "d"], "embeddings": [[1, 2], [1, 2]], "metadatas": [{}, None]}),
        rows({"ids": ["c", "d"]}, metadatas=[None, None], documents=[None, None], embeddings=None, uris=None),
        update({"ids": ["b"], "metadatas": [{"k": None, "new": "x"}]},
               title="null takes a key away, others are merged"),
        rows({"ids": ["b"]}, metadatas=[{"new": "x"}]),
        update({"ids": ["b"], "metadatas": [{"new": None}]}),
        rows({"ids": ["b"]}, metadatas=[None]),
        update({"ids": ["a"], "metadatas": [{"i": "text now"}]}, title="a key changes its type"),
        rows({"ids": ["a"]}, metadatas=[{"i": "text now", "f": 2.0}]),
    ]),
    Group("updating", [
        add({"ids": ["a"], "embeddings": [[1, 2]], "documents": ["old"], "uris": ["u"], "metadatas": [{"k": 1}]}),
        update({"ids": ["a"], "documents": ["new"]}),
        rows({"include": ["documents", "embeddings", "metadatas", "uris"]}, documents=["new"], embeddings=[[1.0, 2.0]],
             metadatas=[{"k": 1}], uris=["u"]),
        update({"ids": ["a"], "embeddings": [None], "documents": [None]}, title="null leaves things as they are"),
        rows({"include": ["documents", "embeddings"]}, documents=["new"], embeddings=[[1.0, 2.0]]),
        update({"ids": ["a", "a"], "documents": ["one", None], "embeddings": [None, [3, 4]]}, title="in order"),
        rows({"include": ["documents", "embeddings"]}, documents=["one"], embeddings=[[3.0, 4.0]]),
        update({"ids": ["nobody"], "documents": ["x"]}, json={}, title="an unknown id is passed over"),
        get("{C}/count", json=1),
        upsert({"ids": ["a", "b"], "embeddings": [[5, 6], [7, 8]], "documents": [None, "b"]}),
        rows({"include": ["documents", "embeddings", "metadatas"]}, ids=["a", "b"], documents=["one", "b"],
             embeddings=[[5.0, 6.0], [7.0, 8.0]], metadatas=[{"k": 1}, None]),
    ]),
    Group("deleting", [
        remove({"ids": ["nope"]}, json={"deleted": 1}),
        remove({}, json={"deleted": 0}),
        remove({"ids": None, "where": None, "where_document": None}, json={"deleted": 0}),
        remove({"ids": []}, **bad(400, "Either ids or where must be specified")),
        remove({"limit": 1}, **bad(400, "limit can only be specified when a where clause is provided")),
        remove({"where": {"k": 1}, "limit": 0}, json={"deleted": 0}),
        remove({"where": {"k": 1}, "limit": 1}, title="the oldest match goes first", json={"deleted": 1}),
        rows({"include": []}, ids=["b", "c", "d"]),
        remove({"ids": ["b", "d"], "where": {"k": 1}}, title="ids and where must both hold", json={"deleted": 1}),
        rows({"include": []}, ids=["c", "d"]),
        remove({"ids": ["c", "c", "nope"]}, title="counted as given", json={"deleted": 3}),
        remove({"where_document": {"$contains": "doc"}}, json={"deleted": 1}),
        get("{C}/count", json=0),
    ], records={**PLANE, "metadatas": [{"k": 1}, {"k": 1}, {"k": 1}, {"k": 2}], "documents": ["doc"] * 4}),
    Group("what get includes", [
        rows({}, json={"ids": ["a", "b", "c", "d"], "include": ["documents", "metadatas"], "embeddings": None,
                       "uris": None, "documents": [None] * 4, "metadatas": [None] * 4}),
        post("{C}/get", {"include": None}, **bad(422)),
        post("{C}/get", {"include": ["data"]}, **bad(422)),
        rows({"include": ["uris", "uris"], "limit": 1}, include=["uris", "uris"], uris=[None], documents=None),
        rows({"include": ["distances"], "limit": 1}, include=["distances"], ids=["a"]),
        rows({"ids": ["nope"]}, ids=[], documents=[], metadatas=[], embeddings=None),
    ], records=PLANE),
    Group("querying", [
        query({"query_embeddings": [[2, 0]], "n_results": 2},
              json={"ids": [["a", "b"]], "distances": [[1.0, 8.0]], "include": ["documents", "metadatas", "distances"],
                    "embeddings": None, "documents": [[None, None]], "metadatas": [[None, None]]}),
        query({"query_embeddings": [[1, 0], [3, 4]], "n_results": 1, "include": ["embeddings"]},
              json={"ids": [["a"], ["c"]], "embeddings": [[[1.0, 0.0]], [[3.0, 4.0]]], "distances": None}),
        query({"query_embeddings": [[1, 0]], "n_results": 0}, json={"ids": [[]]}),
        query({"query_embeddings": [[3, 4]], "n_results": None, "include": []}, json={"ids": [["c", "b", "a", "d"]]}),
        query({"query_embeddings": [[3, 4]], "n_results": 1000, "include": []}, json={"ids": [["c", "b", "a", "d"]]}),
        query({"query_embeddings": [[1, 0]], "n_results": -1}, **bad(422)),
        query({"query_embeddings": []}, json={"ids": []}),
        query({}, **bad(422, "missing field `query_embeddings`")),
        query({"query_embeddings": [[1, 0, 0]]}, **bad(400,
              "Collection expecting embedding with dimension of 2, got 3")),
        query({"query_embeddings": [[]]}, **bad(400, "got 0")),
        raw("a value beyond float32", b'{"query_embeddings":[[1e39,0]],"n_results":1}', "{C}/query",
            json={"distances": [[None]]}),
        query({"query_embeddings": [[1, 0]], "ids": ["c", "d", "c"], "include": []}, json={"ids": [["d", "c"]]}),
        query({"query_embeddings": [[1, 0]], "ids": [], "include": []}, json={"ids": [[]]}),
        query({"query_embeddings": [[1, 0]], "ids": ["a", "nope"]}, title="an unknown id", **bad(500,
              "Error finding id")),
        query({"query_embeddings": [[1, 0]], "ids": ["d", "nope"], "where": {"k": {"$ne": 1}}, "include": []},
              title="an unknown id beside a filter", json={"ids": [["d"]]}),
        query({"query_embeddings": [[1, 0]], "where": {"k": 5}}, json={"ids": [[]], "distances": [[]]}),
        query({"query_embeddings": [[1, 0]], "include": None}, **bad(422)),
    ], records=PLANE),
    Group("querying nothing", [
        query({"query_embeddings": [[1, 2, 3], [4, 5, 6]]}, title="no dimension yet, so any will do",
              json={"ids": [[], []], "distances": [[], []], "documents": [[], []]}),
    ]),
    distances("l2", [0.0, 5.0, 20.0, 5.0]),
    distances("ip", [0.0, 1.0, -2.0, 2.0]),
    Group("distances, cosine", [
        query({"query_embeddings": [[2, 0]], "include": ["distances"]},
              json={"ids": [["a", "c", "b", "d"]], "distances": [[float, float, float, float]]}),
    ], create={"configuration": {"hnsw": {"space": "cosine"}}}, records=PLANE),
]
