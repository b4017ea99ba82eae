"""Where one instance of an app runs: namespaces of its own (root), or directories and loopback ports (plain)."""
import asyncio
import json
import os
import random
import shutil
import signal
import socket
import sys
from pathlib import Path
from typing import Any, Callable

from . import driver, tree, variables
from .build import place_of
from .memory import MemoryGroup
from .network import Switch, socket_in
from .processes import children, in_pid_namespace, in_session, spawn, start_of, until
from .project import App
from .state import State

# Goes to the app's directory, reads its settings as the platform does, and becomes the command.
WITH_ENVIRONMENT = 'cd "$PLATFORM_APP_DIR" || exit 1; if [ -f .environment ]; then . ./.environment; fi; exec "$@"'
IN_DIRECTORY = 'cd "$PLATFORM_APP_DIR" || exit 1; exec "$@"'


class Container:
    """What both kinds have in common."""

    kind = ""

    def __init__(self, state: State, app: App, number: int, built: Path):
        self.state, self.app, self.number, self.tree = state, app, number, built
        self.run = state.app(app.name) / "run" / str(number)
        self.log = state.app(app.name) / "log"
        self.directory = "/app"
        self.address = "127.0.0.1"
        self.web_port = 80
        self.port = random.randint(10000, 29999)
        self.notes: list[str] = []
        # What is started here is its own session; with the time its first process began.
        self.sessions: dict[int, int | None] = {}
        self.on_spawn: Callable[[], None] = lambda: None

    @property
    def upstream(self) -> dict[str, str]:
        """Where the app is to listen."""
        if self.app.socket_family == "unix":
            return {"SOCKET": self.path_of_socket}
        return {"PORT": str(self.port)}

    @property
    def upstream_address(self) -> str:
        return f"unix:{self.path_of_socket}" if self.app.socket_family == "unix" else f"127.0.0.1:{self.port}"

    @property
    def path_of_socket(self) -> str:
        return "/run/app.sock"

    @property
    def web_address(self) -> str:
        return f"{self.address}:{self.web_port}"

    def prepare_directories(self) -> None:
        shutil.rmtree(self.run, ignore_errors=True)
        self.run.mkdir(parents=True)
        self.log.mkdir(parents=True, exist_ok=True)
        for mount in self.app.mounts:
            target = place_of(self.state, self.app, mount)
            if mount.source == "tmp":
                shutil.rmtree(target, ignore_errors=True)
            target.mkdir(parents=True, exist_ok=True)
            self.own(target)
        for folder in (self.run, self.log):
            self.own(folder)

    def own(self, folder: Path) -> None:
        """Makes the app's user the owner."""

    def relocated(self, command: str) -> str:
        return variables.relocate_command(command, self.directory)

    def shell(self, command: str, *, sourced: bool = True) -> list[str]:
        """A command of the configuration under dash, as the platform runs it."""
        dash = driver.tool("dash")
        return [dash, "-c", WITH_ENVIRONMENT if sourced else IN_DIRECTORY, "dash", dash, "-c", "--", self.relocated(command)]

    def command(self, inner: list[str]) -> list[str]:
        """`inner` as a process of this container."""
        raise NotImplementedError

    @property
    def groups(self) -> list[str]:
        return []

    async def start(self, switch: Switch | None) -> None:
        raise NotImplementedError

    async def spawn(self, inner: list[str], environment: dict[str, str], **more: Any) -> asyncio.subprocess.Process:
        process = await spawn(self.command(inner), environment, groups=self.groups, **more)
        self.sessions[process.pid] = start_of(process.pid)
        self.on_spawn()
        return process

    async def main_pid(self, process: asyncio.subprocess.Process) -> int:
        return process.pid

    def pids(self) -> list[int]:
        raise NotImplementedError

    def open_socket(self) -> socket.socket:
        return socket_in(None)

    def name_hosts(self, hosts: dict[str, str]) -> None:
        """Tells the container where names lead."""

    def figures(self) -> dict[str, Any]:
        return {}

    async def close(self) -> None:
        raise NotImplementedError

    def describe(self) -> dict[str, Any]:
        """For commands that enter it from another process."""
        return {"command": self.command([]), "groups": self.groups, "directory": self.directory}


class RootContainer(Container):
    """Network, mount and process namespaces; an ordinary user; a memory limit where the machine has control groups."""

    kind = "root"

    def __init__(self, state: State, app: App, number: int, built: Path):
        super().__init__(state, app, number, built)
        self.init: asyncio.subprocess.Process | None = None
        self.init_pid = 0
        self.group: MemoryGroup | None = None
        self.switch: Switch | None = None

    def own(self, folder: Path) -> None:
        if os.stat(folder).st_uid != driver.APP_UID:
            tree.give(folder, driver.APP_UID)

    @property
    def groups(self) -> list[str]:
        return [self.group.entry] if self.group else []

    def system_files(self) -> list[list[str]]:
        """/etc/hosts, and users with the app's own among them."""
        etc = self.run / "etc"
        etc.mkdir()
        (etc / "hosts").write_text("127.0.0.1 localhost\n")
        passwd = Path("/etc/passwd").read_text() + f"web:x:{driver.APP_UID}:{driver.APP_UID}::/app:/bin/sh\n"
        (etc / "passwd").write_text(passwd)
        (etc / "group").write_text(Path("/etc/group").read_text() + f"web:x:{driver.APP_UID}:\n")
        return [[str(etc / name), f"/etc/{name}", "ro"] for name in ("hosts", "passwd", "group")]

    def specification(self, exposed: list[str]) -> dict[str, Any]:
        (self.run / "nginx").mkdir()
        self.own(self.run / "nginx")
        (self.run / "root").mkdir()
        # On the disk: what lies in a file system in memory would count as the container's.
        (self.run / "tmp").mkdir()
        (self.run / "tmp").chmod(0o1777)
        mounts = [[str(place_of(self.state, self.app, mount)), f"/app/{mount.path}", "rw"] for mount in self.app.mounts]
        return {
            "root": str(self.run / "root"), "hosts": driver.host_directories(system_only=True), "system": "own",
            "controls": self.group.shown if self.group else [],
            "memory": [["/run", "64m", "755"]],
            "binds": [
                *self.system_files(), [str(self.log), "/var/log", "rw"], [str(self.run / "nginx"), "/var/nginx", "rw"],
                [str(self.run / "tmp"), "/tmp", "rw"],
                [str(self.tree), "/app", "ro"], *mounts, *([path, path, "ro"] for path in exposed)],
            "identity": [driver.APP_UID, driver.APP_UID], "run_as_identity": False, "directory": "/", "low_port": 80,
            "hostname": f"{self.app.name}.0",
            "run": [driver.tool("dash"), "-c", "sleep infinity & while :; do wait; done"],
            "environment": {"PATH": variables.PATH},
        }

    async def start(self, switch: Switch | None) -> None:
        assert switch is not None
        self.switch = switch
        self.prepare_directories()
        self.group = MemoryGroup.make(self.state.environment()["id"], f"{self.app.name}-{self.number}", self.app.memory_limit)
        if self.group is None:
            self.notes.append("no memory limit: this machine gives no control group")
        exposed = self.state.environment().get("exposed", [])
        ready, done = os.pipe()
        try:
            specification = {**self.specification(exposed), "ready": done}
            file = self.run / "sandbox.json"
            file.write_text(json.dumps(specification))
            self.init = await spawn(
                [driver.tool("unshare"), "--mount", "--net", "--pid", "--uts", *(["--cgroup"] if self.group else []), "--fork",
                 "--kill-child=KILL", sys.executable, str(driver.SANDBOX), str(file)],
                {"PATH": variables.PATH}, groups=self.groups, pass_fds=[done], stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE)
        finally:
            os.close(done)
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(ready, "rb"))
        came = await asyncio.wait_for(reader.read(1), 30)
        transport.close()
        if came != b"1":
            assert self.init.stderr is not None
            said = await self.init.stderr.read()
            raise OSError(f"the container of {self.app.name} cannot be made: {said.decode(errors='replace').strip()}")
        found = children(self.init.pid)
        if not found:
            raise OSError(f"the container of {self.app.name} ended at once")
        self.init_pid = found[0]
        self.address = await switch.connect(self.init_pid)
        if not await switch.protect(self.init_pid):
            self.notes.append("other apps reach all its ports: neither nft nor iptables works here (apt-get install nftables)")

    def command(self, inner: list[str]) -> list[str]:
        return [
            driver.tool("nsenter"), "--target", str(self.init_pid), "--mount", "--net", "--pid", "--uts",
            *(["--cgroup"] if self.group else []),
            driver.tool("setpriv"), f"--reuid={driver.APP_UID}", f"--regid={driver.APP_UID}", "--clear-groups", "--no-new-privs",
            "--bounding-set=-all", "--inh-caps=-all", "--pdeathsig=KILL", *inner]

    async def main_pid(self, process: asyncio.subprocess.Process) -> int:
        """The child of nsenter: it is the one that signals are for."""
        await until(lambda: bool(children(process.pid)) or process.returncode is not None, 2)
        found = children(process.pid)
        return found[0] if found else process.pid

    def pids(self) -> list[int]:
        return [pid for pid in in_pid_namespace(self.init_pid) if pid != self.init_pid]

    def open_socket(self) -> socket.socket:
        return socket_in(self.init_pid)

    def name_hosts(self, hosts: dict[str, str]) -> None:
        lines = ["127.0.0.1 localhost", "::1 localhost ip6-localhost", f"{self.address} {self.app.name}.0"]
        lines += [f"{address} {name}" for name, address in hosts.items()]
        # In place: the container sees this very file.
        (self.run / "etc" / "hosts").write_text("\n".join(lines) + "\n")

    def figures(self) -> dict[str, Any]:
        return self.group.figures() if self.group else {}

    async def close(self) -> None:
        if self.init is not None and self.init.returncode is None:
            self.init.kill()
            await self.init.wait()
        if self.init_pid:
            await until(lambda: not in_pid_namespace(self.init_pid), 5)
        if self.group:
            await asyncio.to_thread(self.group.remove)
        if self.switch and self.address != "127.0.0.1":
            self.switch.release(self.address)
        shutil.rmtree(self.run, ignore_errors=True)


class PlainContainer(Container):
    """The current user, loopback, and a tree whose files are read-only."""

    kind = "plain"

    def __init__(self, state: State, app: App, number: int, built: Path):
        super().__init__(state, app, number, built)
        self.directory = str(built)
        self.port = free_port()
        self.web_port = free_port()

    @property
    def path_of_socket(self) -> str:
        return str(self.run / "app.sock")

    async def start(self, switch: Switch | None) -> None:
        self.prepare_directories()
        (self.run / "nginx").mkdir()

    def command(self, inner: list[str]) -> list[str]:
        return inner

    def pids(self) -> list[int]:
        return [pid for session in self.sessions for pid in in_session(session)]

    async def close(self) -> None:
        for pid in self.pids():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        await until(lambda: not self.pids(), 5)
        shutil.rmtree(self.run, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
