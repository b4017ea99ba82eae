"""Where a user may act: the tenant and the databases of the token file, from either API and by any name.

Chroma's own server reports these and enforces nothing.
"""
import json
import uuid

import yaml

from subject import TOKENS, Subject, token_header

USERS = {  # tenant, databases
    "everywhere": ("*", ["*"]),
    "acme": ("acme", ["*"]),
    "shop": ("acme", ["shop"]),
    "two": ("acme", ["shop", "store"]),
}
PLACES = [("acme", "shop"), ("acme", "store"), ("other", "shop"), ("default_tenant", "default_database")]


def token(user):
    return token_header(f"the-token-of-{user}")


def run(options, clients, tally):
    if options.own:
        print("scopes: Chroma's own server has none")
        return
    users = []
    for user, (tenant, databases) in USERS.items():
        users.append({"id": user, "tokens": [f"the-token-of-{user}"], "tenant": tenant, "databases": databases})
    files = {"CHROMA_SERVER_AUTHN_CREDENTIALS_FILE": yaml.safe_dump({"users": users})}
    environment = {"CHROMA_SERVER_AUTHN_PROVIDER": TOKENS, "ALLOW_RESET": "TRUE"}
    with Subject(options.server, environment, files) as server:
        ids = furnish(server)
        for user in USERS:
            for place in PLACES:
                inside(server, user, place, ids, tally)
            outside(server, user, ids, tally)
            above(server, user, tally)


def furnish(server):
    """A collection `goods` with one record in every place; their ids by place."""
    def post(path, body):
        status, _, answer = server.ask("POST", path, body, token("everywhere"))
        assert status in (200, 201), (path, status, answer)
        return json.loads(answer)

    ids = {}
    for tenant in ("acme", "other"):
        post("/api/v2/tenants", {"name": tenant})
    for tenant, database in PLACES:
        if tenant != "default_tenant":
            post(f"/api/v2/tenants/{tenant}/databases", {"name": database})
        base = f"/api/v2/tenants/{tenant}/databases/{database}/collections"
        ids[tenant, database] = post(base, {"name": "goods"})["id"]
        post(f"{base}/{ids[tenant, database]}/add", {"ids": ["1"], "embeddings": [[1, 0]], "documents": ["here"]})
    return ids


def may_enter(user, place):
    tenant, databases = USERS[user]
    return tenant in ("*", place[0]) and (databases == ["*"] or place[1] in databases)


def requests(tenant, database, identifier):
    """Title, method, path, body and success of requests that are about one place."""
    v2 = f"/api/v2/tenants/{tenant}/databases/{database}"
    where = f"tenant={tenant}&database={database}"
    yield "database", "GET", v2, None, 200
    yield "collections", "GET", f"{v2}/collections", None, 200
    yield "collections_count", "GET", f"{v2}/collections_count", None, 200
    yield "collection", "GET", f"{v2}/collections/goods", None, 200
    yield "get", "POST", f"{v2}/collections/{identifier}/get", {}, 200
    yield "query", "POST", f"{v2}/collections/{identifier}/query", {"query_embeddings": [[1, 0]]}, 200
    yield "count", "GET", f"{v2}/collections/{identifier}/count", None, 200
    yield "upsert", "POST", f"{v2}/collections/{identifier}/upsert", {"ids": ["1"], "embeddings": [[1, 0]]}, 200
    yield "rename", "PUT", f"{v2}/collections/{identifier}", {"new_metadata": {"by": "somebody"}}, 200
    yield "v1 database", "GET", f"/api/v1/databases/{database}?tenant={tenant}", None, 200
    yield "v1 collections", "GET", f"/api/v1/collections?{where}", None, 200
    yield "v1 count", "GET", f"/api/v1/count_collections?{where}", None, 200
    yield "v1 collection", "GET", f"/api/v1/collections/goods?{where}", None, 200


def inside(server, user, place, ids, tally):
    for title, method, path, body, success in requests(*place, ids[place]):
        expected = success if may_enter(user, place) else 403
        status, _, answer = server.ask(method, path, body, token(user))
        tally.check(status == expected, f"scopes: {user} in {'/'.join(place)}, {title}: {expected}",
                    f"{status} {answer[:200]!r}")


def outside(server, user, ids, tally):
    """By id alone, and by an id below a place that is allowed: what is elsewhere looks as if it were nowhere."""
    home = next(place for place in PLACES if may_enter(user, place))
    for place, identifier in ids.items():
        for title, method, path, body in (
                ("v1 count by id", "GET", "/api/v1/collections/{}/count", None),
                ("v1 get by id", "POST", "/api/v1/collections/{}/get", {}),
                ("v1 query by id", "POST", "/api/v1/collections/{}/query", {"query_embeddings": [[1, 0]]}),
                ("v1 upsert by id", "POST", "/api/v1/collections/{}/upsert", {"ids": ["1"], "embeddings": [[1, 0]]}),
                ("v1 rename by id", "PUT", "/api/v1/collections/{}", {"new_metadata": {"by": "somebody"}})):
            seen = answer_without_id(server, method, path, body, identifier, user)
            if may_enter(user, place):
                tally.check(seen[0] == 200, f"scopes: {user}, {title} in {'/'.join(place)}: 200", seen)
            else:
                nowhere = answer_without_id(server, method, path, body, str(uuid.uuid4()), user)
                tally.check(seen == nowhere and seen[0] >= 400,
                            f"scopes: {user}, {title} in {'/'.join(place)} is as if it were nowhere",
                            f"{seen} {nowhere}")
        if place != home:
            path = f"/api/v2/tenants/{home[0]}/databases/{home[1]}/collections/{{}}/get"
            seen = answer_without_id(server, "POST", path, {}, identifier, user)
            nowhere = answer_without_id(server, "POST", path, {}, str(uuid.uuid4()), user)
            tally.check(seen == nowhere and seen[0] == 404,
                        f"scopes: {user}, the id of {'/'.join(place)} under {'/'.join(home)} is unknown",
                        f"{seen} {nowhere}")


def answer_without_id(server, method, path, body, identifier, user):
    status, _, answer = server.ask(method, path.format(identifier), body, token(user))
    return status, answer.decode().replace(identifier, "<id>")


def above(server, user, tally):
    """Requests about no one database: they need all of what they are about."""
    tenant, databases = USERS[user]
    everywhere = tenant == "*"
    for title, method, path, body, allowed in (
            ("its tenant", "GET", "/api/v2/tenants/acme", None, True),
            ("another tenant", "GET", "/api/v2/tenants/other", None, everywhere),
            ("databases of its tenant", "GET", "/api/v2/tenants/acme/databases", None, databases == ["*"]),
            ("databases of another", "GET", "/api/v2/tenants/other/databases", None, everywhere),
            ("a new tenant", "POST", "/api/v2/tenants", {"name": f"new-of-{user}"}, everywhere),
            ("v1: a new tenant", "POST", "/api/v1/tenants", {"name": f"new-v1-of-{user}"}, everywhere),
            ("v1: another tenant", "GET", "/api/v1/tenants/other", None, everywhere),
            ("reset", "POST", "/api/v2/reset", None, None if everywhere else False),
            ("v1: reset", "POST", "/api/v1/reset", None, None if everywhere else False)):
        if allowed is None:
            continue  # would take the ground from under the others
        status, _, answer = server.ask(method, path, body, token(user))
        tally.check((status == 200) == allowed and (allowed or status == 403),
                    f"scopes: {user}, {title}: {'allowed' if allowed else 'denied'}", f"{status} {answer[:200]!r}")
