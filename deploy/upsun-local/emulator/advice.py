"""Warnings of what the platform would let pass, and what would not work as it was meant."""
import re
from pathlib import Path
from typing import Any

from .catalogue import RUNTIMES, SERVICES
from .document import Document, Found, apps, routes, services
from .project import target_of


def warn_dots(document: Document, repository: Path) -> Found:
    for name, app in apps(document).items():
        for key in app.get("mounts") or {}:
            if key.startswith("."):
                yield document.problem(
                    ("applications", name, "mounts", key), f"the platform's documentation says that keys beginning with a dot are "
                    f"ignored: write \"/{key}\" (the same directory)")


def warn_versions(document: Document, repository: Path) -> Found:
    for section, known, things in (("applications", RUNTIMES, apps(document)), ("services", SERVICES, services(document))):
        for name, thing in things.items():
            kind, _, version = thing["type"].partition(":")
            if kind in known and version in known[kind][1]:
                newest = sorted(known[kind][0], key=lambda text: [int(part) for part in text.split(".")])
                yield document.problem((section, name, "type"), f"{thing['type']} is deprecated: write {kind}:{newest[0]} or newer")


def warn_start(document: Document, repository: Path) -> Found:
    for name, app in apps(document).items():
        start = ((app.get("web") or {}).get("commands") or {}).get("start")
        keys = ("applications", name, "web", "commands", "start")
        if start is None:
            if not app["type"].startswith("php:"):
                yield document.problem(("applications", name), f"{name} has no web.commands.start: nothing of it will run", 9)
        elif start.rstrip().endswith("&") and not start.rstrip().endswith("&&"):
            yield document.problem(
                keys, f"{name}'s start command goes to the background: the platform takes that for its end. Take the & away")
        elif "\n" not in start.strip() and not re.match(r"\s*exec\s", start):
            yield document.problem(
                keys, f"{name}'s start command is not begun with 'exec': signals may reach the shell instead of the app")


def warn_sizes(document: Document, repository: Path) -> Found:
    for section, things in (("applications", apps(document)), ("services", services(document))):
        for name, thing in things.items():
            for key in ("size", "disk", "resources"):
                if key in thing:
                    yield document.problem(
                        (section, name, key),
                        f"'{key}' has no effect: sizes are set after the push with `upsun resources:set`; take it away")


def warn_routes(document: Document, repository: Path) -> Found:
    related = {target_of(value, key)[0] for app in apps(document).values() for key, value in (app.get("relationships") or {}).items()}
    for url, route in routes(document).items():
        if "sticky" in route:
            yield document.problem(("routes", url, "sticky"), "'sticky' is not in the platform's schema: take it away")
        name = str(route.get("upstream", "")).split(":")[0]
        if name in related and name in apps(document) and not token_in(apps(document)[name]):
            yield document.problem(
                ("routes", url), f"{name} serves other apps, and this route makes it public: it needs a token, env:CHROMA_AUTH_TOKEN "
                "among the project's variables, without which it does not start")


def token_in(app: dict[str, Any]) -> bool:
    environment = (app.get("variables") or {}).get("env") or {}
    return any(key in environment for key in ("CHROMA_AUTH_TOKEN", "CHROMA_AUTH_FROM_ENTROPY", "CHROMA_REQUIRE_AUTH"))


def warn_locations(document: Document, repository: Path) -> Found:
    for name, app in apps(document).items():
        web = app.get("web") or {}
        if (web.get("commands") or {}).get("start") and not web.get("locations") and not app["type"].startswith("php:"):
            yield document.problem(
                ("applications", name, "web"), f"{name} has no web.locations: write \"/\": {{allow: false, passthru: true}}")
        for path, location in (web.get("locations") or {}).items():
            location = location or {}
            if location.get("passthru", False) is False and location.get("root") is None:
                yield document.problem(
                    ("applications", name, "web", "locations", path), f"the location '{path}' neither serves files (root) nor reaches "
                    "the app (passthru: true)")


def warn_variables(document: Document, repository: Path) -> Found:
    for name, app in apps(document).items():
        for key, value in ((app.get("variables") or {}).get("env") or {}).items():
            keys = ("applications", name, "variables", "env", key)
            if not isinstance(value, str):
                yield document.problem(keys, f"{key} is not in quotes: the app would see it as JSON")
            if key.startswith("PLATFORM_") or key in ("PORT", "SOCKET"):
                yield document.problem(keys, f"{key} is set by the platform, which overrides this")
            if re.search(r"TOKEN$|PASSWORD$|SECRET$|API_KEY$", key) and isinstance(value, str) and value:
                yield document.problem(
                    keys, f"{key} looks like a secret: keep it out of git with `upsun variable:create --sensitive true`")


def warn_hooks(document: Document, repository: Path) -> Found:
    for name, app in apps(document).items():
        for hook, command in (app.get("hooks") or {}).items():
            if command and "\n" in command.strip() and not re.match(r"\s*set -[a-z]*e", command):
                yield document.problem(
                    ("applications", name, "hooks", hook),
                    f"the {hook} hook has several lines and no 'set -e': it goes on after a failure")


def warn_frequency(document: Document, repository: Path) -> Found:
    for name, app in apps(document).items():
        for cron, values in (app.get("crons") or {}).items():
            minute = values["spec"].split()[0] if values["spec"].split() else ""
            step = re.fullmatch(r"(?:\*|H)/(\d+)", minute)
            if minute == "*" or step and int(step.group(1)) < 5:
                yield document.problem(("applications", name, "crons", cron, "spec"), "crons run every five minutes at most")


WARNINGS = (warn_dots, warn_versions, warn_start, warn_sizes, warn_routes, warn_locations, warn_variables, warn_hooks, warn_frequency)
