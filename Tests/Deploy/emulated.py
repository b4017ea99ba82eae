"""An environment of `deploy/upsun-local`, and copies of the project to deploy there."""
from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Callable

REPOSITORY = Path(__file__).resolve().parents[2]
VERB_SECONDS = 300


def until(condition: Callable[[], Any], seconds: float) -> Any:
    """What the condition gave as soon as it held, None when it did not in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    return None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def copy_project(target: Path) -> Path:
    """What a push would send, as a repository of its own that a test may change."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=REPOSITORY, capture_output=True, check=True)
    for name in listed.stdout.decode().split("\0"):
        if name and (REPOSITORY / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, target / name)
    subprocess.run(["git", "init", "--quiet"], cwd=target, check=True)
    subprocess.run(["git", "add", "--all"], cwd=target, check=True)
    return target


class Environment:
    """One emulated environment; ends with the `with` block, whatever happened in it."""

    def __init__(self, state: Path, project: Path, binaries: Path, model: Path, *options: str, keep: bool = False):
        self.state, self.project, self.keep = state, project, keep
        self.deploy_options = ["--binaries", str(binaries), "--model", str(model), *options]
        self.output = ""

    def __enter__(self) -> "Environment":
        return self

    def __exit__(self, *_: object) -> None:
        self.call("stop", *([] if self.keep else ["--purge"]), check=False)

    def call(self, *words: str, check: bool = True, seconds: float = VERB_SECONDS) -> subprocess.CompletedProcess[str]:
        command = [
            str(self.project / "deploy/upsun-local/upsun-local"), "--state", str(self.state), "--project", str(self.project), *words]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=seconds, stdin=subprocess.DEVNULL)
        self.output = done.stdout + done.stderr
        if check and done.returncode != 0:
            raise RuntimeError(f"upsun-local {' '.join(words)} ended with {done.returncode}:\n{self.output}")
        return done

    def up(self, *more: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.call("up", *self.deploy_options, *more, check=check)

    def redeploy(self, *more: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.call("redeploy", *self.deploy_options, *more, check=check)

    def json(self, *words: str) -> Any:
        return json.loads(self.call(*words, "--json").stdout)

    def app(self, name: str) -> dict[str, Any]:
        return next(app for app in self.json("status")["apps"] if app["app"] == name)

    def variables(self, app: str) -> dict[str, str]:
        return self.json("env", app)

    def ssh(self, app: str, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.call("ssh", app, "--", *words, check=check)

    def storage(self, app: str, mount: str) -> Path:
        return self.state / "apps" / app / "storage" / mount

    def log(self, app: str, kind: str = "app") -> str:
        path = self.state / "apps" / app / "log" / f"{kind}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def tunnel(self) -> int:
        """A loopback port that leads from myapp to chroma."""
        found = self.call("tunnel", "open", "-A", "myapp").stdout
        encoded = self.call("tunnel", "info", "-A", "myapp", "--encode").stdout.strip()
        try:
            return int(json.loads(base64.b64decode(encoded))["chroma"][0]["port"])
        except (ValueError, KeyError, IndexError) as error:
            raise RuntimeError(f"tunnel info gave no port: {encoded!r} after {found!r}") from error

    @property
    def url(self) -> str:
        """The public address of myapp."""
        status = self.json("status")
        return f"http://{status['branch']}.localhost:{status['port']}"


def request(
    url: str, body: Any = None, *, method: str | None = None, headers: dict[str, str] | None = None, seconds: float = 20
) -> tuple[int | None, Any]:
    """Status and body (JSON where it is) of an answer; (None, why) when there was none.

    Names under `.localhost` are asked on loopback, as browsers do.
    """
    parts = urllib.request.urlparse(url)
    sent = dict(headers or {})
    if (parts.hostname or "").endswith(".localhost"):
        sent["Host"] = parts.netloc
        url = url.replace(parts.netloc, f"127.0.0.1:{parts.port}", 1)
    data = None
    if body is not None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent.setdefault("Content-Type", "application/json")
    opener = urllib.request.build_opener(NoRedirects)
    try:
        with opener.open(urllib.request.Request(url, data, sent, method=method), timeout=seconds) as answer:
            return answer.status, decoded(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, decoded(error.read())
    except OSError as error:
        return None, str(error)
    except Exception as error:  # noqa: BLE001 - a connection that broke off in any way is no answer
        return None, repr(error)


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")


if __name__ == "__main__":
    sys.exit("run Tests/Deploy/run.py")
