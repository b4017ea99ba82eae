"""The closed sets of keys of the configuration, and the kinds of their values."""
from dataclasses import dataclass
from typing import Any

from .document import Document, Keys, Problem

MAP, LIST, STRING, INTEGER, NUMBER, BOOLEAN, NULL = "a map", "a list", "a string", "an integer", "a number", "true or false", "nothing"


def kind_of(value: Any) -> str:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, dict):
        return MAP
    if isinstance(value, list):
        return LIST
    if isinstance(value, int):
        return INTEGER
    return NUMBER if isinstance(value, float) else STRING


@dataclass
class Shape:
    """What a value must look like.

    kinds: what it may be. keys: the keys of a map, if they are a closed set. each: the shape of every value of a map with names,
    or of a list. required: keys that must be there. values: the only values allowed.
    """

    kinds: tuple[str, ...]
    keys: "dict[str, Shape] | None" = None
    each: "Shape | None" = None
    required: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()


def closed(keys: dict[str, Shape], required: tuple[str, ...] = (), null: bool = False) -> Shape:
    return Shape((MAP, NULL) if null else (MAP,), keys, None, required)


def named(each: Shape, null: bool = True) -> Shape:
    return Shape((MAP, NULL) if null else (MAP,), None, each)


ANY = Shape((MAP, LIST, STRING, INTEGER, NUMBER, BOOLEAN, NULL))
TEXT = Shape((STRING,))
MAYBE_TEXT = Shape((STRING, NULL))
SWITCH = Shape((BOOLEAN,))
COUNT = Shape((INTEGER,))
TIME = Shape((INTEGER, STRING, NULL))
TEXTS = Shape((LIST,), each=TEXT)
FREE = Shape((MAP, NULL))


def one_of(*values: str) -> Shape:
    return Shape((STRING,), values=values)


ROLE = one_of("viewer", "contributor", "admin")
PROFILE = Shape((STRING, NULL), values=("HIGH_CPU", "BALANCED", "HIGH_MEMORY", "HIGHER_MEMORY", None))
HEADERS = named(TEXT)
RULE = {"expires": TIME, "passthru": Shape((BOOLEAN, STRING)), "scripts": SWITCH, "allow": SWITCH, "headers": HEADERS}
LOCATION = closed({
    **RULE, "root": MAYBE_TEXT, "index": TEXTS, "rules": named(closed(RULE)),
    "request_buffering": closed({"enabled": SWITCH, "max_request_size": TEXT})}, null=True)
MOUNT = closed(
    {"source": one_of("storage", "instance", "tmp", "temporary", "service"), "source_path": TEXT, "service": TEXT}, ("source",))
RELATIONSHIP = Shape((STRING, NULL, MAP), {"service": TEXT, "endpoint": TEXT})
FIREWALL = closed({"outbound": Shape((LIST,), each=closed({
    "protocol": TEXT, "ips": TEXTS, "domains": TEXTS, "ports": Shape((LIST,), each=COUNT)}))}, null=True)
COMMANDS = {"pre_start": TEXT, "start": TEXT, "post_start": TEXT}
RESOURCES = closed({"base_memory": COUNT, "memory_ratio": COUNT}, null=True)
COMMON = {
    "mounts": named(MOUNT), "relationships": named(RELATIONSHIP), "variables": named(FREE), "access": named(TEXT), "timezone": MAYBE_TEXT,
    "size": TEXT, "disk": Shape((INTEGER, STRING, NULL)), "resources": RESOURCES}
WEB = closed({
    **{key: COMMON[key] for key in ("mounts", "relationships", "variables", "access", "timezone", "size", "resources")},
    "locations": named(LOCATION), "commands": closed(COMMANDS),
    "upstream": closed({"socket_family": one_of("tcp", "unix"), "protocol": MAYBE_TEXT}),
    "document_root": TEXT, "passthru": TEXT, "index_files": TEXTS, "whitelist": TEXTS, "blacklist": TEXTS, "expires": TIME,
    "move_to_root": SWITCH})
WORKER = closed({**COMMON, "firewall": FIREWALL, "container_profile": PROFILE, "commands": Shape((MAP,), COMMANDS, None, ("start",))},
                ("commands",))
CRON = closed({
    "spec": TEXT, "commands": closed({"start": TEXT, "stop": MAYBE_TEXT}, ("start",)), "shutdown_timeout": COUNT, "timeout": COUNT,
    "cmd": TEXT}, ("spec",))
OPERATION = closed({"role": ROLE, "commands": closed({"start": TEXT, "stop": MAYBE_TEXT}, ("start",))}, ("commands",))
APP = closed({
    **COMMON, "type": TEXT, "stack": Shape((STRING, MAP, LIST)),
    "source": closed({"root": MAYBE_TEXT, "operations": named(closed({"command": TEXT}, ("command",)))}),
    "web": WEB, "workers": named(WORKER), "firewall": FIREWALL, "build": closed({"flavor": MAYBE_TEXT}, null=True),
    "dependencies": named(FREE), "hooks": closed({"build": MAYBE_TEXT, "deploy": MAYBE_TEXT, "post_deploy": MAYBE_TEXT}, null=True),
    "crons": named(CRON), "runtime": FREE, "container_profile": PROFILE, "additional_hosts": named(TEXT),
    "preflight": closed({"enabled": SWITCH, "ignored_rules": TEXTS}, ("enabled",)), "operations": named(OPERATION),
    "authorizations": FREE}, ("type",))
SERVICE = closed({
    "type": TEXT, "size": TEXT, "disk": Shape((INTEGER, STRING)), "access": FREE, "configuration": FREE,
    "relationships": named(RELATIONSHIP), "firewall": FIREWALL, "resources": RESOURCES, "container_profile": PROFILE}, ("type",))
REDIRECT = closed({
    "regexp": SWITCH, "to": TEXT, "prefix": SWITCH, "append_suffix": SWITCH, "code": Shape((INTEGER,), values=(301, 302, 307, 308)),
    "expires": TIME}, ("to",))
ROUTE = closed({
    "type": one_of("upstream", "redirect", "proxy"), "upstream": TEXT, "to": TEXT, "primary": SWITCH, "id": MAYBE_TEXT,
    "attributes": named(TEXT),
    "redirects": closed({"expires": TIME, "paths": named(REDIRECT)}, ("paths",)), "sticky": ANY,
    "tls": closed({
        "strict_transport_security": closed({"enabled": Shape((BOOLEAN, NULL)), "include_subdomains": Shape((BOOLEAN, NULL)),
                                             "preload": Shape((BOOLEAN, NULL))}),
        "min_version": Shape((STRING, NULL), values=("TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3", None)),
        "client_authentication": Shape((STRING, NULL), values=("request", "require", None)),
        "client_certificate_authorities": TEXTS}),
    "cache": closed({"enabled": SWITCH, "default_ttl": COUNT, "cookies": TEXTS, "headers": TEXTS}, ("enabled",)),
    "ssi": closed({"enabled": SWITCH}, ("enabled",))}, ("type",))
TASK = closed({"run": closed({"command": TEXT, "timeout": COUNT}, ("command",)), "type": TEXT}, ("run",))
TOP = closed({
    "applications": Shape((MAP,), None, APP), "services": named(SERVICE), "routes": named(ROUTE), "tasks": named(TASK)}, ("applications",))


def nearest(key: str, known: list[str]) -> str:
    """A hint at the key that was probably meant."""
    import difflib
    close = difflib.get_close_matches(key, known, 1, 0.6)
    return f"did you mean '{close[0]}'? " if close else ""


def problems(document: Document, value: Any, shape: Shape, keys: Keys = ()) -> list[Problem]:
    """Everything in `value` that is not as `shape` has it."""
    where = ".".join(keys) or "the file"
    kind = kind_of(value)
    if kind not in shape.kinds:
        hint = " (put it in quotes)" if STRING in shape.kinds and kind in (BOOLEAN, INTEGER, NUMBER) else ""
        return [document.problem(keys, f"{where} is {kind}, but must be {' or '.join(shape.kinds)}{hint}", 1)]
    if shape.values and value not in shape.values:
        allowed = ", ".join(str(one) for one in shape.values if one is not None)
        return [document.problem(keys, f"{where} is '{value}', but must be one of {allowed}", 1)]
    found: list[Problem] = []
    if isinstance(value, dict):
        for key, inner in value.items():
            path = (*keys, key)
            if shape.keys is not None:
                if key in shape.keys:
                    found += problems(document, inner, shape.keys[key], path)
                elif not (not keys and key.startswith(".")):
                    known = sorted(shape.keys)
                    found.append(document.problem(
                        path, f"{where} has no key '{key}': {nearest(key, known)}it takes {', '.join(known)}", 1))
            elif shape.each is not None:
                found += problems(document, inner, shape.each, path)
        for key in shape.required:
            if key not in value:
                found.append(document.problem(keys, f"{where} needs '{key}'", 1))
    elif isinstance(value, list) and shape.each is not None:
        for position, inner in enumerate(value):
            found += problems(document, inner, shape.each, (*keys, str(position)))
    return found
