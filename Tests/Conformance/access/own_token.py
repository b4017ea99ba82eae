"""A server that makes its own token, and the audit log of what is done with it."""
import json
import re
import subprocess

from subject import DATABASE, Subject

TOKEN = re.compile(r"chroma_[0-9a-f]{64}")


class SelfProtected(Subject):
    def arguments(self):
        return [*super().arguments(), "--auth", "auto", "--audit-log", str(self.directory / "audit.jsonl")]


def run(options, clients, tally):
    if options.own:
        print("own_token: Chroma's own server makes none")
        return
    with SelfProtected(options.server, {}) as server:
        shown = TOKEN.findall(server.log.read_text())
        tally.check(len(shown) == 1, "own token: shown once at the first start", shown)
        token = shown[0]
        bearer = {"Authorization": f"Bearer {token}"}
        collections = f"{DATABASE}/collections"
        tally.check(server.ask("POST", collections, {"name": "mine"}, bearer)[0] == 200, "own token: opens")
        tally.check(server.ask("GET", collections)[0] == 403, "own token: is needed")
        tally.check(
            server.ask("GET", collections, None, {"X-Chroma-Token": token[:-1] + "x"})[0] == 403,
            "own token: another does not open")
        server.restart()
        tally.check(len(TOKEN.findall(server.log.read_text())) == 1, "own token: not shown again")
        tally.check(server.ask("GET", f"{collections}/mine", None, bearer)[0] == 200, "own token: the same after a restart")
        kept = [path for path in server.directory.rglob("*") if path.is_file() and path != server.log
                and token.encode() in path.read_bytes()]
        tally.check(not kept, "own token: in no file", kept)

        lines = [json.loads(line) for line in (server.directory / "audit.jsonl").read_text().splitlines()]
        seen = [(line["user"], line["action"], line["outcome"], line["collection"]) for line in lines]
        tally.check(
            seen == [("anonymous", "db:create_collection", "done", None), (None, "db:list_collections", "unrecognized", None),
                     (None, "db:list_collections", "unrecognized", None),
                     ("anonymous", "collection:get_collection", "done", "mine")], "audit log: who did what", seen)

        server.stop()
        refused = subprocess.run(
            [*server.command, *Subject.arguments(server)], env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True,
            timeout=60)
        tally.check(refused.returncode == 78 and "--auth auto" in refused.stderr, "own token: not forgotten", refused.stderr)

    contradiction = subprocess.run(
        [*server.command, "run", "--auth", "auto"], env={"CHROMA_AUTH_TOKEN": "x", "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, timeout=60)
    tally.check(contradiction.returncode == 64, "own token: not beside another", contradiction.stderr)
