"""The filters `where` and `where_document`: what parses and what matches."""
from . import Group, bad, post
from .transport import raw

INVALID = bad(400, "Invalid where clause")
INVALID_DOCUMENT = bad(400, "Invalid where document clause")
SAMPLE = {
    "ids": ["int1", "float1", "half", "true", "text", "list", "floats", "bare"],
    "embeddings": [[number, 1] for number in range(8)],
    "metadatas": [{"k": 1}, {"k": 1.0}, {"k": 1.5}, {"k": True}, {"k": "1"}, {"k": [1, 2]}, {"k": [1.0, 2.0]}, None],
    "documents": ["Hello 100% sure", "hello_world", "naïve café", "", "line one\nline two", r"back\slash 'q'",
        "日本語", None],
}
EVERY = SAMPLE["ids"]


def matching(where, *ids, **more):
    return post("{C}/get", {"where": where, "include": []}, json={"ids": list(ids)}, **more)


def refused(where, **more):
    return post("{C}/get", {"where": where}, **{**INVALID, **more})


def holding(where_document, *ids, **more):
    return post("{C}/get", {"where_document": where_document, "include": []}, json={"ids": list(ids)}, **more)


def without(*ids):
    return [each for each in EVERY if each not in ids]


def nested(depth):
    return b'{"where":' + b'{"$and":[' * depth + b'{"k":1}' + b"]}" * depth + b',"include":[]}'


GROUPS = [
    Group("where, what parses", [
        matching({}, *EVERY, title="{} is no filter", decision="D3"),
        post("{C}/query", {"query_embeddings": [[0, 1]], "n_results": 1, "where": {}, "where_document": {},
                           "include": []}, title="{} is no filter in query", json={"ids": [["int1"]]}, decision="D3"),
        holding({}, *EVERY, title="{} is no document filter", decision="D3"),
        matching(None, *EVERY),
        matching({"$and": []}, *EVERY),
        matching({"$or": []}),
        matching({"$and": [{"k": 1}]}, "int1", "float1"),
        matching({"": 1}),
        matching({"#id": "int1"}),
        refused({"k": {"$in": [1, 1.5]}}),
        matching({"k": {"$in": [1.5, 1]}}, "int1", "float1", "half"),
        refused({"k": {"$in": []}}),
        refused({"k": {"$nin": []}}),
        refused({"k": {"$in": [1, "1"]}}),
        refused({"k": {"$in": 1}}),
        refused({"k": None}),
        refused({"k": [1]}),
        refused({"k": {}}),
        refused({"k": {"$eq": None}}),
        refused({"k": {"$eq": [1]}}),
        refused({"k": {"$gt": "a"}}),
        refused({"k": {"$gt": True}}),
        refused({"k": {"$bogus": 1}}),
        refused({"k": {"$gt": 1, "$lt": 2}}),
        refused({"k": 1, "j": 2}),
        refused({"$bogus": [{"k": 1}]}),
        refused({"$and": {"k": 1}}),
        refused({"$and": [1]}),
        refused({"$not": {"k": 1}}),
        refused([]),
        refused("k"),
        refused(3),
        matching({"$and": [{"k": {"$ne": number}} for number in range(1000, 2000)]}, *EVERY,
                 title="$and of 1,000 operands", decision="D17"),
        matching({"$or": [{"k": number} for number in range(1000)]}, "int1", "float1",
                 title="$or of 1,000 operands", decision="D17"),
        matching({"k": {"$in": list(range(10_000))}}, "int1", "float1", title="$in of 10,000 values"),
        raw("$and nested 20 deep", nested(20), "{C}/get", json={"ids": ["int1", "float1"]}),
        raw("$and nested 1,000 deep", nested(1000), "{C}/get", status=400, error="InvalidArgumentError"),
        raw("$and nested 100,000 deep", nested(100_000), "{C}/get", status=400, error="InvalidArgumentError"),
    ], records=SAMPLE),
    Group("where, what matches", [
        matching({"k": 1}, "int1", "float1"),
        matching({"k": 1.0}, "int1", "float1"),
        matching({"k": 1.5}, "half", decision="D8"),
        matching({"k": "1"}, "text"),
        matching({"k": True}, "true"),
        matching({"k": False}),
        matching({"k": {"$ne": 1}}, *without("int1", "float1")),
        matching({"k": {"$ne": "1"}}, *without("text")),
        matching({"missing": {"$ne": 1}}, *EVERY),
        matching({"missing": 1}),
        matching({"k": {"$gt": 1}}, "half"),
        matching({"k": {"$gte": 1}}, "int1", "float1", "half"),
        matching({"k": {"$gte": 1.4}}, "half", decision="D8"),
        matching({"k": {"$lt": 1.4}}, "int1", "float1", decision="D8"),
        matching({"k": {"$lte": 1}}, "int1", "float1"),
        matching({"k": {"$lt": -1e300}}),
        matching({"k": {"$in": ["1", "x"]}}, "text"),
        matching({"k": {"$in": [True]}}, "true"),
        matching({"k": {"$in": [1.5]}}, "half", decision="D8"),
        matching({"k": {"$nin": [1]}}, *without("int1", "float1")),
        matching({"k": {"$contains": 1}}, "list"),
        matching({"k": {"$contains": 1.0}}, "floats"),
        matching({"k": {"$contains": "1"}}),
        matching({"k": {"$not_contains": 1}}, *without("list")),
        matching({"$or": [{"k": "1"}, {"k": True}]}, "true", "text"),
        matching({"$and": [{"k": {"$gte": 1}}, {"k": {"$lt": 1.2}}]}, "int1", "float1", decision="D8"),
    ], records=SAMPLE),
    Group("where_document, what parses", [
        post("{C}/get", {"where_document": {"$bogus": "x"}}, **INVALID_DOCUMENT),
        post("{C}/get", {"where_document": {"$contains": 1}}, **INVALID_DOCUMENT),
        post("{C}/get", {"where_document": {"$contains": ["x"]}}, **INVALID_DOCUMENT),
        post("{C}/get", {"where_document": {"$contains": "x", "$regex": "x"}}, **INVALID_DOCUMENT),
        post("{C}/get", {"where_document": "x"}, **INVALID_DOCUMENT),
        post("{C}/get", {"where_document": {"$regex": "("}}, **bad(400, "Regex syntax errror: regex parse error:")),
        post("{C}/get", {"where_document": {"$regex": "(?=x)"}}, title="look-ahead", **bad(400, "Regex syntax errror")),
        post("{C}/get", {"where_document": {"$regex": r"(a)\1"}}, title="back-reference",
             **bad(400, "Regex syntax errror")),
    ], records=SAMPLE),
    Group("where_document, what matches", [
        holding({"$contains": ""}, *without("bare")),
        holding({"$contains": "hello"}, "float1"),
        holding({"$contains": "100%"}, "int1"),
        holding({"$contains": "o_w"}, "float1"),
        holding({"$contains": "\\"}, "list"),
        holding({"$contains": "'q'"}, "list"),
        holding({"$contains": "one\nline"}, "text"),
        holding({"$contains": "本"}, "floats"),
        holding({"$contains": "é"}, "half"),
        holding({"$not_contains": "l"}, "half", "true", "floats", "bare"),
        holding({"$regex": "(?i)HELLO"}, "int1", "float1"),
        holding({"$regex": r"^\w+$"}, "float1", "floats"),
        holding({"$regex": r"\d{3}%"}, "int1"),
        holding({"$not_regex": "."}, "true", "bare"),
        holding({"$and": [{"$contains": "l"}, {"$not_contains": "hello"}]}, "int1", "text", "list"),
        holding({"$or": [{"$contains": "café"}, {"$regex": "日.語"}]}, "half", "floats"),
        matching({"#document": {"$contains": "café"}}, "half"),
        post("{C}/get", {"where": {"k": 1}, "where_document": {"$contains": "hello"}, "include": []},
             title="both filters", json={"ids": ["float1"]}),
        post("{C}/get", {"where": {"#document": "x"}}, **bad(400, "Cannot filter using metadata key '#document'")),
    ], records=SAMPLE),
]
