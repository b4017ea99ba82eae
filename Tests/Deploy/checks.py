"""What the parts of the deployment's checks share: results, where things lie, questions to what is deployed."""
from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

from emulated import Environment, copy_project, request
from environment import VENV, ensure_environment

QUESTION = "How do honeybees keep warm in winter?"
MEBIBYTE = 1 << 20


class Results:
    def __init__(self) -> None:
        self.passed = self.failed = self.skipped = 0
        self.last = time.monotonic()

    def check(self, number: int | str, sentence: str, holds: Any, detail: Any = "") -> bool:
        now = time.monotonic()
        seconds, self.last = now - self.last, now
        self.passed += bool(holds)
        self.failed += not holds
        told = str(detail)[-2000:] if not holds or len(str(detail)) < 120 else ""
        print(f"{'ok  ' if holds else 'FAIL'} {number:>2} {sentence}{f': {told}' if told else ''} ({seconds:.1f} s)", flush=True)
        return bool(holds)

    def skip(self, number: int | str, sentence: str, why: str) -> None:
        self.skipped += 1
        print(f"skip {number:>2} {sentence}: {why}", flush=True)


class Setting:
    """Where everything of a run lies."""

    def __init__(self, options: argparse.Namespace, folder: Path):
        self.folder = folder
        self.options = options
        self.binaries = folder / "binaries"
        self.binaries.mkdir()
        for name, path in (("chroma", options.server), ("myapp", options.myapp)):
            (self.binaries / name).symlink_to(Path(path).resolve())
        self.model = Path(os.environ.get("CHROMA_MODEL_PATH") or cache_directory() / "chroma/models/all-MiniLM-L6-v2")
        self.python = ensure_environment()
        # Seen in containers: the client's interpreter and its packages.
        self.exposed = [str(VENV), str(Path(self.python).resolve().parents[1])]

    def environment(self, name: str, project: Path, *more: str) -> Environment:
        options = [word for path in self.exposed for word in ("--expose", path)]
        return Environment(
            self.folder / name, project, self.binaries, self.model, *options, *more, keep=self.options.keep)

    def project(self, name: str) -> Path:
        return copy_project(self.folder / name)


def cache_directory() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def edit(project: Path, old: str, new: str) -> None:
    """Changes the configuration of a copy; fails when there is nothing to change."""
    path = project / ".upsun/config.yaml"
    text = path.read_text()
    if text.count(old) < 1:
        raise RuntimeError(f"{path} has no {old!r}")
    path.write_text(text.replace(old, new, 1))


def answer_of(url: str) -> Any:
    """The first sentence of an answer that was not refused."""
    status, events = request(url + "/api/ask", {"question": QUESTION})
    for event in str(events).split("\n\n") if status == 200 else []:
        if event.startswith("event: done\ndata: "):
            done = json.loads(event.split("data: ", 1)[1])
            return None if done.get("refused") else done.get("answer") or done.get("text") or True
    return None


def logs(results: Results, environment: Environment, secrets: list[str]) -> None:
    # Whoever starts it wrongly is told so in a plain sentence, before there is a log.
    said = [line for line in environment.log("chroma").splitlines() if not line.startswith("chroma: PLATFORM_ROUTES makes this app public")]
    wrong = [line for line in said if not is_event(line)]
    results.check(17, f"all {len(said)} lines of chroma's log are JSON", said and not wrong, wrong[:3])
    everything = "\n".join(
        path.read_text(errors="replace") for path in (environment.state / "apps").glob("*/log/*.log"))
    if secrets:
        results.check(17, "no log has the token in it", everything and not any(secret in everything for secret in secrets))


def events_of(log: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.splitlines() if is_event(line)]


def is_event(line: str) -> bool:
    try:
        return {"time", "level", "message"} <= set(json.loads(line))
    except (ValueError, TypeError):
        return False
