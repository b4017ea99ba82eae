"""The wire vectors as data: what is sent, what must come back. `vectors.py` runs them.

In paths `{DB}` is the default database, `{C}` the collection of the group by id, `{NAME}` and `{ID}` its two names.
"""
from dataclasses import dataclass, field
from typing import Any

DB = "/api/v2/tenants/default_tenant/databases/default_database"
NOTHING = object()  # no body is sent, or nothing is asked of the body received


@dataclass
class Case:
    """One request and its answer.

    `body`: bytes go as they are, everything else as JSON. `status`: a tuple where more than one answer is right.
    `json`: the whole answer for lists and plain values, the keys that must be there for objects; 2 and 2.0 differ.
    `message`: part of an error's message. `decision`: the answer is a choice of ours (row of the list in README.md)
    and the official server's differs.
    """
    title: str
    method: str
    path: str
    body: Any = NOTHING
    status: int | tuple = 200
    error: str = None
    message: str = None
    json: Any = NOTHING
    headers: dict = field(default_factory=lambda: {"Content-Type": "application/json"})
    chunked: bool = False
    decision: str = None


@dataclass
class Group:
    """Cases that run in order over one fresh collection, made with `create` and filled with `records`."""
    title: str
    cases: list
    create: dict = field(default_factory=dict)
    records: dict = None


def get(path, **expected):
    return Case(expected.pop("title", path), "GET", path, **expected)


def post(path, body, **expected):
    return Case(expected.pop("title", f"POST {path} {body!r}"[:110]), "POST", path, body, **expected)


def put(path, body, **expected):
    return Case(expected.pop("title", f"PUT {path} {body!r}"[:110]), "PUT", path, body, **expected)


def delete(path, **expected):
    return Case(expected.pop("title", f"DELETE {path}"), "DELETE", path, **expected)


def bad(status, message="", error=None):
    """Fields of an expected error; 400 and 404 carry names of their own, the rest is `ChromaError`."""
    names = {400: "InvalidArgumentError", 404: "NotFoundError", 500: "InternalError"}
    return {"status": status, "error": error or names.get(status, "ChromaError"), "message": message}
