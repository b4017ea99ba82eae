"""Variables of the project and of the environment, and the environments of builds and of apps made from them."""
import base64
import json
import re
import shlex
from typing import Any

from .project import App
from .state import State

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
USER = "web"
APP = re.compile(r"(?<![\w./-])/app(?=/|$|[\s\"':;)])")
LEVELS = ("project", "environment")

# A stored variable: value, sensitive, visible_build, visible_runtime, app (or null).
Variable = dict[str, Any]


def stored(state: State) -> dict[str, dict[str, Variable]]:
    return state.read("variables.json", {level: {} for level in LEVELS})


def canonical(name: str) -> str:
    """Names of environment variables are upper-case on the platform."""
    return "env:" + name[4:].upper() if name.startswith("env:") else name


def encode(value: Any) -> str:
    return base64.b64encode(json.dumps(value, separators=(",", ":")).encode()).decode()


def text(value: Any) -> str:
    """A value of `variables.env` as the app sees it."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def effective(state: State, app: App, visible: str) -> tuple[dict[str, str], dict[str, Any]]:
    """What variables come to for an app: environment variables, and the rest for PLATFORM_VARIABLES.

    Those of the environment outrank the project's, which outrank the app's own. `visible`: visible_build or visible_runtime.
    """
    environment: dict[str, str] = {}
    others: dict[str, Any] = {}
    for prefix, values in (app.values.get("variables") or {}).items():
        for name, value in (values or {}).items():
            if prefix == "env":
                environment[name] = text(value)
            else:
                others[f"{prefix}:{name}"] = value
    levels = stored(state)
    for level in LEVELS:
        for name, variable in levels[level].items():
            if not variable[visible] or variable["app"] not in (None, app.name):
                continue
            if name.startswith("env:"):
                environment[name[4:]] = variable["value"]
            else:
                others[name] = variable["value"]
    return environment, others


def minimal(directory: str, path: str = PATH) -> dict[str, str]:
    return {
        "PATH": f"{directory}/.global/bin:{path}", "HOME": directory, "USER": USER, "LOGNAME": USER, "SHELL": "/bin/sh",
        "LANG": "C.UTF-8", "TZ": "UTC"}


def build(state: State, app: App, directory: str, source: str, cache: str, tree: str, path: str = PATH) -> dict[str, str]:
    """The environment of a build hook: no PORT, branch, relationships or routes."""
    about = state.environment()
    variables, others = effective(state, app, "visible_build")
    variables = {name: relocate(value, directory) for name, value in variables.items()}
    return {
        **variables, **minimal(directory, path),
        "CI": "1",
        "PLATFORM_APP_DIR": directory,
        "PLATFORM_APPLICATION": encode({"name": app.name, **app.for_build}),
        "PLATFORM_APPLICATION_NAME": app.name,
        "PLATFORM_CACHE_DIR": cache,
        "PLATFORM_OUTPUT_DIR": directory,
        "PLATFORM_PROJECT": about["project"],
        "PLATFORM_PROJECT_ENTROPY": about["entropy"],
        "PLATFORM_SOURCE_DIR": source,
        "PLATFORM_TREE_ID": tree,
        "PLATFORM_VARIABLES": encode(others),
        "PLATFORM_VENDOR": "upsun",
    }


def shouted(name: str) -> str:
    return re.sub(r"[^0-9A-Z_]", "_", name.upper())


def relationship_variables(relationships: dict[str, list[dict[str, Any]]]) -> dict[str, str]:
    """`CHROMA_HOST` and the like, of every relationship."""
    result = {}
    for name, endpoints in relationships.items():
        for key, value in endpoints[0].items():
            result[f"{shouted(name)}_{shouted(key)}"] = text(value)
    return result


def runtime(
    state: State, app: App, directory: str, tree: str, upstream: dict[str, str], relationships: dict[str, list[dict[str, Any]]],
    routes: dict[str, Any]
) -> dict[str, str]:
    """The environment of a running app. What the platform provides outranks everything else."""
    about = state.environment()
    variables, others = effective(state, app, "visible_runtime")
    # Without /app, paths in the configuration must be told where the app lies.
    variables = {name: relocate(value, directory) for name, value in variables.items()}
    provided = {
        "PLATFORM_APP_DIR": directory,
        "PLATFORM_APPLICATION": encode({"name": app.name, **app.values}),
        "PLATFORM_APPLICATION_NAME": app.name,
        "PLATFORM_APP_COMMAND": app.command("start") or "",
        "PLATFORM_BRANCH": about["branch"],
        "PLATFORM_DOCUMENT_ROOT": directory + document_root(app),
        "PLATFORM_ENVIRONMENT": about["environment"],
        "PLATFORM_ENVIRONMENT_TYPE": about["type"],
        "PLATFORM_PROJECT": about["project"],
        "PLATFORM_PROJECT_ENTROPY": about["entropy"],
        "PLATFORM_ROUTES": encode(routes),
        "PLATFORM_SMTP_HOST": "",
        "PLATFORM_TREE_ID": tree,
        "PLATFORM_VARIABLES": encode(others),
        "PLATFORM_VENDOR": "upsun",
        **upstream,
    }
    if relationships:
        provided["PLATFORM_RELATIONSHIPS"] = encode(relationships)
    return {**variables, **minimal(directory), **relationship_variables(relationships), **provided}


def document_root(app: App) -> str:
    root = (app.locations.get("/") or {}).get("root")
    return f"/{root}" if root else ""


def relocate(value: str, directory: str) -> str:
    """`/app` in a value, where the app's directory has another name."""
    return value if directory == "/app" else APP.sub(lambda _: directory, value)


def relocate_command(command: str, directory: str) -> str:
    """`/app` in a shell command, in the quotes it stands in. What a `$(` within quotes begins is taken for a part of them."""
    if directory == "/app" or shlex.quote(directory) == directory:
        return relocate(command, directory)
    quotes = quotes_in(command)
    spelled = {
        "": shlex.quote(directory), '"': re.sub(r'([\\"$`])', r"\\\1", directory), "'": directory.replace("'", "'\\''")}
    return APP.sub(lambda match: spelled[quotes[match.start()]], command)


def quotes_in(command: str) -> list[str]:
    """For each character of a shell command the kind of quotes around it."""
    result: list[str] = []
    inside, special = "", re.compile(r"""\\.|(?:(?<=[\s;&|(])|^)#[^\n]*|['"]|.""", re.DOTALL)
    while len(result) < len(command):
        text = command[len(result)] if inside == "'" else special.match(command, len(result)).group()  # type: ignore[union-attr]
        if text[0] == "#" and inside:
            text = "#"
        result += [inside] * len(text)
        if text in "'\"" and inside in ("", text):
            inside = "" if inside else text
    return result
