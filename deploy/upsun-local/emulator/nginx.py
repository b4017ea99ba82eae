"""Configurations of the real nginx: one in front of each app, as in its container, and the router in front of all."""
import os
import re
from typing import Any
from urllib.parse import urlsplit

from .project import App

DEFAULT_REQUEST_SIZE = "250m"
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def frame(run: str, log: str, servers: str, processes: str = "master_process off;") -> str:
    """In the foreground, and writes nowhere but in its own directories.

    One process where that is enough: nothing of it is left when it is killed. To be handed sockets or a new configuration, nginx
    needs two.
    """
    return f"""\
daemon off;
{processes}
pid {quoted(f"{run}/nginx.pid")};
error_log {quoted(f"{log}/error.log")} warn;
events {{ worker_connections 1024; }}
http {{
  default_type application/octet-stream;
  types {{
    text/html html; text/css css; application/javascript js mjs; application/json json; image/png png; image/jpeg jpg jpeg;
    image/svg+xml svg; image/x-icon ico; image/webp webp; font/woff2 woff2; text/plain txt; application/pdf pdf; application/wasm wasm;
  }}
  log_format router '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
    '"$http_referer" "$http_user_agent" $host $request_time';
  access_log {quoted(f"{log}/access.log")} router;
{''.join(f'  {kind}_temp_path {quoted(f"{run}/{kind}")};{chr(10)}' for kind in TEMPORARY)}\
  server_tokens off;
  sendfile on;
  server_names_hash_bucket_size 256;
  keepalive_timeout 65s;
  geo $dollar {{ default "$"; }}
  map $http_upgrade $connection_to_upstream {{ default upgrade; '' ''; }}
{servers}}}
"""


def quoted(value: str) -> str:
    """A value that nginx reads as it is, but for variables where a directive takes them."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def literal(value: str) -> str:
    """The same where variables are taken and none is meant."""
    return quoted(value.replace("$", "${dollar}"))


PASS = """\
      proxy_pass http://app;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Connection $connection_to_upstream;
      proxy_set_header Upgrade $http_upgrade;
"""


def expiry(value: Any) -> str:
    return "" if value in (None, -1, "-1") else f"      expires {quoted(str(value))};\n"


def static(rule: dict[str, Any], root: str | None, index: list[str], passthru: bool) -> str:
    """Files of the tree; what is not there goes to the app when it may."""
    if not rule.get("allow", True) or root is None:
        return PASS if passthru else "      return 403;\n"
    text = f"      root {literal(root)};\n" + expiry(rule.get("expires"))
    text += "".join(f"      add_header {quoted(name)} {literal(value)};\n" for name, value in (rule.get("headers") or {}).items())
    tried = " ".join(["$uri", *(('"$uri/' + literal(name)[1:]) if not name.startswith("/") else literal(name) for name in index)])
    return text + f"      try_files {tried} {'@app' if passthru else '=404'};\n"


def location(path: str, rule: dict[str, Any], directory: str) -> str:
    buffering = rule.get("request_buffering") or {}
    limit = buffering.get("max_request_size", DEFAULT_REQUEST_SIZE)
    root = rule.get("root")
    root = None if root is None else f"{directory}/{root}".rstrip("/")
    passthru = rule.get("passthru", False) not in (False, None)
    text = f"    location {quoted(path)} {{\n      client_max_body_size {quoted(str(limit))};\n"
    text += f"      proxy_request_buffering {'on' if buffering.get('enabled', True) else 'off'};\n"
    for pattern, inner in (rule.get("rules") or {}).items():
        inner = {"expires": rule.get("expires"), "headers": rule.get("headers"), **inner}
        inner_pass = inner.get("passthru", passthru) not in (False, None)
        text += f"      location ~ {quoted(pattern)} {{\n{static(inner, root, [], inner_pass)}      }}\n"
    return text + static(rule, root, rule.get("index") or [], passthru) + "    }\n"


def for_app(app: App, listen: list[str], upstream: str, directory: str, run: str, log: str) -> str:
    locations = "".join(location(path, rule or {}, directory) for path, rule in app.locations.items())
    return frame(run, log, f"""\
  upstream app {{ server {quoted(upstream)} max_fails=0; keepalive 16; }}
  server {{
{''.join(f'    listen {address};{chr(10)}' for address in listen)}    server_name _;
{locations}    location @app {{
{PASS}    }}
  }}
""")


def split_route(url: str) -> tuple[str, str, str]:
    """Scheme, host with placeholders, and path."""
    parts = urlsplit(url.replace("{default}", "default-placeholder").replace("{all}", "all-placeholder"))
    host = parts.netloc.replace("default-placeholder", "{default}").replace("all-placeholder", "{all}")
    return parts.scheme, host, parts.path or "/"


def with_default(text: str, default: str) -> str:
    return text.replace("{default}", default).replace("{all}", default)


def local_url(url: str, default: str, port: int) -> str:
    """Where a route of the platform is found on this machine."""
    _, host, path = split_route(url)
    return f"http://{with_default(host, default)}:{port}{path}"


def target(route: dict[str, Any], default: str, port: int) -> str:
    """Where a route leads, for people."""
    if route.get("upstream"):
        return str(route["upstream"])
    return "redirects to " + (local_url(route["to"], default, port) if "{" in route["to"] else route["to"])


def redirect(target: str, default: str, port: int, code: int, keep: str) -> str:
    if "{default}" in target or "{all}" in target:
        target = local_url(target, default, port)
    if keep:
        target = target.rstrip("/")
    return f"      return {code} {quoted(target)[:-1]}{keep}\";\n"


def partial_redirects(route: dict[str, Any], default: str, port: int) -> str:
    text = ""
    for path, rule in ((route.get("redirects") or {}).get("paths") or {}).items():
        code = rule.get("code", 302)
        if rule.get("regexp"):
            text += f"    location ~ {quoted(path)} {{\n{redirect(rule['to'], default, port, code, '')}    }}\n"
            continue
        if rule.get("prefix", True):
            keep = "$redirected_rest" if rule.get("append_suffix", True) else ""
            pattern = "^" + re.escape(path.rstrip("/")) + "(?<redirected_rest>/.*)?$"
            text += f"    location ~ {quoted(pattern)} {{\n{redirect(rule['to'], default, port, code, keep)}    }}\n"
        else:
            text += f"    location = {quoted(path)} {{\n{redirect(rule['to'], default, port, code, '')}    }}\n"
    return text


def for_router(
    routes: dict[str, dict[str, Any]], default: str, port: int, upstreams: dict[str, str | None], internal: dict[str, int],
    run: str, generation: int, is_open: bool
) -> str:
    """All routes on one port of loopback. Whoever asks for a host without a route is told which configuration answers.

    upstreams: where each app's own nginx listens; None for one that has not passed its post_start.
    internal: ports on loopback that stand for `<app>.internal:80` where there are no namespaces.
    is_open: not while a deployment goes on. The platform holds requests then; here they are answered 503.
    """
    hosts: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {}
    # Where a host has both, https is what people mean; the other only sends them there.
    for url, route in sorted(routes.items(), key=lambda item: not item[0].startswith("https:")):
        _, host, path = split_route(url)
        hosts.setdefault(with_default(host, default), {}).setdefault(path, (url, route))
    servers = ""
    for name, address in upstreams.items():
        if address is not None:
            servers += f"  upstream {name} {{ server {address} max_fails=0; keepalive 16; }}\n"
    told = quoted("There is no route for $http_host. Routes: " + " ".join(sorted(hosts)) + "\n")
    servers += f"""\
  server {{
    listen 127.0.0.1:{port} default_server;
    server_name _;
    default_type text/plain;
    add_header X-Upsun-Local "{generation}" always;
    location / {{ return 404 {told}; }}
  }}
"""
    for host, paths in hosts.items():
        names = [host] + (["localhost", "127.0.0.1"] if host == default else [])
        listed = " ".join(map(quoted, names))
        servers += f"  server {{\n    listen 127.0.0.1:{port};\n    server_name {listed};\n    client_max_body_size 0;\n"
        for path, (url, route) in paths.items():
            servers += partial_redirects(route, default, port)
            servers += f"    location {quoted(path)} {{\n"
            if route.get("type") == "redirect":
                servers += redirect(route["to"], default, port, 301, "$request_uri")
            else:
                name = str(route.get("upstream", "")).split(":")[0]
                servers += proxied(name, url, upstreams.get(name) is not None) if is_open else CLOSED
            servers += "    }\n"
        servers += "  }\n"
    for name, own_port in internal.items():
        ready = upstreams.get(name) is not None
        servers += f"""\
  server {{
    listen 127.0.0.1:{own_port};
    server_name _;
    client_max_body_size 0;
    access_log off;
    location / {{
{inside(name) if ready else '      return 502;' + chr(10)}    }}
  }}
"""
    user = "user root root; " if os.geteuid() == 0 else ""
    return frame(run, run, servers, f"{user}worker_processes 1;")


CLOSED = """\
      default_type text/plain;
      add_header Retry-After 1 always;
      return 503 "A deployment goes on.\\n";
"""


def inside(name: str) -> str:
    return f"""\
      proxy_pass http://{name};
      proxy_http_version 1.1;
      proxy_request_buffering off;
      proxy_buffering off;
      proxy_read_timeout 3600s;
      proxy_set_header Host $http_host;
      proxy_set_header Connection $connection_to_upstream;
      proxy_set_header Upgrade $http_upgrade;
"""


def proxied(name: str, url: str, ready: bool) -> str:
    if not ready:
        return "      return 502;\n"
    return f"""\
      proxy_pass http://{name};
      proxy_http_version 1.1;
      proxy_request_buffering off;
      proxy_set_header Host $http_host;
      proxy_set_header Connection $connection_to_upstream;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Client-IP $remote_addr;
      proxy_set_header X-Client-SSL "";
      proxy_set_header X-Original-Route {literal(url)};
"""
