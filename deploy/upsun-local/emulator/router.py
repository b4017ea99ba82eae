"""The router: nginx on one port of loopback, in front of all apps; its configuration changes without breaking requests off."""
import asyncio
import http.client
import shutil
import signal
import socket
from pathlib import Path
from typing import Callable

from . import driver, variables
from .instance import last_line
from .network import Switch, listen_on_loopback
from .processes import children, ended, is_running, send, spawn, title, until

FIRST_PORT = 8700


class DeployFailure(Exception):
    """A deployment did not come to its end; its message says where the log is."""


def take_port(wanted: int | None, last: int | None) -> socket.socket:
    """The port asked for, else the one of last time, else the first that is free."""
    for port in [wanted] if wanted else [last or FIRST_PORT, *range(FIRST_PORT, FIRST_PORT + 200)]:
        try:
            return listen_on_loopback(port)
        except OSError:
            continue
    raise OSError(f"port {wanted} is taken" if wanted else f"no free port from {FIRST_PORT} up")


def has_closed(worker: int) -> bool:
    """Whether a worker of nginx takes no new connections: it has ended, or says that it will."""
    return not is_running(worker) or "shutting down" in title(worker)


class Router:
    def __init__(self, folder: Path, listener: socket.socket):
        self.folder = folder
        self.listener: socket.socket | None = listener
        self.port: int = listener.getsockname()[1]
        self.process: asyncio.subprocess.Process | None = None
        self.switch: Switch | None = None
        self.generation = 0
        self.on_spawn: Callable[[], None] = lambda: None

    async def serve(self, configuration: Callable[[int], str], switch: Switch | None) -> None:
        """Takes a new configuration, made for the number of its generation; returns when requests are answered by it."""
        self.switch = switch
        if self.generation == 0:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(exist_ok=True)
        self.generation += 1
        (self.folder / "nginx.conf").write_text(configuration(self.generation))
        old: list[int] = []
        if self.process is not None and self.process.returncode is None:
            master = await self.pid()
            old = children(master)
            send(master, signal.SIGHUP)
        else:
            await self.start()
        # The old worker takes connections until it is told to end, which is after the new one has begun to.
        if not await until(lambda: all(map(has_closed, old)) and self.answers(), 10):
            said = last_line(self.folder / "error.log")
            raise DeployFailure(f"the router does not answer: {said}. Its configuration: {self.folder / 'nginx.conf'}")

    async def start(self) -> None:
        folder = self.folder
        command = [driver.tool("nginx"), "-p", str(folder), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]
        with open(folder / "nginx.log", "ab") as file:
            if self.switch is None:
                self.release_port()
                self.process = await spawn(command, {"PATH": variables.PATH}, stdout=file, stderr=file)
                self.on_spawn()
                return
            # The port belongs to the machine's loopback, the upstreams to the private network: the socket is handed in. In a
            # process namespace nginx's worker ends with it.
            assert self.listener is not None
            # Root's files, but hardly a right of root's: the state directory may lie where nobody else may go.
            identity = [driver.tool("setpriv"), "--no-new-privs", "--bounding-set=-all,+setuid,+setgid", "--inh-caps=-all"]
            descriptor = self.listener.fileno()
            self.process = await spawn(
                [*self.switch.into(self.switch.pid), driver.tool("unshare"), "--pid", "--fork", "--kill-child=KILL", *identity, *command],
                {"PATH": variables.PATH, "NGINX": f"{descriptor};"}, pass_fds=[descriptor], stdout=file, stderr=file)

    async def pid(self) -> int:
        """The one that signals are for."""
        assert self.process is not None
        process = self.process
        if self.switch is None:
            return process.pid
        await until(lambda: bool(children(process.pid)) or process.returncode is not None, 2)
        return (children(process.pid) or [process.pid])[0]

    def answers(self) -> bool:
        """Whether it serves, and by its newest configuration."""
        if self.process is None or self.process.returncode is not None:
            return False
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/", headers={"Host": "nobody.invalid"})
            return connection.getresponse().headers.get("X-Upsun-Local") == str(self.generation)
        except OSError:
            return False
        finally:
            connection.close()

    def release_port(self) -> None:
        if self.listener is not None:
            self.listener.close()
            self.listener = None

    async def stop(self) -> None:
        if self.process is not None and self.process.returncode is None:
            send(await self.pid(), signal.SIGTERM)
            if not await ended(self.process, 5):
                self.process.kill()
                await self.process.wait()
        self.release_port()
