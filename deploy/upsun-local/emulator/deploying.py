"""`up`, `redeploy`, `restart` and `stop`."""
import argparse
import contextlib
import hashlib
import json
import os
import shlex
import sys
import time
from pathlib import Path
from typing import Any

from . import driver, lint, supervisor, variables
from .build import Builder, Built, forget_old_trees, ready_things
from .console import Clock, Failure, say
from .document import Document, files_of, load
from .network import listen_on_loopback
from .project import App, apps_of
from .state import State, new_environment


def configuration(repository: Path) -> Document:
    """The project's configuration, if it can be deployed; warnings are shown."""
    files = files_of(repository)
    if not files:
        raise Failure(f"There is no .upsun/config.yaml in {repository}. Choose the project's directory with --project.")
    document = load(files, repository)
    errors, warnings = lint.check(document, repository)
    for warning in warnings:
        say(f"  warning: {warning}")
    if errors:
        raise Failure("\n".join(["The configuration is not valid:", *(f"  {error}" for error in errors)]))
    return document


def prepare(state: State, options: argparse.Namespace) -> dict[str, Any]:
    """Makes the environment, or finds it; driver and addresses stay what they were while it runs."""
    about = state.environment()
    if not about:
        about = new_environment("main" if options.environment is None else options.environment, options.environment_type, options.project)
    running = supervisor.is_running(state)
    if options.environment and options.environment != about["branch"]:
        raise Failure(
            f"{state.root} holds the environment '{about['branch']}'. Choose another directory for '{options.environment}': --state DIR")
    if options.environment_type:
        about["type"] = options.environment_type
    about["repository"] = str(options.project)
    if running:
        if options.driver not in ("auto", about["driver"]):
            raise Failure(f"It runs with the {about['driver']} driver. Stop it first: upsun-local stop")
        if options.port and options.port != about.get("port"):
            raise Failure(f"It runs on port {about['port']}. Stop it first: upsun-local stop")
    else:
        about["driver"], reason = driver.choose(options.driver)
        say(f"Driver {about['driver']}: {reason}")
        if options.port:
            about["port"] = about["wanted_port"] = options.port
            free_or_refuse(options.port)
    for name in ("binaries", "model"):
        chosen = getattr(options, name) or (os.environ.get("UPSUN_LOCAL_BINARIES") if name == "binaries" else None)
        if options.from_source:
            about[name] = None
        elif chosen:
            about[name] = str(Path(chosen).resolve())
    if options.expose:
        about["exposed"] = sorted({str(Path(path).resolve()) for path in options.expose})
    state.make()
    state.write("environment.json", about)
    return about


def free_or_refuse(port: int) -> None:
    try:
        listen_on_loopback(port).close()
    except OSError as error:
        raise Failure(f"Port {port}: {error.strerror}. Choose another: --port N") from None


def local_model(about: dict[str, Any]) -> Path | None:
    """A directory with the embedding model, so that no build has to fetch it."""
    if about.get("model"):
        if not (Path(about["model"]) / "model.safetensors").exists():
            raise Failure(f"--model: {about['model']} holds no model.safetensors")
        return Path(about["model"])
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    for place in (os.environ.get("CHROMA_MODEL_PATH"), cache + "/chroma/models/all-MiniLM-L6-v2"):
        if place and (Path(place) / "model.safetensors").exists():
            return Path(place)
    return None


def build_all(state: State, options: argparse.Namespace, apps: dict[str, App]) -> dict[str, Built]:
    about = state.environment()
    binaries = Path(about["binaries"]) if about.get("binaries") else None
    say("Build" + (f", with the binaries of {binaries}" if binaries else ", from source"))
    if binaries is not None and not binaries.is_dir():
        raise Failure(f"--binaries: there is no directory {binaries}. Build them (make build), or build from source: --from-source")
    builder = Builder(state, options.project, about["driver"], ready_things(apps, binaries, local_model(about)))
    return {name: builder.build(app, options.rebuild) for name, app in apps.items()}


def plan_of(values: dict[str, Any], built: dict[str, Built], last: dict[str, Any] | None) -> dict[str, Any]:
    trees = {name: {"tree": str(one.tree), "tree_id": one.tree_id, "key": one.key} for name, one in built.items()}
    plan = {"values": values, "routes": values.get("routes") or {}, "trees": trees}
    # After a deployment that failed its hooks are still to be run.
    plan["changed"] = last is None or last.get("failed") or any(plan[part] != last.get(part) for part in ("values", "routes", "trees"))
    return plan


def settings_mark(state: State) -> str:
    """Changes when variables do, which take effect at a deployment only."""
    return hashlib.sha256(json.dumps(variables.stored(state), sort_keys=True).encode()).hexdigest()


def deploy(state: State, options: argparse.Namespace, *, always: bool, rolling: bool, entry: Path) -> int:
    clock = Clock()
    with state.changing():
        if supervisor.clean_up(state):
            say("Cleaned up after a supervisor that was killed")
        prepare(state, options)
        document = configuration(options.project)
        apps = apps_of(document.values)
        built = build_all(state, options, apps)
        last = state.read("deployed.json")
        plan = plan_of(document.values, built, last)
        running = supervisor.is_running(state)
        mark = settings_mark(state)
        healthy = running and {app["app"] for app in supervisor.ask(state, "status")["apps"] if app["ready"]} == set(apps)
        if healthy and not always and not plan["changed"] and last is not None and last.get("settings") == mark:
            say("Nothing changed: it runs as it is")
            show_urls(state)
            return 0
        plan["settings"] = mark
        try:
            if not running:
                supervisor.start(state, entry)
            say("Deploy, rolling" if rolling else "Deploy")
            supervisor.ask(state, "deploy", say, plan=plan, rolling=rolling)
        except KeyboardInterrupt:
            if running:
                say(f"The deployment goes on without this command. To see how it runs: {called(state)} status")
            elif supervisor.is_running(state):
                end(state)
            raise
        for name, one in built.items():
            forget_old_trees(state, name, {one.key})
    say(f"Ready in {clock}")
    show_urls(state)
    return 0


def show_urls(state: State) -> None:
    facts = supervisor.ask(state, "status")
    say()
    for url, target in facts["routes"].items():
        say(f"  {url}  →  {target}")
    say()
    say(f"Go on with {called(state)} and one of")
    say("  logs --follow   env APP   ssh APP -- CMD   tunnel open   redeploy --rolling   backup   resources   stop   --help")


def called(state: State) -> str:
    """The command as it was called."""
    command = sys.argv[0]
    with contextlib.suppress(ValueError):
        command = str(Path(command).resolve().relative_to(Path.cwd()))
    return shlex.quote(command) if state.is_default else f"{shlex.quote(command)} --state {shlex.quote(str(state.root))}"


def restart(state: State, options: argparse.Namespace) -> int:
    supervisor.clean_up(state)
    clock = Clock()
    supervisor.ask(state, "restart", say, app=options.app)
    say(f"Restarted in {clock}")
    return 0


def stop(state: State, options: argparse.Namespace) -> int:
    if supervisor.clean_up(state):
        say("Cleaned up after a supervisor that was killed")
    if supervisor.is_running(state):
        clock = Clock()
        end(state)
        say(f"Stopped in {clock}" + ("" if options.purge else f"; data stay in {state.root}"))
    else:
        say("Nothing runs")
    if options.purge:
        purge(state)
    return 0


def end(state: State) -> None:
    """Ends everything that runs, a deployment that goes on as well."""
    supervisor.ask(state, "stop", say)
    deadline = time.monotonic() + 30
    while supervisor.is_running(state):
        if time.monotonic() > deadline:
            raise Failure("the supervisor does not end; see supervisor.log in the state directory")
        time.sleep(0.02)


def purge(state: State) -> None:
    if not os.path.lexists(state.root):
        say(f"There is no {state.root}")
        return
    # A deployment that has just been stopped may still be on its way out.
    with state.changing(patience=10):
        state.remove()
    say(f"Removed {state.root}")
