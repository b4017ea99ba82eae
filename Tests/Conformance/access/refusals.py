"""A refusal does not tell an unknown user from a wrong password from none at all: not by its bytes, not by its time."""
import statistics
import time

import bcrypt

from headers import basic, bearer
from subject import DATABASE, PASSWORDS, TOKENS, Subject

PATHS = [f"{DATABASE}/collections", f"{DATABASE}/collections/unknown", "/api/v2/tenants/unknown",
         "/api/v2/auth/identity", "/api/v1/collections", "/api/v1/collections/unknown"]
UNLIKE = {"date", "chroma-trace-id", "x-request-id"}  # differ between any two answers
COST = 10
SAMPLES = 40
NOISE = 1.25


def run(options, clients, tally):
    hashed = bcrypt.hashpw(b"the password", bcrypt.gensalt(COST)).decode()
    environment = {
        "CHROMA_SERVER_AUTHN_PROVIDER": PASSWORDS, "CHROMA_SERVER_AUTHN_CREDENTIALS": f"admin:{hashed}"}
    with Subject(options.server, environment) as server:
        same_bytes(server, tally, "password", {
            "none": {}, "unknown user": basic("nobody:the password"), "wrong password": basic("admin:a password"),
            "no password": basic("admin:"), "no user": basic(":the password"), "no colon": basic("admin"),
            "not base64": {"Authorization": "Basic %%%"}, "not UTF-8": {"Authorization": "Basic /////w=="},
            "other scheme": bearer("the password"), "empty": {"Authorization": ""}})
        same_time(server, options, tally)
    environment = {"CHROMA_SERVER_AUTHN_PROVIDER": TOKENS, "CHROMA_SERVER_AUTHN_CREDENTIALS": "the-token"}
    with Subject(options.server, environment) as server:
        same_bytes(server, tally, "token", {
            "none": {}, "wrong": bearer("a-token"), "start": bearer("the-toke"), "longer": bearer("the-tokens"),
            "other scheme": basic("the:token"), "empty": {"Authorization": "Bearer "},
            "not ASCII": {"Authorization": "Bearer \xff\xfe"}, "other header": {"X-Chroma-Token": "a-token"}})


def same_bytes(server, tally, kind, attempts):
    for which, path in enumerate(PATHS):
        first = None
        for number, (name, headers) in enumerate(attempts.items()):
            # Each from an address of its own: many failures from one would be slowed down.
            address = f"127.1.{which}.{number + 1}"
            status, fields, body = server.ask("GET", path, headers=headers, address=address)
            alike = sorted((key.lower(), value) for key, value in fields.items() if key.lower() not in UNLIKE)
            seen = (status, alike, body)
            first = first or seen
            tally.check(status == 403 and seen == first, f"{kind}, {name}: {path} is refused as without credentials",
                        f"{seen}\n        {first}")


def same_time(server, options, tally):
    for attempt in ("first", "second"):
        medians = {name: statistics.median(times) * 1000 for name, times in samples(server).items()}
        ratio = max(medians.values()) / min(medians.values())
        shown = ", ".join(f"{name} {median:.1f} ms" for name, median in medians.items()) + f", ratio {ratio:.2f}"
        print(f"refusals, bcrypt cost {COST}, medians of {SAMPLES}: {shown}", flush=True)
        if ratio <= NOISE:
            break
    if options.own:
        tally.check(ratio > NOISE, "times: Chroma's own server tells an unknown user by its time", shown)
    else:
        tally.check(ratio <= NOISE, f"times: within {NOISE} of each other", shown)
        tally.check(min(medians.values()) > 10, "times: a hash is computed for each", shown)


def samples(server):
    """Seconds of each refusal, taken in turns."""
    attempts = {"unknown user": "nobody", "wrong password": "admin"}
    times = {name: [] for name in attempts}
    for number in range(SAMPLES):
        for which, (name, user) in enumerate(attempts.items()):
            address = f"127.{2 + which}.{number // 200}.{number % 200 + 1}"
            start = time.perf_counter()
            status, _, _ = server.ask("GET", PATHS[0], headers=basic(f"{user}:wrong {number}"), address=address)
            times[name].append(time.perf_counter() - start)
            if status != 403:
                raise AssertionError(f"{name} number {number}: status {status}")
    return times
