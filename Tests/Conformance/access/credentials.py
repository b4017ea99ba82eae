"""Passwords and tokens, right and wrong: Chroma's own property tests of its two providers.

Also what its server does with the one tenant and database of a user.
"""
import random
import string

import bcrypt
import yaml

from subject import PASSWORDS, PATIENCE, TOKENS, Subject, token_header

PRINTABLE = string.ascii_letters + string.digits + string.punctuation
OPEN_PATHS = ["/api/v1", "/api/v1/heartbeat", "/api/v1/version", "/api/v1/pre-flight-checks", "/api/v2",
              "/api/v2/heartbeat", "/api/v2/version", "/api/v2/pre-flight-checks"]
CLOSED_PATHS = ["/api/v1/collections", "/api/v1/count_collections", "/api/v1/tenants/default_tenant",
                "/api/v1/databases/default_database", "/api/v1/collections/unknown", "/api/v2/auth/identity",
                "/api/v2/tenants/default_tenant", "/api/v2/tenants/unknown",
                "/api/v2/tenants/default_tenant/databases/default_database/collections"]


def run(options, clients, tally):
    for example in range(options.examples):
        seed = options.seed + example
        for test in (tokens, passwords):
            title = f"{test.__name__}, seed {seed}"
            try:
                test(random.Random(seed), options, clients, tally, title)
            except Exception as error:
                tally.check(False, title, repr(error))
    single_token(options, clients, tally)
    singletons(options, clients, tally)


def expect(client, server, way, allowed, tally, title):
    """HttpClient and a first call: through, or the release's class for refused credentials."""
    _, error = client.tell(connect={"port": server.port, **way})
    if allowed:
        return tally.check(error is None, f"{title}: let in", error)
    return tally.check(error is not None and error["type"] == client.refusal, f"{title}: {client.refusal}", error)


def tokens(rng, options, clients, tally, title):
    def token():
        # As headers are: no blank at either end, and none within by Chroma's rule.
        return "".join(rng.choices(PRINTABLE, k=rng.randint(8, 50)))

    users = [{"id": f"user-{number}", "tokens": [token() for _ in range(rng.randint(1, 4))]}
             for number in range(rng.randint(1, 3))]
    known = {each for user in users for each in user["tokens"]}
    header = rng.choice([None, "Authorization", "X-Chroma-Token"])
    environment = {"CHROMA_SERVER_AUTHN_PROVIDER": TOKENS}
    if header:
        environment["CHROMA_AUTH_TOKEN_TRANSPORT_HEADER"] = header
    files = {"CHROMA_SERVER_AUTHN_CREDENTIALS_FILE": yaml.safe_dump({"users": users})}
    with Subject(options.server, environment, files) as server:
        for client in clients:
            for right in sorted(known):
                expect(client, server, client.with_token(right, header), True, tally,
                       f"{title}: {client.version} {right}")
            right = rng.choice(sorted(known))
            wrong = [token(), right[:-1], right + "x", right.swapcase(), right[::-1]]
            for each in wrong:
                if each not in known:
                    expect(client, server, client.with_token(each, header), False, tally,
                           f"{title}: {client.version} {each} for {right}")
            expect(client, server, {}, False, tally, f"{title}: {client.version} without")
            other = "Authorization" if header == "X-Chroma-Token" else "X-Chroma-Token"
            if header:
                expect(client, server, client.with_token(right, other), False, tally,
                       f"{title}: {client.version} in {other} where {header} is asked for")
        doors(server, token_header(right, header), tally, title)


def passwords(rng, options, clients, tally, title):
    alphabet = PRINTABLE + "äß漢🐟 "
    people = {f"user{number}": "".join(rng.choices(alphabet, k=rng.randint(1, 18)))
              for number in range(rng.randint(1, 3))}
    lines = []
    for user, password in people.items():
        prefix = rng.choice([b"2a", b"2b"])
        hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt(4, prefix=prefix)).decode()
        lines.append(f"{user}:{hashed.replace('$2b$', '$2y$') if rng.random() < 0.5 else hashed}")
    text = "\n".join(lines) + "\n" * rng.randint(0, 2)
    files = {"CHROMA_SERVER_AUTHN_CREDENTIALS_FILE": text}
    with Subject(options.server, {"CHROMA_SERVER_AUTHN_PROVIDER": PASSWORDS, **PATIENCE}, files) as server:
        for client in clients:
            for user, password in people.items():
                name = f"{title}: {client.version} {user}:{password}"
                expect(client, server, client.with_password(user, password), True, tally, name)
                for wrong in (password[:-1] + ("x" if password[-1] != "x" else "y"), password + "x", ""):
                    expect(client, server, client.with_password(user, wrong), False, tally, f"{name}, {wrong!r} given")
                expect(client, server, client.with_password(user, password), True, tally, name)
            expect(client, server, client.with_password("nobody", password), False, tally,
                   f"{title}: {client.version} nobody")
            expect(client, server, {}, False, tally, f"{title}: {client.version} without")
            expect(client, server, client.with_token(password.encode().hex()), False, tally,
                   f"{title}: {client.version} with a token for a password")


def doors(server, right, tally, title):
    """What is open to all, and what is open to nobody without credentials, whether it exists or not."""
    for path in OPEN_PATHS:
        status, _, body = server.ask("GET", path)
        tally.check(status == 200, f"{title}: {path} is open", f"{status} {body[:200]!r}")
    for path in CLOSED_PATHS:
        status, _, body = server.ask("GET", path)
        tally.check(status == 403, f"{title}: {path} is closed", f"{status} {body[:200]!r}")
        status, _, body = server.ask("GET", path, headers=right)
        tally.check(status in (200, 400, 404), f"{title}: {path} opens", f"{status} {body[:200]!r}")


def single_token(options, clients, tally):
    """Credentials of one line are a token themselves."""
    environment = {"CHROMA_SERVER_AUTHN_PROVIDER": TOKENS, "CHROMA_SERVER_AUTHN_CREDENTIALS": "a-token-on-one-line"}
    with Subject(options.server, environment) as server:
        for client in clients:
            title = f"one line: {client.version}"
            expect(client, server, client.with_token("a-token-on-one-line"), True, tally, title)
            expect(client, server, client.with_token("a-token-on-two-lines"), False, tally, title)


def singletons(options, clients, tally):
    """A user of one tenant and one database reaches it by the default names, where the server is told so."""
    users = [
        {"id": "one", "tokens": ["token-of-the-one"], "tenant": "acme", "databases": ["shop"]},
        {"id": "all", "tokens": ["token-of-them-all"]}]
    environment = {
        "CHROMA_SERVER_AUTHN_PROVIDER": TOKENS,
        "CHROMA_OVERWRITE_SINGLETON_TENANT_DATABASE_ACCESS_FROM_AUTH": "true"}
    files = {"CHROMA_SERVER_AUTHN_CREDENTIALS_FILE": yaml.safe_dump({"users": users})}
    everything = token_header("token-of-them-all")
    with Subject(options.server, environment, files) as server:
        for path, body in (("/api/v2/tenants", {"name": "acme"}), ("/api/v2/tenants/acme/databases", {"name": "shop"}),
                           ("/api/v2/tenants/acme/databases/shop/collections", {"name": "goods"})):
            status, _, answer = server.ask("POST", path, body, everything)
            tally.check(status == 200, f"singletons: POST {path}", f"{status} {answer[:200]!r}")
        for token, names in (("token-of-the-one", ["goods"]), ("token-of-them-all", [])):
            status, _, answer = server.ask("GET", "/api/v1/collections", headers=token_header(token))
            found = [each["name"] for each in yaml.safe_load(answer)] if status == 200 else answer
            tally.check(found == names, f"singletons: API v1 with {token} lists {names}", f"{status} {found}")
        for client in clients:
            way = client.with_token("token-of-the-one")
            if not client.speaks_v1:
                way["settings"]["chroma_overwrite_singleton_tenant_database_access_from_auth"] = True
            result, error = client.tell(connect={"port": server.port, **way})
            place = ("default_tenant", "default_database") if client.speaks_v1 else ("acme", "shop")
            tally.check(result == dict(zip(("tenant", "database"), place)),
                        f"singletons: {client.version} is at {place}", result or error)
