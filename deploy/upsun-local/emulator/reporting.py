"""`status` and `resources`."""
import argparse
import json
from pathlib import Path
from typing import Any

from . import supervisor, tree
from .console import say, size
from .project import apps_of
from .state import State


def facts_of(state: State) -> dict[str, Any]:
    """Everything known of an environment."""
    supervisor.clean_up(state)
    about = state.environment()
    facts: dict[str, Any] = {"state": str(state.root), "running": supervisor.is_running(state)}
    facts.update({key: about[key] for key in ("branch", "environment", "type", "driver", "port") if key in about})
    if facts["running"]:
        facts.update(supervisor.ask(state, "status"))
    deployed = state.read("deployed.json") or {"trees": {}}
    facts["builds"] = {}
    for name, one in deployed["trees"].items():
        record = state.read(f"apps/{name}/trees/{one['key']}.json", {})
        facts["builds"][name] = {key: value for key, value in record.items() if key != "manifest"} | {
            "files": len(record.get("manifest", {})), "tree": one["tree"]}
    return facts


def changed_files(state: State) -> dict[str, list[str]]:
    """For each app, what of its tree is not as the build left it."""
    deployed = state.read("deployed.json") or {"trees": {}, "values": {"applications": {}}}
    apps = apps_of(deployed["values"])
    result = {}
    for name, one in deployed["trees"].items():
        record = state.read(f"apps/{name}/trees/{one['key']}.json", {})
        now = tree.manifest(Path(one["tree"]), [mount.path for mount in apps[name].mounts])
        result[name] = tree.differences(record.get("manifest", {}), now)
    return result


def status(state: State, options: argparse.Namespace) -> int:
    facts = facts_of(state)
    wrong = False
    if options.verify_tree:
        facts["changed_files"] = changed_files(state)
        wrong = any(facts["changed_files"].values())
    if options.json:
        say(json.dumps(facts, indent=1))
        return 1 if wrong else 0
    if not facts["running"]:
        say(f"Nothing runs in {state.root}" + ("" if state.exists else "; nothing was ever deployed there"))
    else:
        say(f"Environment {facts['branch']} ({facts['type']}), driver {facts['driver']}, supervisor {facts['supervisor']}")
        say(f"{'app':<12} {'state':<20} {'pid':>7} {'port':>6} {'address':<14} {'up':>8} {'restarts':>8}  last end")
        for app in facts["apps"]:
            say(f"{app['app']:<12} {app['state']:<20} {app['pid']:>7} {app['port']:>6} {app['address']:<14} {app['uptime']:>6.0f} s "
                f"{app['restarts']:>8}  {app['last_end'] or '-'}")
        for app in facts["apps"]:
            for note in app["notes"]:
                say(f"  {app['app']}: {note}")
        for url, target in facts["routes"].items():
            say(f"  {url}  →  {target}")
        for tunnel in facts["tunnels"]:
            say(f"  tunnel 127.0.0.1:{tunnel['port']}  →  {tunnel['app']}: {tunnel['relationship']}")
    for name, build in facts["builds"].items():
        say(f"  {name}: tree {build['files']} files, {size(build['size'])}; build hook {build['hook_seconds']} s, "
            f"{build['hook_cpu_seconds']} s of CPU")
    for name, changes in facts.get("changed_files", {}).items():
        say(f"  {name}: tree unchanged" if not changes else f"  {name}: TREE CHANGED")
        for change in changes[:20]:
            say(f"    {change}")
    return 1 if wrong else 0


def resources(state: State, options: argparse.Namespace) -> int:
    """Memory of each app: what its process has resident, what the container uses, and the limit."""
    supervisor.clean_up(state)
    apps = supervisor.ask(state, "status")["apps"]
    if options.json:
        keys = ("app", "rss", "rss_peak", "limit", "profile", "group")
        say(json.dumps([{key: app[key] for key in keys} for app in apps], indent=1))
        return 0
    say(f"{'app':<12} {'RSS':>9} {'peak RSS':>9} {'anonymous':>10} {'container':>10} {'peak':>9} {'limit':>9}  profile at 0.5 CPU")
    for app in apps:
        group = app["group"]
        columns = [size(group[key]) if group.get(key) is not None else "-" for key in ("anonymous", "now", "peak")]
        enforced = "" if group else " (not enforced here)"
        say(f"{app['app']:<12} {size(app['rss']):>9} {size(app['rss_peak']):>9} {columns[0]:>10} {columns[1]:>10} {columns[2]:>9} "
            f"{size(app['limit']):>9}  {app['profile']}{enforced}")
        if group.get("killed"):
            say(f"  {app['app']}: {group['killed']} processes were killed for want of memory")
    return 0
