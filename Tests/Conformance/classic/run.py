#!/usr/bin/env python3
"""Do the classic clients find here what they found on their own server?

    run.py --server .build/release/chroma          the same calls with every client, compared with golden/
    run.py --server ... --client 0.5.23            one client; `curl` stands for the requests of health checks
    run.py --own                                   against each client's own server: nothing may differ
    run.py --record                                likewise, and writes golden/ anew
"""
import argparse
import http.client
import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from accepted import ACCEPTED  # noqa: E402
from environments import VERSIONS, ensure_environments, folder  # noqa: E402
from server import Server, ServerFailure  # noqa: E402

GOLDEN = HERE / "golden"
SCRIPT_SECONDS = 120
CURL = "curl"
CURL_ORACLE = "0.5.23"
CURL_LINES = [
    "/api/v1", "/api/v1/", "/api/v1/heartbeat", "/api/v1/version", "/api/v1/pre-flight-checks", "/api/v1/collections",
    "/api/v1/count_collections", "/api/v1/tenants/default_tenant", "/api/v1/databases/default_database",
    "/api/v1/tenants/unknown", "/api/v1/databases/unknown", "/api/v1/collections/unknown", "/api/v1/unknown"]


ENVIRONMENT = {"ALLOW_RESET": "FALSE", "ANONYMIZED_TELEMETRY": "FALSE"}


class OwnServer(Server):
    """`chroma run` of a classic environment."""

    heartbeat = "/api/v1/heartbeat"

    def __init__(self, version):
        super().__init__(str(folder(version) / "bin" / "chroma"), environment=ENVIRONMENT)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--server", help="path of the binary under test")
    which.add_argument("--own", action="store_true", help="each client's own server")
    which.add_argument("--record", action="store_true", help="each client's own server; write golden/")
    parser.add_argument("--client", nargs="+", choices=[*VERSIONS, CURL], default=[*VERSIONS, CURL])
    options = parser.parse_args()
    wanted = {client for client in options.client if client != CURL} | (set() if options.server else {CURL_ORACLE})
    pythons = ensure_environments(sorted(wanted))
    passed = failed = 0
    unused = {row for row in ACCEPTED if set(row.clients) <= set(options.client)}
    for client in options.client:
        oracle = CURL_ORACLE if client == CURL else client
        server = Server(options.server, environment=ENVIRONMENT) if options.server else OwnServer(oracle)
        try:
            with server:
                received = curl_transcript(server) if client == CURL else script_transcript(server, pythons[client])
        except (ServerFailure, subprocess.TimeoutExpired) as error:
            print(f"FAILED  {client}: {error}")
            failed += 1
            continue
        golden = GOLDEN / f"{client}.jsonl"
        if options.record:
            golden.write_text("".join(json.dumps(line, sort_keys=True, ensure_ascii=False) + "\n" for line in received))
            print(f"recorded {golden.relative_to(HERE)}: {len(received)} calls")
        counts = compare(client, read(golden), received, ACCEPTED if options.server else [], unused)
        print(f"{client}: {counts[0]} as on its own server, {counts[1]} differ as accepted, {counts[2]} failed")
        passed += counts[0] + counts[1]
        failed += counts[2]
    if options.server:
        for row in sorted(unused, key=lambda row: row.call):
            print(f"no longer differs, strike it off accepted.py: {row.call} ({', '.join(row.clients)})")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def script_transcript(server, python):
    """What script.py prints inside an environment, one object a call."""
    ran = subprocess.run(
        [python, HERE / "script.py", "--url", f"http://127.0.0.1:{server.port}"], cwd=server.directory,
        env={**os.environ, "ANONYMIZED_TELEMETRY": "FALSE"}, capture_output=True, text=True, timeout=SCRIPT_SECONDS)
    if ran.returncode != 0:
        print(ran.stderr[-2000:])
    return [json.loads(line) for line in ran.stdout.splitlines()]


def curl_transcript(server):
    """Status and body of the requests that charts, containers and shell scripts make."""
    lines = []
    for path in CURL_LINES:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        connection.request("GET", path, headers={"User-Agent": "curl/8.5.0", "Accept": "*/*"})
        response = connection.getresponse()
        body = json.loads(response.read())
        connection.close()
        if isinstance(body, dict):
            body = {key: f"<{key}>" if key in ("nanosecond heartbeat", "id", "max_batch_size") else value
                    for key, value in body.items()}
        elif isinstance(body, str):
            body = "<text>"
        lines.append({"call": f"curl {path}", "result": {"status": response.status, "body": body}})
    return lines


def read(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def compare(client, expected, received, accepted, unused):
    """How many calls are the same, differ as accepted, failed."""
    same = differing = failed = 0
    answers = {line["call"]: line for line in received}
    for wanted in expected:
        call = wanted["call"]
        got = answers.pop(call, None)
        if canonical(got) == canonical(wanted):
            same += 1
            continue
        row = next((row for row in accepted if got is not None and row.covers(client, wanted, got)), None)
        if row:
            differing += 1
            unused.discard(row)
            continue
        failed += 1
        print(f"FAILED  {client}: {call}\n        its own server {shown(wanted)}\n        here           {shown(got)}")
    for call in answers:
        failed += 1
        print(f"FAILED  {client}: {call} is not in the golden transcript")
    return same, differing, failed


def canonical(line):
    """Text, since to Python 1, 1.0 and True are equal."""
    return json.dumps(line, sort_keys=True)


def shown(line):
    if line is None:
        return "(the script did not get there)"
    if "error" in line:
        return f"{line['error']['type']}: {line['error']['message']}"
    return json.dumps(line["result"], ensure_ascii=False, sort_keys=True)


if __name__ == "__main__":
    sys.exit(main())
