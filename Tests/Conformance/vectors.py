#!/usr/bin/env python3
"""Sends the requests in cases/ to a server and compares each answer with the one written there.

    vectors.py --server .build/release/chroma        all
    vectors.py --server ... where                    groups whose title contains "where"
    vectors.py --official                            Chroma's own server: cases marked as decisions of ours may differ
"""
import argparse
import http.client
import json
import re
import sys

from cases import DB, NOTHING, collections, records, transport, where
from environment import VENV, ensure_environment
from server import Server

GROUPS = transport.GROUPS + collections.GROUPS + records.GROUPS + where.GROUPS
ANSWER_SECONDS = 60
CHUNK_BYTES = 7  # cuts through tokens and through UTF-8 sequences


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--server", help="path of the binary under test")
    which.add_argument("--official", action="store_true", help="Chroma's own server")
    parser.add_argument("--verbose", action="store_true", help="also print what passes")
    parser.add_argument("group", nargs="?", default="", help="only groups whose title contains this")
    options = parser.parse_args()
    if options.official:
        ensure_environment()
    passed = failed = differing = 0
    with Server(options.server or str(VENV / "bin" / "chroma"), official=options.official) as server:
        for number, group in enumerate(group for group in GROUPS if options.group in group.title):
            names = make_collection(server, number, group)
            for case in group.cases:
                faults = run(server, case, names)
                if not server.is_running():
                    faults.append(f"the server ended with {server.process.returncode}:\n{server.log_tail()}")
                if not faults:
                    passed += 1
                    if options.verbose:
                        print(f"ok      {group.title}: {case.title}")
                elif options.official and case.decision:
                    differing += 1
                    print(f"DIFFERS {group.title}: {case.title} ({case.decision}: {'; '.join(faults)[:200]})")
                else:
                    failed += 1
                    print(f"FAILED  {group.title}: {case.title}")
                    for fault in faults:
                        print(f"        {fault}")
                if not server.is_running():
                    server.start()
    if options.official:
        print(f"{differing} differ by a decision of ours")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def make_collection(server, number, group):
    """What `{C}`, `{ID}` and `{NAME}` stand for in this group."""
    name = f"vectors-{number}"
    headers = {"Content-Type": "application/json"}
    body = json.dumps({"name": name, **group.create})
    status, answer = server.request("POST", f"{DB}/collections", body, headers)
    if status != 200:
        raise SystemExit(f"{group.title}: the collection could not be made: {status} {answer!r}")
    identifier = json.loads(answer)["id"]
    path = f"{DB}/collections/{identifier}"
    if group.records:
        status, answer = server.request("POST", f"{path}/add", json.dumps(group.records), headers)
        if status != 201:
            raise SystemExit(f"{group.title}: the records could not be added: {status} {answer!r}")
    return {"{C}": path, "{DB}": DB, "{ID}": identifier, "{NAME}": name}


def filled(value, names):
    """`value` with the placeholders replaced, at any depth."""
    if isinstance(value, str):
        for placeholder, meaning in names.items():
            value = value.replace(placeholder, meaning)
        return value
    if isinstance(value, dict):
        return {filled(key, names): filled(each, names) for key, each in value.items()}
    if isinstance(value, list) and len(value) < 100:
        return [filled(each, names) for each in value]
    return value


def run(server, case, names):
    """What is wrong with the answer, one line a fault."""
    try:
        response, raw = exchange(server, case, names)
    except (OSError, http.client.HTTPException) as error:
        return [f"expected {case.status}, the connection failed: {error!r}"]
    shown = raw if len(raw) < 400 else raw[:400] + b"..."
    faults = []
    if response.status not in (case.status if isinstance(case.status, tuple) else (case.status,)):
        faults.append(f"expected status {case.status}, received {response.status} {shown!r}")
    try:
        received = json.loads(raw) if case.method != "HEAD" else None
    except ValueError:
        return faults + [f"the body is not JSON: {shown!r}"]
    if response.status >= 400:
        faults += error_faults(response, received)
        name = received.get("error") if isinstance(received, dict) else None
        message = received.get("message") if isinstance(received, dict) else None
        if case.error and name != case.error:
            faults.append(f"expected error {case.error}, received {name}")
        if case.message and filled(case.message, names) not in str(message):
            faults.append(f"expected message … {filled(case.message, names)} …, received {message}")
    if case.json is not NOTHING:
        expected = filled(case.json, names)
        if not agrees(expected, received):
            faults.append(f"expected {json.dumps(expected)[:400]}, received {shown!r}")
    return faults


def exchange(server, case, names):
    """The response and its body. The answer is read even if the server stopped reading the request."""
    body = None
    if case.body is not NOTHING:
        body = case.body if isinstance(case.body, bytes) else json.dumps(filled(case.body, names)).encode()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=ANSWER_SECONDS)
    try:
        try:
            if case.chunked:
                parts = (body[at:at + CHUNK_BYTES] for at in range(0, len(body), CHUNK_BYTES))
                connection.request(case.method, filled(case.path, names), parts, case.headers, encode_chunked=True)
            else:
                connection.request(case.method, filled(case.path, names), body, case.headers)
        except (BrokenPipeError, ConnectionResetError):
            pass
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def error_faults(response, received):
    """What every error answer has, whatever went wrong."""
    faults = []
    if not isinstance(received, dict) or not {"error", "message"} <= received.keys():
        faults.append(f"an error is an object with `error` and `message`, received {received!r}"[:300])
    if not re.fullmatch("[0-9a-f]{32}", response.headers.get("chroma-trace-id", "")):
        faults.append(f"chroma-trace-id is 32 hex digits, received {response.headers.get('chroma-trace-id')!r}")
    if not response.headers.get("content-type", "").startswith("application/json"):
        faults.append(f"content-type is application/json, received {response.headers.get('content-type')!r}")
    return faults


def agrees(expected, received):
    """Equal, with numbers of one type.

    An object may have more keys than asked for; a type stands for any value of it, a pattern for what it matches.
    """
    if isinstance(expected, re.Pattern):
        return isinstance(received, str) and expected.fullmatch(received) is not None
    if isinstance(expected, type):
        return type(received) is expected
    if type(expected) is not type(received):
        return False
    if isinstance(expected, dict):
        return all(key in received and agrees(each, received[key]) for key, each in expected.items())
    if isinstance(expected, list):
        return len(expected) == len(received) and all(map(agrees, expected, received))
    return expected == received


if __name__ == "__main__":
    sys.exit(main())
