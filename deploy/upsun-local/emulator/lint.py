"""The platform's rules for a configuration, by their numbers. What it would let pass is in advice.py.

 1  keys and kinds of values (shapes.py), no key twice       7  types and versions that exist
 2  names                                                    8  commands are POSIX shell
 3  relationships lead somewhere                             9  an app without a start command (a warning)
 4  services are used                                       10  locations and their rules
 5  several apps need a route                               11  dependencies
 6  upstreams of routes
"""
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Callable, Iterator

from . import driver
from .advice import WARNINGS
from .catalogue import RUNTIMES, SERVICES
from .document import Document, Found, Keys, Problem, apps, routes, services, tasks
from .project import below, target_of
from .shapes import MAP, TOP, kind_of, problems

DEPENDENCIES = ("nodejs", "php", "python", "python3", "ruby")
DAY = 86400
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
# Lowest and highest number of each field, and names that stand for numbers from the lowest up.
CRON_FIELDS: tuple[tuple[int, int, tuple[str, ...]], ...] = ((0, 59, ()), (0, 23, ()), (1, 31, ()), (1, 12, MONTHS), (0, 7, DAYS))


def check(document: Document, repository: Path) -> tuple[list[Problem], list[Problem]]:
    """Errors and warnings, in the order of the lines."""
    errors = document.problems + problems(document, document.values, TOP)
    # What has the wrong shape cannot be looked into any further.
    if kind_of(document.values.get("applications")) == MAP and not any(problem.rule == 1 for problem in errors):
        for rule in RULES:
            errors += rule(document)
        warnings = [warning for rule in WARNINGS for warning in rule(document, repository)]
    else:
        warnings = []
    order: Callable[[Problem], tuple[str, int]] = lambda problem: (problem.file or "", problem.line or 0)
    return sorted(errors, key=order), sorted(warnings, key=order)


def named_things(document: Document) -> Iterator[tuple[Keys, str, str]]:
    """Every name, with its keys and what it names."""
    for name, app in apps(document).items():
        yield ("applications", name), name, "app"
        for worker in app.get("workers") or {}:
            yield ("applications", name, "workers", worker), worker, "worker"
    for name in services(document):
        yield ("services", name), name, "service"


def names(document: Document) -> Found:
    seen: dict[str, str] = {}
    for keys, name, kind in named_things(document):
        if name == "router":
            yield document.problem(keys, "'router' is the platform's own name; choose another", 2)
        elif len(name) > 32:
            yield document.problem(keys, f"the {kind}'s name '{name}' has {len(name)} characters; 32 are allowed", 2)
        elif not re.fullmatch(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?", name) or "--" in name:
            yield document.problem(
                keys, f"the {kind}'s name '{name}' must be of a-z, 0-9, '_' and '-', begin and end with a letter or digit, and "
                "have no '--'", 2)
        if name in seen:
            yield document.problem(keys, f"the {kind}'s name '{name}' is that of a{'n app' if seen[name] == 'app' else ' ' + seen[name]}, "
                                   "too; rename one of them", 2)
        seen[name] = kind


def containers(document: Document) -> Iterator[tuple[Keys, dict[str, Any]]]:
    """Everything that may have relationships and mounts of its own: apps, their web part and workers, services."""
    for name, app in apps(document).items():
        yield ("applications", name), app
        yield ("applications", name, "web"), app.get("web") or {}
        for worker, values in (app.get("workers") or {}).items():
            yield ("applications", name, "workers", worker), values
    for name, service in services(document).items():
        yield ("services", name), service


def relationships(document: Document) -> Found:
    known = {**apps(document), **services(document)}
    for owner, values in containers(document):
        for relationship, value in (values.get("relationships") or {}).items():
            keys = (*owner, "relationships", relationship)
            target, endpoint = target_of(value, relationship)
            if target not in known:
                yield document.problem(
                    keys, f"the relationship '{relationship}' leads to '{target}', which is not there; write one of "
                    f"{', '.join(other for other in known if other != owner[1])}", 3)
            elif target in apps(document) and (endpoint != "http" or not names_endpoint(value)):
                yield document.problem(
                    keys, f"the relationship '{relationship}' leads to an app, and apps have the endpoint 'http' only; write "
                    f"{relationship}: \"{target}:http\"", 3)
            elif owner == ("applications", target):
                yield document.problem(keys, f"the relationship '{relationship}' leads to the app itself; take it away", 3)


def names_endpoint(value: Any) -> bool:
    """Whether a relationship says which endpoint it means; only services have one by default."""
    return bool(value.get("endpoint")) if isinstance(value, dict) else isinstance(value, str) and bool(value.partition(":")[2])


def unused_services(document: Document) -> Found:
    used = {target_of(value, key)[0] for _, values in containers(document) for key, value in (values.get("relationships") or {}).items()}
    used |= {mount.get("service") for _, values in containers(document) for mount in (values.get("mounts") or {}).values()}
    used |= {str(route.get("upstream", "")).split(":")[0] for route in routes(document).values()}
    for name in services(document):
        if name not in used:
            yield document.problem(("services", name), f"no app uses the service '{name}'; add a relationship to it, or remove it", 4)


def some_route(document: Document) -> Found:
    if len(apps(document)) > 1 and not routes(document):
        yield document.problem(
            ("applications",), "with more than one app at least one route must be there; add for example\n"
            '    routes: {"https://{default}/": {type: upstream, upstream: "' + list(apps(document))[-1] + ':http"}}', 5)


def upstreams(document: Document) -> Found:
    known = {**apps(document), **services(document)}
    for url, route in routes(document).items():
        keys = ("routes", url)
        if not re.match(r"https?://", url):
            yield document.problem(keys, f"the route '{url}' must begin with http:// or https://", 6)
        elif re.match(r"https?://[^/]*:\d", url):
            yield document.problem(keys, f"the route '{url}' names a port; routes have none: take it away", 6)
        elif not re.match(r"https?://[^/]+/", url):
            yield document.problem(keys, f"the route '{url}' must end its host with a slash: write '{url}/'", 6)
        elif not re.fullmatch(r"https?://[\w.*{}-]+/[^\s;]*", url):
            yield document.problem(keys, f"the route '{url}' is no address: hosts are of letters, digits, dots and dashes", 6)
        if route["type"] == "upstream":
            if "upstream" not in route:
                yield document.problem(keys, f"the route '{url}' needs 'upstream', for example \"{next(iter(known))}:http\"", 6)
                continue
            name, colon, protocol = route["upstream"].partition(":")
            if not colon:
                yield document.problem((*keys, "upstream"), f"write the upstream with its protocol: \"{name}:http\"", 6)
            elif name not in known:
                yield document.problem(
                    (*keys, "upstream"), f"the upstream '{name}' is not there; write one of {', '.join(known)}", 6)
            elif name in apps(document) and protocol != "http":
                yield document.problem((*keys, "upstream"), f"apps speak http: write \"{name}:http\"", 6)
        elif route["type"] == "redirect" and "to" not in route:
            yield document.problem(keys, f"the route '{url}' needs 'to', the address it redirects to", 6)


def types(document: Document) -> Found:
    for section, known, things in (("applications", RUNTIMES, apps(document)), ("services", SERVICES, services(document))):
        for name, thing in things.items():
            kind, _, version = thing["type"].partition(":")
            keys: Keys = (section, name, "type")
            if kind not in known:
                hint = " (there is no Swift runtime: any type of container runs a binary that brings its own)" if kind == "swift" else ""
                yield document.problem(keys, f"there is no type '{kind}'; types: {', '.join(sorted(known))}{hint}", 7)
            elif version not in known[kind][0] | known[kind][1]:
                offered = ", ".join(f"{kind}:{one}" for one in sorted(known[kind][0]))
                yield document.problem(keys, f"there is no {kind} '{version}'; write one of {offered}", 7)


def sources(document: Document) -> Found:
    for name, app in apps(document).items():
        root = (app.get("source") or {}).get("root")
        if root and root.strip("/") and below(root) is None:
            yield document.problem(
                ("applications", name, "source", "root"), f"source.root '{root}' must be a directory of the repository, without '..'; the "
                'whole of it is "/"', 1)


def commands(document: Document) -> Iterator[tuple[Keys, str]]:
    """Every command of the configuration."""
    for name, app in apps(document).items():
        base: Keys = ("applications", name)
        for way in (("hooks",), ("web", "commands")):
            part = app
            for step in way:
                part = part.get(step) or {}
            for key, command in part.items():
                if isinstance(command, str):
                    yield (*base, *way, key), command
        for worker, values in (app.get("workers") or {}).items():
            for key, command in values["commands"].items():
                yield (*base, "workers", worker, "commands", key), command
        for section in ("crons", "operations"):
            for one, values in (app.get(section) or {}).items():
                for key, command in (values.get("commands") or {}).items():
                    if isinstance(command, str):
                        yield (*base, section, one, "commands", key), command
                if "cmd" in values:
                    yield (*base, section, one, "cmd"), values["cmd"]
        for one, values in ((app.get("source") or {}).get("operations") or {}).items():
            yield (*base, "source", "operations", one, "command"), values["command"]
    for name, task in tasks(document).items():
        yield ("tasks", name, "run", "command"), task["run"]["command"]


def shell(document: Document) -> Found:
    dash = driver.tool("dash")
    for keys, command in commands(document):
        run = subprocess.run([dash, "-n", "-c", "--", command], capture_output=True, text=True)
        if run.returncode != 0:
            said = run.stderr.strip().splitlines()
            message = re.sub(r"^\S*dash: (\d+: )?", "", said[0]) if said else f"exit status {run.returncode}"
            line = re.match(r"\S*dash: (\d+): ", said[0]) if said else None
            place = f" on its line {line.group(1)}" if line and "\n" in command.strip() else ""
            name = ".".join(keys[2:] if keys[0] == "applications" else keys)
            yield document.problem(keys, f"{name} is no POSIX shell{place}: {message}. Commands run under dash, not bash", 8)


def wrong_expression(pattern: str) -> str | None:
    """What is wrong with a regular expression of nginx, whose dialect is Perl's: what Python does not know, grep is asked about."""
    try:
        re.compile(pattern)
    except re.error as error:
        grep = shutil.which("grep")
        if grep is None or "\0" in pattern:
            return str(error)
        run = subprocess.run([grep, "-qP", "--", pattern], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        return None if run.returncode in (0, 1) else str(error)
    return None


def locations(document: Document) -> Found:
    for name, app in apps(document).items():
        for path, location in ((app.get("web") or {}).get("locations") or {}).items():
            keys = ("applications", name, "web", "locations", path)
            location = location or {}
            if not path.startswith("/"):
                yield document.problem(keys, f"the location '{path}' must begin with a slash: write '/{path}'", 10)
            root = location.get("root")
            if root and (root.startswith(("/", "./")) or ".." in root.split("/")):
                yield document.problem(
                    (*keys, "root"), f"the root '{root}' is relative to the app's directory: write it without '/' or './' in front "
                    "and without '..'", 10)
            for pattern in location.get("rules") or {}:
                wrong = wrong_expression(pattern)
                if wrong:
                    yield document.problem((*keys, "rules", pattern), f"the rule '{pattern}' is no regular expression: {wrong}", 10)
            limit = (location.get("request_buffering") or {}).get("max_request_size")
            if limit is not None and not re.fullmatch(r"\d+[kKmMgG]?", limit):
                yield document.problem(
                    (*keys, "request_buffering", "max_request_size"),
                    f"'{limit}' is no size: write digits, and k, m or g right behind them, for example \"250m\"", 10)


def dependencies(document: Document) -> Found:
    for name, app in apps(document).items():
        for language, packages in (app.get("dependencies") or {}).items():
            keys = ("applications", name, "dependencies", language)
            if language not in DEPENDENCIES:
                yield document.problem(keys, f"there are no dependencies of '{language}'; write one of {', '.join(DEPENDENCIES)}", 11)
                continue
            for package, version in (packages or {}).items():
                if version is None or version == "":
                    yield document.problem((*keys, package), f"'{package}' has no version; write \"*\" for any", 11)


def timeouts_of_tasks(document: Document) -> Found:
    for name, task in tasks(document).items():
        if not 0 < task["run"].get("timeout", DAY) <= DAY:
            yield document.problem(("tasks", name, "run", "timeout"), f"a task may take {DAY} seconds at most, and more than none", 1)


def crons(document: Document) -> Found:
    for name, app in apps(document).items():
        for cron, values in (app.get("crons") or {}).items():
            keys = ("applications", name, "crons", cron)
            if "commands" not in values and "cmd" not in values:
                yield document.problem(keys, f"the cron '{cron}' needs commands.start", 1)
            fields = values["spec"].split()
            if len(fields) != 5 or not all(cron_field(field, *limits) for field, limits in zip(fields, CRON_FIELDS)):
                yield document.problem(
                    (*keys, "spec"), f"'{values['spec']}' is no schedule: write five fields (minute hour day month weekday), for "
                    'example "H 3 * * *"', 1)
            if values.get("timeout", 0) > DAY:
                yield document.problem((*keys, "timeout"), f"a cron may take {DAY} seconds at most", 1)


def cron_field(field: str, low: int, high: int, names: tuple[str, ...]) -> bool:
    for part in field.split(","):
        for place, name in enumerate(names):
            part = re.sub(rf"\b{name}\b", str(low + place), part, flags=re.IGNORECASE)
        match = re.fullmatch(r"(\*|H(?:\((\d+)-(\d+)\))?|\d+(?:-\d+)?)(?:/(\d+))?", part)
        if match is None:
            return False
        numbers = [int(text) for text in re.findall(r"\d+", match.group(1))]
        if any(not low <= number <= high for number in numbers) or match.group(4) == "0":
            return False
    return True


def mounts(document: Document) -> Found:
    """Rules of the documentation that the schema does not know."""
    for name, app in apps(document).items():
        paths: dict[str, tuple[str, str]] = {}
        for key, mount in (app.get("mounts") or {}).items():
            keys = ("applications", name, "mounts", key)
            inner = below(key)
            if inner is None:
                yield document.problem(keys, f"the mount '{key}' must be a directory below the app's own, without '..': write for "
                                       'example "/data"', 1)
                continue
            path = "/" + inner
            if below(mount.get("source_path", key)) is None:
                yield document.problem(
                    (*keys, "source_path"), f"the source_path '{mount['source_path']}' must be a directory below the app's storage, "
                    f"without '..': write for example \"{inner}\"", 1)
            if path in paths:
                yield document.problem(keys, f"'{key}' and '{paths[path][0]}' are the same directory; keep one of them", 1)
            for other, (other_key, source) in paths.items():
                if (path.startswith(other + "/") or other.startswith(path + "/")) and source != mount["source"]:
                    yield document.problem(keys, f"'{key}' and '{other_key}' lie in each other with different sources; the platform "
                                           "cannot mount that", 1)
            if mount["source"] == "service" and mount.get("service") not in services(document):
                yield document.problem(keys, f"the mount '{key}' needs 'service', a network-storage of 'services'", 1)
            paths[path] = (key, mount["source"])


RULES = (
    names, relationships, unused_services, some_route, upstreams, types, sources, shell, locations, dependencies,
    timeouts_of_tasks, crons, mounts)
