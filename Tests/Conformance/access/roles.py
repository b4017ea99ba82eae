"""Every action, allowed and denied: Chroma's own property test of its roles, with an exact expectation.

The test of release 0.5.23 lets a role's actions pass and everything else fail, for the requests a client makes on the
way too. Here a user sends one request at a time; it must get through exactly when the role has its action, be refused
in the client's own class otherwise, and a refused one must have changed nothing.
"""
import json
import random
import string

import yaml

from subject import DATABASE, ROLES, TOKENS, Subject, token_header

# What the client does, and the action the server asks for. Two names that files may have are never asked for:
# db:get_or_create_collection (it is a creation) and collection:peek (it is a get).
PROBES = {
    "create_tenant": "tenant:create_tenant",
    "get_tenant": "tenant:get_tenant",
    "create_database": "db:create_database",
    "get_database": "db:get_database",
    "list_collections": "db:list_collections",
    "count_collections": "db:count_collections",
    "create_collection": "db:create_collection",
    "get_or_create_collection": "db:create_collection",
    "get_collection": "collection:get_collection",
    "get": "collection:get",
    "peek": "collection:get",
    "query": "collection:query",
    "count": "collection:count",
    "add": "collection:add",
    "update": "collection:update",
    "upsert": "collection:upsert",
    "delete": "collection:delete",
    "update_collection": "collection:update_collection",
    "delete_collection": "collection:delete_collection",
    "reset": "system:reset",
}
# Since 1.0 the API has these too.
LATER_PROBES = {"list_databases": "db:list_databases", "delete_database": "db:delete_database"}
CLASSIC_ACTIONS = sorted(set(PROBES.values()) | {"db:get_or_create_collection", "collection:peek"})
LATER_ACTIONS = [
    *LATER_PROBES.values(), "tenant:update_tenant", "collection:get_collection_by_crn", "collection:search",
    "collection:fork_collection", "collection:count_forks", "collection:create_attached_function",
    "collection:remove_attached_function"]
COLLECTION = f"{DATABASE}/collections/{{id}}"
# Requests no released client of the four makes: method, path, body.
RAW_PROBES = {
    "tenant:update_tenant": ("PATCH", "/api/v2/tenants/default_tenant", {"resource_name": "r"}),
    "collection:search": ("POST", COLLECTION + "/search", {"searches": []}),
    "collection:fork_collection": ("POST", COLLECTION + "/fork", {"new_name": "forked"}),
    "collection:count_forks": ("GET", COLLECTION + "/fork_count", None),
    "collection:create_attached_function": ("POST", COLLECTION + "/functions/attach", {
        "name": "f", "function_id": "record_counter", "output_collection": "out"}),
    "collection:count": ("GET", COLLECTION + "/indexing_status", None),
}
ROOT = "root-token-of-this-test"


def run(options, clients, tally):
    """`options.examples` random policies; each client is a user of each."""
    for example in range(options.examples):
        seed = options.seed + example
        try:
            one_policy(random.Random(seed), options, clients, tally, f"roles, seed {seed}")
        except Exception as error:
            tally.check(False, f"roles, seed {seed}", repr(error))
    undefined_user(options, clients, tally)


def random_policy(rng, actions):
    roles = {f"role-{number}": rng.sample(actions, rng.randint(0, len(actions))) for number in range(rng.randint(1, 3))}
    users = []
    for number in range(rng.randint(1, 2)):
        tokens = ["".join(rng.choices(string.ascii_letters + string.digits + "-._~+/=", k=rng.randint(16, 40)))
                  for _ in range(rng.randint(1, 3))]
        users.append({"id": f"user-{number}", "tokens": tokens, "role": rng.choice(sorted(roles))})
    users.append({"id": "__root__", "tokens": [ROOT], "role": "__root__"})
    return roles, users


def one_policy(rng, options, clients, tally, title):
    actions = CLASSIC_ACTIONS if options.own else CLASSIC_ACTIONS + LATER_ACTIONS
    roles, users = random_policy(rng, actions)
    roles["__root__"] = actions
    text = yaml.safe_dump({
        "users": users, "roles_mapping": {name: {"actions": given} for name, given in roles.items()}})
    header = rng.choice([None, "Authorization", "X-Chroma-Token"])
    environment = {"CHROMA_SERVER_AUTHN_PROVIDER": TOKENS, "CHROMA_SERVER_AUTHZ_PROVIDER": ROLES, "ALLOW_RESET": "TRUE"}
    if header:
        environment["CHROMA_AUTH_TOKEN_TRANSPORT_HEADER"] = header
    files = {"CHROMA_SERVER_AUTHN_CREDENTIALS_FILE": text, "CHROMA_SERVER_AUTHZ_CONFIG_FILE": text}
    with Subject(options.server, environment, files) as server:
        root = Root(server, header)
        for user in users[:-1]:
            for client in clients:
                token = rng.choice(user["tokens"])
                way = {"headers": token_header(token, header)} if client.version in ("0.4.24", "1.5.9") \
                    else client.with_token(token, header)
                _, error = client.tell(open={"port": server.port, **way}, **{"as": "user"})
                if not tally.check(error is None, f"{title}: {client.version} opens", error):
                    continue
                probes = PROBES | (LATER_PROBES if client.version == "1.5.9" else {})
                for probe, action in probes.items():
                    allowed = action in roles[user["role"]]
                    one_probe(client, probe, allowed, root, options, tally,
                              f"{title}: {client.version} {probe} as {user['role']}")
            if not options.own:
                raw_probes(server, root, token_header(user["tokens"][0], header), roles[user["role"]], tally, title)


def one_probe(client, probe, allowed, root, options, tally, title):
    at = root.prepare()
    before = root.state(at)
    _, error = client.tell(probe=probe, at=at, **{"as": "user"})
    if allowed:
        tally.check(error is None, f"{title}: allowed", error)
        return
    refused = error is not None and "Forbidden" in error["message"] and (
        options.own or error["type"] == client.refusal)
    tally.check(refused, f"{title}: denied", error)
    after = root.state(at)
    tally.check(after == before, f"{title}: denied, and nothing has changed", f"{before} -> {after}")


def raw_probes(server, root, headers, actions, tally, title):
    for action, (method, path, body) in RAW_PROBES.items():
        at = root.prepare()
        status, _, answer = server.ask(method, path.format(**at), body, headers)
        tally.check((status != 403) == (action in actions) and status != 401,
                    f"{title}: {method} {path} with {action in actions}", f"{status} {answer[:200]!r}")


class Root:
    """Prepares what a request needs, so that nothing but a missing permission can make it fail."""

    def __init__(self, server, header):
        self.server = server
        self.headers = token_header(ROOT, header)
        self.number = 0

    def ask(self, method, path, body=None):
        status, _, answer = self.server.ask(method, path, body, self.headers)
        return status, json.loads(answer)

    def prepare(self):
        self.number += 1
        at = {"fresh": f"fresh-{self.number}", "collection": f"collection-{self.number}",
              "database": f"database-{self.number}"}
        status, answer = self.ask("POST", f"{DATABASE}/collections", {"name": at["collection"]})
        assert status == 200, answer
        at["id"] = answer["id"]
        status, answer = self.ask("POST", COLLECTION.format(**at) + "/add", {
            "ids": ["1"], "embeddings": [[0.0, 1.0]], "documents": ["as it was"], "metadatas": [{"k": 1}]})
        assert status == 201, answer
        status, answer = self.ask("POST", "/api/v2/tenants/default_tenant/databases", {"name": at["database"]})
        assert status == 200, answer
        return at

    def state(self, at):
        """Everything a probe could change."""
        name, fresh = at["collection"], at["fresh"]
        _, collection = self.ask("GET", f"{DATABASE}/collections/{name}")
        _, records = self.ask("POST", COLLECTION.format(**at) + "/get", {"include": ["documents", "embeddings"]})
        return {
            "metadata": collection.get("metadata", "no collection"),
            "records": [records.get("ids"), records.get("documents"), records.get("embeddings")],
            "fresh": [self.ask("GET", path)[0] for path in (
                f"/api/v2/tenants/{fresh}", f"/api/v2/tenants/default_tenant/databases/{fresh}",
                f"{DATABASE}/collections/{fresh}", f"/api/v2/tenants/default_tenant/databases/{at['database']}")]}


def undefined_user(options, clients, tally):
    """Somebody whose credentials are right and whom the roles do not know may do nothing."""
    credentials = yaml.safe_dump({"users": [
        {"id": "known", "tokens": ["token-of-the-known"]}, {"id": "stranger", "tokens": ["token-of-the-stranger"]}]})
    policy = yaml.safe_dump({
        "users": [{"id": "known", "role": "all"}], "roles_mapping": {"all": {"actions": CLASSIC_ACTIONS}}})
    environment = {"CHROMA_SERVER_AUTHN_PROVIDER": TOKENS, "CHROMA_SERVER_AUTHZ_PROVIDER": ROLES}
    files = {"CHROMA_SERVER_AUTHN_CREDENTIALS_FILE": credentials, "CHROMA_SERVER_AUTHZ_CONFIG_FILE": policy}
    with Subject(options.server, environment, files) as server:
        for token, status in (("token-of-the-known", 200), ("token-of-the-stranger", 403)):
            for path in (f"{DATABASE}/collections", "/api/v2/tenants/default_tenant", "/api/v1/collections"):
                seen, _, body = server.ask("GET", path, headers=token_header(token))
                tally.check(seen == status, f"roles: {path} with {token} is {status}", f"{seen} {body[:200]!r}")
            seen, _, body = server.ask("GET", "/api/v2/auth/identity", headers=token_header(token))
            identity = json.loads(body)
            tally.check(seen == 200 and identity.get("user_id") in token, f"roles: the identity of {token}", identity)
