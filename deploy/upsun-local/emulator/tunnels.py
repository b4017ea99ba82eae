"""`tunnel open`, `single`, `info` and `close`: relationships on ports of this machine."""
import argparse
import base64
import json
from typing import Any

from . import supervisor
from .console import Failure, say
from .project import apps_of
from .state import State


def app_of(state: State, wanted: str | None) -> str:
    """The app chosen, or the only one that has relationships."""
    supervisor.clean_up(state)
    deployed = state.read("deployed.json")
    if not deployed:
        raise Failure("Nothing is deployed yet. Start it: upsun-local up")
    apps = apps_of(deployed["values"])
    if wanted is not None:
        if wanted not in apps:
            raise Failure(f"there is no app '{wanted}'; apps: {', '.join(apps)}")
        return wanted
    having = [name for name, app in apps.items() if app.relationships]
    if len(having) != 1:
        raise Failure(f"choose an app with -A: {', '.join(having)}" if having else "No relationships found: no app has any.")
    return having[0]


def opened(facts: list[dict[str, Any]]) -> None:
    for tunnel in facts:
        say(f"{tunnel['relationship']} of {tunnel['app']}: http://127.0.0.1:{tunnel['port']}")


def open_all(state: State, options: argparse.Namespace) -> int:
    opened(supervisor.ask(state, "tunnel open", app=app_of(state, options.app), relationship=options.relationship, port=0))
    say("They stay open until `upsun-local tunnel close` or `stop`. For programs:")
    say('  export PLATFORM_RELATIONSHIPS="$(upsun-local tunnel info --encode)"')
    return 0


def open_single(state: State, options: argparse.Namespace) -> int:
    app = app_of(state, options.app)
    relationship = options.relationship
    if relationship is None:
        names = list(apps_of(state.read("deployed.json")["values"])[app].relationships)
        if len(names) > 1:
            raise Failure(f"choose a relationship with --relationship: {', '.join(names)}")
        relationship = names[0] if names else None
    facts = supervisor.ask(state, "tunnel open", app=app, relationship=relationship, port=options.port or 0)
    opened([tunnel for tunnel in facts if relationship in (None, tunnel["relationship"])])
    return 0


def info(state: State, options: argparse.Namespace) -> int:
    """What PLATFORM_RELATIONSHIPS would be for a program on this machine."""
    supervisor.clean_up(state)
    facts = supervisor.ask(state, "tunnel info", app=options.app)
    facts = [tunnel for tunnel in facts if options.relationship in (None, tunnel["relationship"])]
    if not facts:
        raise Failure("No tunnels are open. Open them: upsun-local tunnel open -A myapp")
    relationships = {tunnel["relationship"]: [tunnel["endpoint"]] for tunnel in facts}
    if options.property:
        say(text(find(relationships, options.property)))
    elif options.encode:
        say(base64.b64encode(json.dumps(relationships, separators=(",", ":")).encode()).decode())
    elif options.json:
        say(json.dumps(relationships, indent=1))
    else:
        for name, endpoints in relationships.items():
            say(f"{name}:")
            for key, value in endpoints[0].items():
                say(f"  {key}: {text(value)}")
    return 0


def text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def find(relationships: dict[str, Any], wanted: str) -> Any:
    """`chroma.0.port`, or only `port` where there is one relationship."""
    steps = wanted.split(".")
    value: Any = relationships
    if steps[0] not in relationships and len(relationships) == 1:
        value = next(iter(relationships.values()))[0]
    elif len(steps) > 1 and not steps[1].isdigit():
        steps.insert(1, "0")
    for step in steps:
        try:
            value = value[int(step)] if isinstance(value, list) else value[step]
        except (KeyError, IndexError, ValueError, TypeError):
            raise Failure(f"the tunnels have no property '{wanted}'; write for example chroma.0.port") from None
    return value


def close(state: State, options: argparse.Namespace) -> int:
    supervisor.clean_up(state)
    count = supervisor.ask(state, "tunnel close", app=options.app)
    say(f"Closed {count} tunnel{'' if count == 1 else 's'}")
    return 0
