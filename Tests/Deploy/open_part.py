"""An environment without a token: builds, variables, limits, routes, tunnels, snapshots, and data that outlive everything."""
from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import snippets
from checks import MEBIBYTE, Results, Setting, answer_of, edit, events_of, logs
from emulated import REPOSITORY, Environment, request, until
from workload import BATCH, DATABASE, Database, Writers

HIGH_MEMORY_BYTES = 1408 * MEBIBYTE
# What the platform lets a build see, and what it gives to running applications alone (spec of the build and of the runtime).
BUILD_ONLY = {
    "CI", "PLATFORM_APP_DIR", "PLATFORM_APPLICATION", "PLATFORM_APPLICATION_NAME", "PLATFORM_CACHE_DIR", "PLATFORM_OUTPUT_DIR",
    "PLATFORM_PROJECT", "PLATFORM_PROJECT_ENTROPY", "PLATFORM_SOURCE_DIR", "PLATFORM_TREE_ID", "PLATFORM_VARIABLES", "PLATFORM_VENDOR"}
RUNTIME_ONLY = {
    "PORT", "PLATFORM_RELATIONSHIPS", "PLATFORM_ROUTES", "PLATFORM_BRANCH", "PLATFORM_ENVIRONMENT", "PLATFORM_ENVIRONMENT_TYPE"}
RELATIONSHIP = {
    "CHROMA_HOST", "CHROMA_PORT", "CHROMA_SCHEME", "CHROMA_REL", "CHROMA_SERVICE", "CHROMA_TYPE", "CHROMA_IP", "CHROMA_HOSTNAME",
    "CHROMA_CLUSTER", "CHROMA_EPOCH"}


def open_environment(setting: Setting, results: Results) -> None:
    project = setting.project("project")
    with setting.environment("open", project) as environment:
        valid = environment.call("validate", check=False)
        results.check(1, "the configuration is valid, without warnings", valid.returncode == 0 and "warning" not in environment.output, environment.output)
        deployed = environment.up(check=False)
        if not results.check(2, "it builds from a clean export and starts", deployed.returncode == 0, environment.output):
            print(environment.log("chroma", "build"), environment.log("chroma"), environment.log("myapp"), sep="\n")
            return
        builds(results, environment, project)
        variables(results, environment)
        heartbeat(results, environment)
        pasted(setting, results, environment)
        limits(results, environment)
        routes(results, environment)
        tunnel(setting, results, environment)
        snapshots(setting, results, environment)
        survival(setting, results, environment)
        memory(results, environment)
        spelling(results, environment, project)
        changed = environment.call("status", "--verify-tree", "--json", check=False)
        results.check(4, "nothing was written but in mounts and /tmp: the trees are what the builds left", changed.returncode == 0, changed.stdout[-500:])
        logs(results, environment, secrets=[])
        elsewhere(setting, results, environment, project)


def builds(results: Results, environment: Environment, project: Path) -> None:
    first = environment.json("status")["builds"]
    in_namespaces = environment.app("chroma")["driver"] == "root"
    # Now a build that tells what it sees and tries to write where it may not.
    probe = 'env >"$PLATFORM_CACHE_DIR/seen"'
    if in_namespaces:
        probe += '; for place in /usr/probe /etc/probe /var/probe "$HOME/../probe"; do'
        probe += ' if touch "$place" 2>/dev/null; then echo "wrote $place"; fi; done'
    hook = "        set -e\n        chroma/build.sh"
    edit(project, hook, f"        set -e\n        {probe}\n        chroma/build.sh")
    environment.redeploy("--rebuild")
    again = environment.json("status")["builds"]
    cache = next(iter(environment.state.rglob("seen")), None)
    seen = dict(line.split("=", 1) for line in cache.read_text().splitlines() if "=" in line) if cache else {}
    results.check(
        3, "the build hook sees what the platform shows it and nothing of the runtime",
        BUILD_ONLY <= set(seen) and not RUNTIME_ONLY & set(seen) and not RELATIONSHIP & set(seen),
        f"missing {BUILD_ONLY - set(seen)}, too much {(RUNTIME_ONLY | RELATIONSHIP) & set(seen)}")
    said = environment.log("chroma", "build")
    if in_namespaces:
        results.check(3, "the build hook writes nowhere but to its three directories", "wrote " not in said, said[-500:])
    else:
        results.skip(3, "the build hook writes nowhere but to its three directories", "without namespaces nothing keeps it from that")
    seconds = {name: (build["hook_seconds"], again[name]["hook_seconds"]) for name, build in first.items()}
    results.check(2, "a second build finds in the cache what the first one fetched", "is in the cache" in said, f"seconds, first and again: {seconds}")
    print("   | app | build hook, first / again | of CPU | deployed tree |")
    for name, build in first.items():
        print(
            f"   | {name} | {seconds[name][0]} s / {seconds[name][1]} s | {build['hook_cpu_seconds']} s | "
            f"{build['size'] / MEBIBYTE:.0f} MB, {build['files']} files |")
    edit(project, f"        set -e\n        {probe}\n        chroma/build.sh", hook)
    environment.redeploy()


def variables(results: Results, environment: Environment) -> None:
    chroma, myapp = environment.variables("chroma"), environment.variables("myapp")
    results.check(
        6, "myapp is told where chroma is, chroma is not",
        RELATIONSHIP <= set(myapp) and "PLATFORM_RELATIONSHIPS" in myapp and not RELATIONSHIP & set(chroma),
        f"myapp lacks {RELATIONSHIP - set(myapp)}, chroma has {RELATIONSHIP & set(chroma)}")
    if environment.app("myapp")["driver"] == "root":
        results.check(6, "at chroma.internal, port 80", (myapp["CHROMA_HOST"], myapp["CHROMA_PORT"]) == ("chroma.internal", "80"))
        port = chroma["PORT"]
        direct = environment.ssh("myapp", f"curl -s -o /dev/null --max-time 2 http://chroma.internal:{port}/api/v2/heartbeat", check=False)
        results.check(6, "and through its nginx alone", direct.returncode != 0)
    else:
        results.skip(6, "at chroma.internal, port 80", "without root there are no network namespaces")
    results.check(14, "no token is set", "CHROMA_AUTH_TOKEN" not in chroma and "CHROMA_AUTH_TOKEN" not in myapp)
    environment.call("variable", "set", "env:CHROMA_AUTH_TOKEN", "")
    environment.redeploy()
    given = environment.variables("chroma").get("CHROMA_AUTH_TOKEN")
    answer = environment.ssh("myapp", f'curl -fsS "http://$CHROMA_HOST:$CHROMA_PORT{DATABASE}"', check=False)
    results.check(14, "with an empty one authentication is off", given == "" and answer.returncode == 0, f"{given!r} {environment.output}")
    environment.call("variable", "delete", "env:CHROMA_AUTH_TOKEN")
    environment.redeploy()
    answer = environment.ssh("myapp", f'curl -fsS "http://$CHROMA_HOST:$CHROMA_PORT{DATABASE}"', check=False)
    results.check(14, "without one it is off, too", answer.returncode == 0, environment.output)


def heartbeat(results: Results, environment: Environment) -> None:
    ports = set()
    for _ in range(2):
        port = environment.variables("chroma")["PORT"]
        ports.add(port)
        answer = environment.ssh("chroma", f"curl -fsS http://127.0.0.1:{port}/api/v2/heartbeat", check=False)
        results.check(5, f"the server listens on the PORT it is given ({port})", answer.returncode == 0 and "heartbeat" in answer.stdout, environment.output)
        if len(ports) == 1:
            environment.redeploy()
    results.check(5, "which is another one each time", len(ports) == 2, ports)
    # From the start of the process, as the kernel has it, to the line that it listens, by the server's own log.
    listening = [event["time"] for event in events_of(environment.log("chroma")) if event["message"] == "Listening"]
    took = datetime.fromisoformat(listening[-1].replace("Z", "+00:00")).timestamp() - started(environment.app("chroma")["pid"])
    results.check(5, "and answers within a second of its start", took < 1, f"{took:.2f} s")


def started(pid: int) -> float:
    """When a process began, in seconds since 1970."""
    ticks = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19])
    up = float(Path("/proc/uptime").read_text().split()[0])
    return time.time() - up + ticks / os.sysconf("SC_CLK_TCK")


def pasted(setting: Setting, results: Results, environment: Environment) -> None:
    """The guide's programs in myapp's container, unchanged."""
    # Given as an argument: /app is frozen, and the client wants a home it may write to.
    done = environment.ssh("myapp", f"HOME=/tmp {setting.python} -c {shlex.quote(snippets.block('python'))}", check=False)
    results.check(7, "the guide's Python in myapp's container prints what it says", done.stdout.strip() == snippets.promised("python"), environment.output[-800:])
    done = environment.ssh("myapp", f"{setting.python} -c {shlex.quote(snippets.javascript_requests())}", check=False)
    results.check(
        7, "the requests of the guide's JavaScript there, too", done.stdout.strip() == snippets.promised("javascript"), environment.output[-800:])


def limits(results: Results, environment: Environment) -> None:
    target = '"http://$CHROMA_HOST:$CHROMA_PORT' + f'{DATABASE}/collections"'
    post = "curl -s -o - -w '\\n%{http_code}' -H 'Content-Type: application/json' -H Expect: --data-binary @- " + target
    for size, who, is_ours in ((41 * MEBIBYTE, "the server", True), (262_144_001, "nginx", False)):
        done = environment.ssh("myapp", f"head -c {size} /dev/zero | {post}", check=False)
        body, _, status = done.stdout.rpartition("\n")
        try:
            shaped = set(json.loads(body)) >= {"error", "message"}
        except ValueError:
            shaped = False
        results.check(12, f"{size / 1e6:.0f} MB get 413 from {who}", status == "413" and shaped == is_ours, f"{status} {body[:200]}")


def routes(results: Results, environment: Environment) -> None:
    url = environment.url
    status, _ = request(url + "/healthz")
    results.check(13, "the route leads to myapp", status == 200, status)
    answered = until(lambda: answer_of(url) is not None, 120)
    results.check(13, "which fills its library and answers from it", answered, answer_of(url))
    scheme, host = url.split("://")
    status, _ = request(f"{scheme}://chroma.{host}/api/v2/heartbeat")
    results.check(13, "there is no route to chroma", status == 404, status)
    status, _ = request(f"{scheme}://www.{host}/healthz")
    results.check(13, "www leads to the main address", status in (301, 302, 308), status)
    status, answer = request(url + "/api/ingest/urls", {"urls": ["https://example.org/"]})
    results.check(13, "uploads from outside are refused without a token of their own", status in (401, 403), f"{status} {answer}")


def tunnel(setting: Setting, results: Results, environment: Environment) -> None:
    port = environment.tunnel()
    encoded = environment.call("tunnel", "info", "-A", "myapp", "--encode").stdout
    exported = subprocess.run([environment.project / "scripts/upsun-env"], input=encoded, capture_output=True, text=True)
    results.check(16, "scripts/upsun-env prints where the tunnel leads", f"CHROMA_HOST=127.0.0.1 CHROMA_PORT={port} " in exported.stdout, exported.stdout + exported.stderr)
    clean = {"PATH": os.environ["PATH"], "HOME": str(setting.folder)}
    script = f"{exported.stdout}\nexec {setting.python} -"
    done = subprocess.run(["sh", "-c", script], input=snippets.block("python"), capture_output=True, text=True, env=clean, timeout=120)
    results.check(16, "the official Python client goes through it", done.stdout.strip() == snippets.promised("python"), done.stderr[-800:])
    old = REPOSITORY / ".venv-classic-0.5.23/bin/python"
    if old.exists():
        code = f"import chromadb; print(len(chromadb.HttpClient(host='127.0.0.1', port={port}).get_collection('trees_python').get()['ids']))"
        done = subprocess.run([old, "-c", code], capture_output=True, text=True, env=clean, timeout=120)
        results.check(16, "so does the client of 0.5.23", done.stdout.strip() == "3", done.stderr[-800:])
    else:
        results.skip(16, "so does the client of 0.5.23", "its environment is made by Tests/Conformance/classic")
    text = setting.folder / "tunnel.txt"
    text.write_text("The tunnel was dug through limestone in the year 1867 by miners from the valley.\n")
    done = subprocess.run(
        [setting.binaries / "myapp", "ingest", text], capture_output=True, text=True, timeout=120, cwd=REPOSITORY,
        env={**clean, "PLATFORM_RELATIONSHIPS": encoded.strip(), "CHROMA_MODEL_PATH": str(setting.model), "MYAPP_COLLECTION": "through_the_tunnel"})
    results.check(16, "and the Swift client, by PLATFORM_RELATIONSHIPS alone", done.returncode == 0 and "1 added" in done.stdout + done.stderr, done.stdout + done.stderr)
    none = environment.call("tunnel", "open", "-A", "chroma", check=False)
    results.check(16, "chroma has no relationships to tunnel to", none.returncode != 0 and "No relationships found" in environment.output, environment.output)


def snapshots(setting: Setting, results: Results, environment: Environment) -> None:
    folder = environment.storage("chroma", "chroma") / "snapshots"
    done = environment.call("cron", "run", "snapshot", check=False)
    made = sorted(folder.glob("*.chromabak"))
    results.check(15, "the cron makes a snapshot in production", done.returncode == 0 and len(made) == 1, environment.output)
    done = environment.call("operation", "run", "backup", "-A", "chroma", check=False)
    made = sorted(folder.glob("*.chromabak"))
    results.check(15, "so does the operation", done.returncode == 0 and len(made) == 2, environment.output)
    done = environment.call("operation", "run", "verify", "-A", "chroma", check=False)
    results.check(15, "the operation that verifies finds it whole", done.returncode == 0, environment.output)
    database = Database(f"http://127.0.0.1:{environment.tunnel()}")
    trees = database.collection("trees_python")
    before = sorted(database.ids(trees))
    # Written after the snapshot: there in the data that go on, and not in what is restored.
    status, answer = database.ask(f"{DATABASE}/collections/{trees}/upsert", {"ids": ["ash"], "embeddings": [[0.5, 0.5]]})
    after = sorted([*before, "ash"])
    results.check(15, "a record is written after the snapshot", status == 200 and sorted(database.ids(trees)) == after, answer)
    target = "/app/.db/restored"
    done = environment.ssh("chroma", f"chroma backup restore /app/.chroma/snapshots/{made[-1].name} --path {target}", check=False)
    results.check(15, "it is restored beside the running server", done.returncode == 0, environment.output)
    done = environment.ssh("chroma", f"chroma backup restore /app/.chroma/snapshots/{made[-1].name} --path /app/.db", check=False)
    results.check(15, "and never over data that are there", done.returncode != 0, environment.output)
    variable = ("env:CHROMA_PERSIST_PATH", "--level", "environment")
    environment.call("variable", "set", variable[0], target, *variable[1:], "-A", "chroma")
    environment.redeploy()
    found = sorted(database.ids(database.collection("trees_python")))
    results.check(15, "a variable and a redeployment put it in place", found == before, found)
    environment.call("variable", "delete", *variable)
    environment.redeploy()
    found = sorted(database.ids(database.collection("trees_python")))
    results.check(15, "and back", found == after, found)
    # The number of an id in the middle of the catalogue, and a word of the manifest.
    for snapshot, file in ((made[0], "catalog.sqlite3"), (made[1], "manifest.json")):
        content = bytearray((snapshot / file).read_bytes())
        content[len(content) // 2] ^= 1
        (snapshot / file).write_bytes(content)
        done = environment.ssh("chroma", f"chroma backup verify /app/.chroma/snapshots/{snapshot.name}", check=False)
        results.check(15, f"a snapshot with a changed bit in {file} is found out", done.returncode == 1, environment.output)
        shutil.rmtree(snapshot)


def survival(setting: Setting, results: Results, environment: Environment) -> None:
    """Redeployments, restarts, rolling ones and kill -9, while three writers never stop."""
    database = Database(f"http://127.0.0.1:{environment.tunnel()}")
    collection = database.collection("survivors")

    def holds(writers: Writers) -> tuple[bool, str]:
        found = until(lambda: found_ids(database, collection), 30) or set()
        lost = writers.acknowledged - found
        return not lost and not writers.torn(found), (
            f"{len(writers.acknowledged)} acknowledged, {len(lost)} lost, {len(writers.torn(found))} torn, refused meanwhile: "
            f"{writers.refusals}, longest gap {writers.longest:.1f} s")

    events: list[tuple[int, str, Any]] = [
        (8, "redeployed", lambda: environment.redeploy()),
        (9, "restarted (SIGTERM)", lambda: environment.call("restart", "chroma")),
        (9, "killed (SIGKILL) and started again by the supervisor", lambda: kill(environment)),
        (11, "redeployed, rolling", lambda: environment.redeploy("--rolling")),
    ]
    for index, (number, what, act) in enumerate(events):
        with Writers(database, collection, f"w{index}") as writers:
            until(lambda: writers.count() >= 20 * BATCH, 30)
            said_before = len(environment.log("chroma"))
            act()
            output = environment.output
            count = writers.count()
            went_on = until(lambda: writers.count() >= count + 20 * BATCH, 60)
        fine, detail = holds(writers)
        results.check(number, f"{what} under load: nothing acknowledged is lost, nothing is half there", fine and went_on, detail)
        if "SIGTERM" in what:
            # The emulator says how the process ended and after how long.
            took = re.search(r"after ([0-9.]+) s", output)
            clean = "killed" not in output and ("status 0" in output or "exit 0" in output or "ended with 0" in output or "0 after" in output)
            results.check(9, "SIGTERM ends it with status 0 within 10 s", clean and took and float(took.group(1)) < 10, output)
        if "SIGKILL" in what:
            app = environment.app("chroma")
            results.check(10, "a crash is followed by a start", app["restarts"] >= 1, f"{app['restarts']} restarts, last end: {app['last_end']}")
        if "rolling" in what:
            said = environment.log("chroma")[said_before:]
            results.check(11, "the second instance waited for the first and took over", "Waiting for the data directory" in said and "Took over the data directory" in said)
    done = environment.call("operation", "run", "backup", "-A", "chroma", check=False)
    verified = environment.call("operation", "run", "verify", "-A", "chroma", check=False)
    results.check(11, "and every database is sound afterwards", done.returncode == 0 and verified.returncode == 0, environment.output)
    refused = environment.ssh("chroma", "CHROMA_LEASE_WAIT=0 chroma run --port 0", check=False)
    results.check(11, "a second server on the same mount is refused, with status 75", refused.returncode == 75 and "in use" in environment.output, environment.output[-600:])


def found_ids(database: Database, collection: str) -> set[str] | None:
    try:
        return database.ids(collection)
    except RuntimeError:
        return None


def kill(environment: Environment) -> None:
    os.kill(environment.app("chroma")["pid"], signal.SIGKILL)
    environment.output = ""
    until(lambda: environment.app("chroma")["restarts"] >= 1, 30)


def memory(results: Results, environment: Environment) -> None:
    url = environment.url
    until(lambda: answer_of(url), 60)
    for question in ("spring frost", "fermenting vegetables", "reading the sky at night", "bread", "a knot that holds") * 20:
        request(f"{url}/api/search?mode=compare&q={question.replace(' ', '+')}")
    for app in environment.json("resources"):
        group = app["group"] or {}
        taken = max(group.get("anonymous") or 0, app["rss_peak"])
        limit = HIGH_MEMORY_BYTES if app["app"] == "chroma" else app["limit"]
        results.check(
            19, f"{app['app']} stays below its {limit / MEBIBYTE:.0f} MB under the sample's load", taken < limit and not group.get("killed"),
            f"RSS {app['rss'] / MEBIBYTE:.0f} MB, most {app['rss_peak'] / MEBIBYTE:.0f} MB" + ("" if group else " (no limit could be set here)"))


def spelling(results: Results, environment: Environment, project: Path) -> None:
    """Mount keys that begin with a dot."""
    database = Database(f"http://127.0.0.1:{environment.tunnel()}")
    before = len(database.ids(database.collection("survivors")))
    edit(project, '"/.db":', '".db":')
    warned = environment.call("validate", check=False)
    results.check(18, "the spelling .db is warned of", warned.returncode == 0 and "warning" in environment.output and ".db" in environment.output, environment.output)
    environment.redeploy()
    after = len(found_ids(database, database.collection("survivors")) or ())
    results.check(18, "and means the same directory", before == after > 0, f"{before} and {after} records")
    edit(project, '".db":', '"/.db":')
    environment.redeploy()


def elsewhere(setting: Setting, results: Results, environment: Environment, project: Path) -> None:
    """A backup of the environment, restored into another one."""
    database = Database(f"http://127.0.0.1:{environment.tunnel()}")
    collection = database.collection("survivors")
    questions = [f"question {i}" for i in range(20)]
    before = (sorted(database.ids(collection)), [database.nearest(collection, question) for question in questions])
    environment.call("backup", "moving")
    other = setting.environment("other", project, "--environment", "staging", "--environment-type", "staging")
    with other:
        environment.call("restore", "moving", "--into", str(other.state))
        environment.call("stop")
        other.up()
        there = Database(f"http://127.0.0.1:{other.tunnel()}")
        collection = there.collection("survivors")
        after = (sorted(there.ids(collection)), [there.nearest(collection, question) for question in questions])
        results.check(8, "backed up and restored into another environment: the same records and the same answers", after == before, f"{len(before[0])} records, {len(after[0])} restored")
        folder = other.storage("chroma", "chroma") / "snapshots"
        count = len(list(folder.glob("*.chromabak")))
        done = other.call("cron", "run", "snapshot", check=False)
        unchanged = len(list(folder.glob("*.chromabak"))) == count
        results.check(15, "the cron makes no snapshot outside production", done.returncode == 0 and unchanged, other.output)
