"""`variable set`, `list` and `delete`: variables of the project and of the environment."""
import argparse
import json
import re
import sys

from . import variables
from .console import Failure, refuse, say
from .state import State


def truth(text: str) -> bool:
    if text.lower() not in ("true", "false", "1", "0", "yes", "no"):
        raise argparse.ArgumentTypeError(f"'{text}' is neither true nor false")
    return text.lower() in ("true", "1", "yes")


def set_variable(state: State, options: argparse.Namespace) -> int:
    name = variables.canonical(options.name)
    if not re.fullmatch(r"env:[A-Z_][A-Z0-9_]*|[A-Za-z][A-Za-z0-9_:.-]*", name):
        refuse(f"'{options.name}' cannot be a variable's name. For an environment variable write env:NAME.")
    if name.startswith("env:PLATFORM_"):
        refuse(f"{name[4:]} is set by the platform; choose another name")
    value = sys.stdin.read().rstrip("\n") if options.value == "-" else options.value
    with state.changing():
        levels = variables.stored(state)
        known = name in levels[options.level]
        levels[options.level][name] = {
            "value": value, "sensitive": options.sensitive,
            "visible_build": options.level == "project" if options.visible_build is None else options.visible_build,
            "visible_runtime": True if options.visible_runtime is None else options.visible_runtime, "app": options.app}
        state.write("variables.json", levels)
    say(f"{'Changed' if known else 'Created'} {name} ({options.level}). It takes effect with the next deployment: upsun-local redeploy")
    if not name.startswith("env:"):
        say("Apps find it in PLATFORM_VARIABLES; for an environment variable of its own write env:NAME.")
    return 0


def list_variables(state: State, options: argparse.Namespace) -> int:
    rows = []
    for level, known in variables.stored(state).items():
        for name, variable in sorted(known.items()):
            masked = {**variable, "value": "***" if variable["sensitive"] else variable["value"]}
            rows.append({"name": name, "level": level, **masked})
    if options.json:
        say(json.dumps(rows, indent=1))
        return 0
    if not rows:
        say("No variables. Set one: upsun-local variable set env:NAME VALUE")
        return 0
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        where = "build and runtime" if row["visible_build"] and row["visible_runtime"] else "build" if row["visible_build"] else "runtime"
        app = f", {row['app']} only" if row["app"] else ""
        say(f"{row['name']:<{width}}  {row['level']:<11}  {row['value']}  ({where}{app})")
    return 0


def delete_variable(state: State, options: argparse.Namespace) -> int:
    name = variables.canonical(options.name)
    with state.changing():
        levels = variables.stored(state)
        found = [level for level in variables.LEVELS if name in levels[level] and options.level in (None, level)]
        if not found:
            raise Failure(f"there is no variable {name}")
        for level in found:
            del levels[level][name]
        state.write("variables.json", levels)
    say(f"Deleted {name} ({', '.join(found)}). It takes effect with the next deployment: upsun-local redeploy")
    return 0
