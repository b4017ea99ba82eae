"""`backup` and `restore`: all storage mounts of an environment, as the platform's own backups are (there is no code in them)."""
import argparse
import json
import os
import re
import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator

from . import driver, supervisor, tree
from .console import Clock, Failure, refuse, say, size
from .state import State


@contextmanager
def still(state: State, live: bool) -> Iterator[None]:
    """Nothing writes meanwhile; a live backup does without, and may catch files in the middle of a change."""
    if live or not supervisor.is_running(state):
        yield
        return
    conversation = supervisor.Conversation(state, "frozen")
    try:
        message = conversation.next()
        if "error" in message:
            raise Failure(message["error"])
        yield
    finally:
        conversation.close()


def copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-a", "--reflink=auto", "--sparse=always", str(source), str(target)], check=True)


def remove_partial(folder: Path) -> None:
    for path in folder.glob("*.partial"):
        shutil.rmtree(path)


def storages(state: State) -> dict[str, Path]:
    return {path.parent.name: path for path in sorted((state / "apps").glob("*/storage"))}


def backup(state: State, options: argparse.Namespace) -> int:
    if options.list:
        return listing(state, options)
    name = options.name or time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name) or name.endswith(".partial"):
        refuse(f"'{name}' cannot be a backup's name: use letters, digits, '.', '_' and '-'")
    if not state.exists:
        raise Failure(f"There is no environment in {state.root}. Start one: upsun-local up")
    clock = Clock()
    with state.changing():
        supervisor.clean_up(state)
        folder = state / "backups"
        folder.mkdir(exist_ok=True, mode=0o700)
        remove_partial(folder)
        target = folder / name
        if target.exists():
            raise Failure(f"there is a backup '{name}' already; choose another name")
        beside = folder / (name + ".partial")
        beside.mkdir()
        found = storages(state)
        pause = Clock()
        try:
            with still(state, options.live):
                for app, source in found.items():
                    copy(source, beside / app)
            seconds = pause.seconds
            about = state.environment()
            sizes = {app: tree.size(beside / app) for app in found}
            (beside / "backup.json").write_text(json.dumps({
                "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "live": options.live, "branch": about["branch"],
                "environment": about["environment"], "driver": about["driver"], "bytes": sizes, "paused_seconds": round(seconds, 2)}))
            beside.rename(target)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
    say(f"Backup {name}: " + ", ".join(f"{app} {size(count)}" for app, count in sizes.items()) + f" ({clock}"
        + (", live)" if options.live else f", apps paused for {seconds:.1f} s)"))
    return 0


def listing(state: State, options: argparse.Namespace) -> int:
    facts = {}
    for path in sorted((state / "backups").glob("*/backup.json")):
        facts[path.parent.name] = json.loads(path.read_text())
    if options.json:
        say(json.dumps(facts, indent=1))
    for name, one in [] if options.json else facts.items():
        say(f"{name:<24} {one['created']}  {size(sum(one['bytes'].values())):>9}  {one['branch']}{'  live' if one['live'] else ''}")
    return 0


def restore(state: State, options: argparse.Namespace) -> int:
    source = state / "backups" / options.name
    if not (source / "backup.json").exists():
        known = [path.parent.name for path in sorted((state / "backups").glob("*/backup.json"))]
        raise Failure(f"there is no backup '{options.name}' in {state.root}; there are: {', '.join(known) or 'none'}")
    target = State(Path(options.into)) if options.into else state
    clock = Clock()
    facts: dict[str, Any] = json.loads((source / "backup.json").read_text())
    with target.changing():
        supervisor.clean_up(target)
        running = supervisor.is_running(target)
        if running:
            say("Stop")
            supervisor.ask(target, "halt", say)
        # An environment that was never deployed gets its driver with its first deployment.
        kind = target.environment().get("driver", facts["driver"])
        owner = driver.APP_UID if kind == "root" else os.geteuid()
        for app in facts["bytes"]:
            put_back(source / app, target.storage(app), owner)
        say(f"Restored {options.name} into {target.root}: {size(sum(facts['bytes'].values()))}")
        if running:
            say("Start")
            supervisor.ask(target, "deploy", say, plan=target.read("deployed.json"), rolling=False)
    say(f"Done in {clock}")
    return 0


def put_back(source: Path, storage: Path, owner: int) -> None:
    """What was there before goes only when all of the new is beside it."""
    storage.parent.mkdir(parents=True, exist_ok=True)
    beside, old = storage.with_name("storage.restored"), storage.with_name("storage.before")
    for left in (beside, old):
        if left.exists():
            shutil.rmtree(left)
    copy(source, beside)
    if os.geteuid() == 0:
        tree.give(beside, owner)
    if storage.exists():
        storage.rename(old)
    beside.rename(storage)
    if old.exists():
        shutil.rmtree(old)
