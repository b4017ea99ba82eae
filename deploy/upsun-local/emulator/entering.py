"""Commands inside an app's container: `ssh`, `env`, `cron run`, `operation run`; and its logs."""
import argparse
import contextlib
import fcntl
import json
import os
import select
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, BinaryIO

from . import driver, supervisor, variables
from .build import ending
from .console import SIGNALS, Clock, Failure, complain, say
from .container import IN_DIRECTORY, WITH_ENVIRONMENT
from .instance import ENVIRONMENT_SECONDS
from .processes import before_exec, end_session, in_session, send
from .state import State

LOG_KINDS = ("app", "access", "error", "build", "deploy", "post_deploy", "post_start", "cron", "operation", "nginx")


class Entrance:
    """The way into a running container from this process."""

    def __init__(self, state: State, app: str):
        supervisor.clean_up(state)
        facts = supervisor.ask(state, "enter", app=app)
        self.environment: dict[str, str] = facts["environment"]
        self.directory: str = facts["directory"]
        self.way: list[str] = facts["command"]
        self.groups: list[str] = facts["groups"]

    def command(self, inner: list[str], sourced: bool) -> list[str]:
        dash = driver.tool("dash")
        return [*self.way, dash, "-c", WITH_ENVIRONMENT if sourced else IN_DIRECTORY, "dash", *inner]

    def shell(self, command: str, sourced: bool) -> list[str]:
        return self.command([driver.tool("dash"), "-c", "--", variables.relocate_command(command, self.directory)], sourced)

    def start(self, command: list[str], **more: Any) -> "subprocess.Popen[bytes]":
        """A process in the container, in a session of its own; ends with this process."""
        return subprocess.Popen(
            command, env=self.environment, cwd="/", stdin=subprocess.DEVNULL, start_new_session=True,
            preexec_fn=before_exec(self.groups), **more)

    def join(self) -> None:
        for group in self.groups:
            Path(group).write_text("0")


def ssh(state: State, options: argparse.Namespace) -> int:
    """Becomes the command; without one, a shell."""
    words = options.command[1:] if options.command[:1] == ["--"] else options.command
    entrance = Entrance(state, options.app)
    if not words:
        inner = entrance.command(["/bin/bash" if os.path.exists("/bin/bash") else driver.tool("dash"), "-i"], True)
    elif len(words) == 1:
        inner = entrance.shell(words[0], True)
    else:
        inner = entrance.shell(shlex.join(words), True)
    environment = dict(entrance.environment)
    if "TERM" in os.environ:
        environment["TERM"] = os.environ["TERM"]
    entrance.join()
    os.chdir("/")
    os.execve(inner[0], inner, environment)


def env(state: State, options: argparse.Namespace) -> int:
    """The environment that the app's processes see, after `.environment`."""
    entrance = Entrance(state, options.app)
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = entrance.start(entrance.command(["/usr/bin/env", "-0"], True), stdout=output, stderr=errors)
        try:
            status = process.wait(ENVIRONMENT_SECONDS)
        except subprocess.TimeoutExpired:
            raise Failure(f"env: .environment has not ended after {ENVIRONMENT_SECONDS} s; look what it waits for") from None
        finally:
            end_session(process.pid)
            process.wait()
        output.seek(0)
        errors.seek(0)
        if status != 0:
            raise Failure(f"env: {errors.read().decode(errors='replace').strip() or ending(status)}")
        printed = output.read().decode(errors="surrogateescape")
    found = {}
    for pair in printed.split("\0"):
        name, equals, value = pair.partition("=")
        if equals and name not in ("PWD", "OLDPWD", "_"):
            found[name] = value
    if options.json:
        say(json.dumps(found, indent=1, sort_keys=True))
    else:
        for name in sorted(found):
            say(f"{name}={found[name]}")
    return 0


def app_with(state: State, section: str, name: str, wanted: str | None) -> tuple[str, dict[str, Any]]:
    """The app that defines a cron or operation, and its definition."""
    deployed = state.read("deployed.json")
    if not deployed:
        raise Failure("Nothing is deployed yet. Start it: upsun-local up")
    apps = deployed["values"]["applications"]
    if wanted is not None and wanted not in apps:
        raise Failure(f"there is no app '{wanted}'; apps: {', '.join(apps)}")
    found = [(app, values[section][name]) for app, values in apps.items()
             if name in (values.get(section) or {}) and wanted in (None, app)]
    if not found:
        known = [f"{one} ({app})" for app, values in apps.items() for one in values.get(section) or {}]
        raise Failure(f"no app has '{name}' among its {section}; there are: {', '.join(known) or 'none'}")
    if len(found) > 1:
        raise Failure(f"several apps have '{name}': choose one with -A {found[0][0]}")
    return found[0]


def run_inside(state: State, app: str, command: str, kind: str, seconds: float, patience: float) -> int:
    """Runs a command in the container, shows what it says and keeps it in a log; SIGTERM when it takes too long, then SIGKILL."""
    entrance = Entrance(state, app)
    clock = Clock()
    with open(state.log(app, kind), "ab") as file, SIGNALS.held_back():
        process = entrance.start(entrance.shell(command, False), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        in_time = False
        try:
            SIGNALS.release()
            in_time = relay(process, file, seconds)
            if not in_time:
                complain(f"{kind} took longer than {seconds:.0f} s: SIGTERM")
                terminate(process, entrance)
                if not relay(process, file, patience):
                    complain(f"{kind} goes on {patience:.0f} s later: SIGKILL")
        except BaseException:
            terminate(process, entrance)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(min(patience, 10))
            raise
        finally:
            # Without namespaces nothing else would end what it has left.
            if not in_time or not entrance.way:
                end_session(process.pid)
            status = process.wait()
            if process.stdout is not None:
                process.stdout.close()
    complain(f"{app}: {ending(status)} after {clock}")
    return 0 if status == 0 and in_time else 1


def relay(process: "subprocess.Popen[bytes]", log: BinaryIO, seconds: float) -> bool:
    """Shows and keeps what a command says until it has ended and nobody else can say anything; whether that was in time."""
    assert process.stdout is not None
    deadline = time.monotonic() + seconds
    while select.select([process.stdout], [], [], max(0, deadline - time.monotonic()))[0]:
        data = os.read(process.stdout.fileno(), 65536)
        if not data:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0, deadline - time.monotonic()))
            return process.returncode is not None
        log.write(data)
        log.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    return False


def terminate(process: "subprocess.Popen[bytes]", entrance: Entrance) -> None:
    """SIGTERM to the command and all it has started; not to nsenter, whose end would be SIGKILL for them."""
    for pid in in_session(process.pid):
        if not (entrance.way and pid == process.pid):
            send(pid, signal.SIGTERM)


def cron_run(state: State, options: argparse.Namespace) -> int:
    """Now, whatever its schedule says; one at a time for each app."""
    app, cron = app_with(state, "crons", options.name, options.app)
    command = str((cron.get("commands") or {}).get("start") or cron.get("cmd"))
    with open(state.app(app) / "cron.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failure(f"Another cron of {app} runs. The platform runs one at a time, too.") from None
        return run_inside(state, app, command, "cron", cron.get("timeout", 86400), cron.get("shutdown_timeout", 10))


def operation_run(state: State, options: argparse.Namespace) -> int:
    app, operation = app_with(state, "operations", options.name, options.app)
    return run_inside(state, app, operation["commands"]["start"], "operation", 86400, 10)


def logs(state: State, options: argparse.Namespace) -> int:
    """What the apps say, line by line as they said it; with --follow until Ctrl-C."""
    known = sorted(path.name for path in (state / "apps").glob("*")) if (state / "apps").exists() else []
    if options.app and options.app not in known:
        raise Failure(f"there is no app '{options.app}'; apps: {', '.join(known) or 'none yet'}")
    apps = [options.app] if options.app else known
    width = max(map(len, apps), default=0)
    prefixes = {app: "" if options.app else f"{app:<{width}} | " for app in apps}
    ends: dict[str, int] = {}
    parts: dict[str, str] = dict.fromkeys(apps, "")
    for app in apps:
        path = state.log(app, options.type)
        data = path.read_bytes() if path.exists() else b""
        ends[app] = len(data)
        lines = data.decode(errors="replace").splitlines()
        for line in lines[-options.lines:] if options.lines else []:
            say(prefixes[app] + line)
    while options.follow:
        quiet = True
        for app in apps:
            path = state.log(app, options.type)
            if not path.exists():
                continue
            if path.stat().st_size < ends[app]:
                ends[app] = 0
            with open(path, "rb") as file:
                file.seek(ends[app])
                data = file.read()
            ends[app] += len(data)
            quiet = quiet and not data
            *whole, parts[app] = (parts[app] + data.decode(errors="replace")).split("\n")
            for line in whole:
                say(prefixes[app] + line)
        if quiet:
            time.sleep(0.1)
    return 0
