"""What each test of Chroma's suite does on the official server, and how a run compares with that."""
import json
from dataclasses import dataclass, field
from pathlib import Path

BASELINE = Path(__file__).resolve().parent / "baseline.json"
OUTCOMES = ["passed", "failed", "error", "skipped"]


@dataclass
class FileResult:
    """One test file: `outcomes` by test id (the part after the first `::`), in the order they ran."""
    name: str
    seconds: float = 0.0
    outcomes: dict = field(default_factory=dict)
    trouble: list = field(default_factory=list)  # what befell the file as a whole: killed, server gone, ...

    def count(self, outcome):
        return sum(1 for each in self.outcomes.values() if each == outcome)


def load():
    return json.loads(BASELINE.read_text())["files"] if BASELINE.exists() else {}


def is_selected(test, fixture):
    """Mirrors the `-k` expression the runner hands to pytest."""
    is_async = "async_integration" in test
    return {"both": True, "sync": not is_async, "async": is_async}[fixture]


def differences(result, baseline, fixture):
    """One line for each test of a file that does worse than on the official server, and for what befell the file."""
    lines = [f"{result.name}: {trouble}" for trouble in result.trouble]
    expected = {test: outcome for outcome, tests in baseline.get(result.name, {}).items()
                if outcome in OUTCOMES for test in tests if is_selected(test, fixture)}
    for test, outcome in result.outcomes.items():
        if outcome in ("failed", "error"):
            lines.append(f"{result.name}::{test}: {outcome}")
        elif outcome == "skipped" and expected.get(test) != "skipped":
            lines.append(f"{result.name}::{test}: skipped, but not on the official server")
    for test, outcome in expected.items():
        if outcome == "passed" and test not in result.outcomes:
            lines.append(f"{result.name}::{test}: did not run")
    return lines


def record(results, versions):
    """Writes the baseline. Failures are recorded too, to be read; no later run is allowed to share them."""
    files = {}
    for result in sorted(results, key=lambda each: each.name):
        files[result.name] = {"seconds": round(result.seconds)}
        for outcome in OUTCOMES:
            tests = sorted(test for test, each in result.outcomes.items() if each == outcome)
            if tests:
                files[result.name][outcome] = tests
    totals = {outcome: sum(result.count(outcome) for result in results) for outcome in OUTCOMES}
    BASELINE.write_text(json.dumps({**versions, "totals": totals, "files": files}, indent=1) + "\n")
