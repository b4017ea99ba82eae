"""Where a classic client may see something else here than on its own server, and why."""
import json
from dataclasses import dataclass
from pathlib import Path

GOLDEN = Path(__file__).resolve().parent / "golden"


@dataclass(frozen=True)
class Accepted:
    """One difference, with what is seen here instead: an error, or what a later release saw on its own server."""

    clients: tuple  # releases
    call: str
    reason: str
    error: str = None  # class of the exception raised here
    says: str = ""  # part of its message
    like: str = None  # release whose golden transcript has the answer given here

    def covers(self, client, wanted, got):
        if client not in self.clients or wanted["call"] != self.call:
            return False
        if self.like:
            return without_included(got) == without_included(answer(self.like, self.call))
        return "error" in got and got["error"]["type"] == self.error and self.says in got["error"]["message"]


def answer(client, call):
    for line in (GOLDEN / f"{client}.jsonl").read_text().splitlines():
        line = json.loads(line)
        if line["call"] == call:
            return line
    raise KeyError(f"{client} has no call {call}")


def without_included(line):
    """Clients before 0.5.1 drop `included` from results."""
    if isinstance(line.get("result"), dict):
        line = {**line, "result": {key: value for key, value in line["result"].items() if key != "included"}}
    return line


ACCEPTED = []
