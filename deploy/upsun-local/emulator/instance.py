"""One running instance of an app: its container, its nginx, and the process that is kept running."""
import asyncio
import os
import shlex
import signal
import tempfile
import time
from pathlib import Path
from typing import Any, Callable

from . import driver, nginx
from .build import ending
from .container import Container
from .processes import end_session, ended, in_session, resident, send
from .project import App

STOP_SECONDS = 15
POST_START_SECONDS = 300
ENVIRONMENT_SECONDS = 10
PAUSES = (0.5, 1, 2, 4, 8, 16)
GOOD_RUN_SECONDS = 10

Note = Callable[[str], None]


class Instance:
    def __init__(self, app: App, container: Container, environment: dict[str, str], note: Note):
        self.app, self.container, self.environment, self.note = app, container, environment, note
        self.process: asyncio.subprocess.Process | None = None
        self.pid = 0
        self.nginx: asyncio.subprocess.Process | None = None
        self.keeper: asyncio.Task[None] | None = None
        self.state = "starting"
        self.ready = False
        self.restarts = 0
        self.last_end: str | None = None
        self.started = 0.0
        self.stopping = False
        self.wake = asyncio.Event()

    @property
    def name(self) -> str:
        return self.app.name

    def log(self, kind: str) -> Path:
        return self.container.log / f"{kind}.log"

    async def spawn(self, inner: list[str], kind: str) -> asyncio.subprocess.Process:
        """In the container; what it says goes to a log as it is."""
        with open(self.log(kind), "ab") as file:
            return await self.container.spawn(inner, self.environment, stdout=file, stderr=file)

    async def start_nginx(self) -> None:
        inside = self.container.kind == "root"
        run = "/var/nginx" if inside else str(self.container.run / "nginx")
        log = "/var/log" if inside else str(self.container.log)
        listen = ["80"] if inside else [f"127.0.0.1:{self.container.web_port}"]
        if inside and Path("/proc/net/if_inet6").exists():
            listen.append("[::]:80")
        text = nginx.for_app(self.app, listen, self.container.upstream_address, self.container.directory, run, log)
        (self.container.run / "nginx" / "nginx.conf").write_text(text)
        command = [driver.tool("nginx"), "-p", run, "-e", f"{log}/error.log", "-c", f"{run}/nginx.conf"]
        self.nginx = await self.spawn(command, "nginx")

    async def try_environment(self) -> list[str]:
        """What is wrong with `.environment`, which begins every command and every SSH session."""
        notes = []
        # A file: of a pipe the end would come with that of the last process that has it open.
        with tempfile.TemporaryFile() as said:
            process = await self.container.spawn(self.container.shell(":"), self.environment, stdout=said, stderr=said)
            if not await ended(process, ENVIRONMENT_SECONDS):
                notes.append(f".environment had not ended after {ENVIRONMENT_SECONDS} s, and every command waits for it")
            elif in_session(process.pid):
                notes.append(".environment leaves processes behind, which every command and SSH session would have for itself")
            await asyncio.to_thread(end_session, process.pid)
            await process.wait()
            if os.fstat(said.fileno()).st_size:
                notes.append(".environment prints something, which breaks file transfers over SSH: it must print nothing")
        return notes

    async def run(self, command: str, kind: str, seconds: float, sourced: bool = True) -> int | None:
        """Runs a command of the configuration to its end; None when it took too long."""
        process = await self.spawn(self.container.shell(command, sourced=sourced), kind)
        if not await ended(process, seconds):
            await asyncio.to_thread(end_session, process.pid)
            await process.wait()
            return None
        return process.returncode

    async def start(self) -> None:
        """Nginx, pre_start, and from then on the start command."""
        await self.start_nginx()
        self.container.notes += await self.try_environment()
        before = self.app.command("pre_start")
        if before:
            status = await self.run(before, "app", POST_START_SECONDS)
            if status != 0:
                self.note(f"{self.name}: pre_start ended with {ended_with(status)}; start goes on, as on the platform")
        if self.app.command("start"):
            await self.launch()
            self.keeper = asyncio.create_task(self.keep())
        else:
            self.state = "running"

    async def launch(self) -> None:
        command = self.app.command("start")
        assert command is not None
        self.process = await self.spawn(self.container.shell(command), "app")
        self.pid = await self.container.main_pid(self.process)
        self.started = time.time()
        self.state = "running"

    async def keep(self) -> None:
        """Starts it again whenever it ends, after a pause that grows."""
        failures = 0
        while not self.stopping:
            assert self.process is not None
            begun = time.monotonic()
            status = await self.process.wait()
            if self.stopping:
                return
            self.last_end = ending(status)
            failures = 0 if time.monotonic() - begun > GOOD_RUN_SECONDS else failures + 1
            pause = PAUSES[min(failures, len(PAUSES) - 1)]
            self.state = "waiting to restart"
            self.note(f"{self.name} ended with {self.last_end}; starts again in {pause} s")
            self.wake.clear()
            try:
                await asyncio.wait_for(self.wake.wait(), pause)
            except asyncio.TimeoutError:
                pass
            if self.stopping:
                return
            self.restarts += 1
            await self.launch()

    async def gate(self) -> str | None:
        """post_start: only after it the container joins the router. What is wrong, or None."""
        after = self.app.command("post_start")
        if after:
            status = await self.run(self.local(after), "post_start", POST_START_SECONDS)
            if status != 0:
                return f"post_start ended with {ended_with(status)}: {last_line(self.log('post_start'))}"
        if self.nginx is not None and self.nginx.returncode is not None:
            return f"its nginx ended: {last_line(self.log('nginx'))}"
        self.ready = True
        return None

    def local(self, command: str) -> str:
        """`http://localhost` is the app's own nginx. Without a network of its own curl has to be told where that is."""
        if self.container.kind == "root":
            return command
        home = self.container.run / "curl"
        home.mkdir(exist_ok=True)
        (home / ".curlrc").write_text(f'connect-to = "localhost:80:127.0.0.1:{self.container.web_port}"\n')
        return f"CURL_HOME={shlex.quote(str(home))}; export CURL_HOME; {command}"

    async def terminate(self) -> str:
        """SIGTERM, and SIGKILL to what is left after 15 s. Says how it ended."""
        process = self.process
        if process is None or process.returncode is not None:
            return "was not running"
        begun = time.monotonic()
        send(self.pid, signal.SIGTERM)
        forced = not await ended(process, STOP_SECONDS)
        if forced:
            send(self.pid, signal.SIGKILL)
            if not await ended(process, 5):
                process.kill()
                await process.wait()
        took = time.monotonic() - begun
        self.last_end = ending(process.returncode or 0)
        return f"{'killed after' if forced else self.last_end + ' after'} {took:.1f} s"

    def freeze(self) -> None:
        """Stops the app and its children where they are."""
        if self.process is not None and self.process.returncode is None:
            waiting = {self.process.pid} - {self.pid}
            for pid in set(in_session(self.process.pid)) - waiting:
                send(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        if self.process is not None and self.process.returncode is None:
            for pid in in_session(self.process.pid):
                send(pid, signal.SIGCONT)

    async def restart(self) -> str:
        """Ends the process and starts it at once, in the same container."""
        if self.keeper is None:
            return "has no start command"
        self.stopping = True
        how = await self.terminate()
        self.wake.set()
        await asyncio.wait({self.keeper})
        self.stopping = False
        await self.launch()
        self.keeper = asyncio.create_task(self.keep())
        return how

    async def listens(self, seconds: float) -> bool:
        """Waits until the app takes connections."""
        if self.app.socket_family == "unix":
            return True
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            probe = self.container.open_socket()
            probe.setblocking(False)
            try:
                await asyncio.wait_for(asyncio.get_running_loop().sock_connect(probe, ("127.0.0.1", self.container.port)), 2)
                return True
            except (OSError, asyncio.TimeoutError):
                await asyncio.sleep(0.02)
            finally:
                probe.close()
        return False

    async def stop(self) -> str:
        self.stopping = True
        self.state = "stopping"
        self.ready = False
        how = await self.terminate()
        self.wake.set()
        if self.keeper is not None:
            await asyncio.wait({self.keeper})
        if self.nginx is not None and self.nginx.returncode is None:
            self.nginx.terminate() if self.container.kind == "plain" else send(await self.container.main_pid(self.nginx), signal.SIGTERM)
            if not await ended(self.nginx, 5):
                self.nginx.kill()
                await self.nginx.wait()
        await self.container.close()
        self.state = "stopped"
        return how

    def describe(self) -> dict[str, Any]:
        now, peak = resident(self.pid) if self.process is not None and self.process.returncode is None else (0, 0)
        state = self.state if self.state != "running" or self.ready else "running, not routed"
        return {
            "app": self.name, "state": state, "ready": self.ready, "pid": self.pid, "port": self.container.port,
            "address": self.container.address, "web_port": self.container.web_port, "restarts": self.restarts,
            "last_end": self.last_end, "uptime": round(time.time() - self.started, 1) if self.started else 0, "rss": now,
            "rss_peak": peak, "limit": self.app.memory_limit, "profile": self.app.profile, "group": self.container.figures(),
            "tree": str(self.container.tree), "directory": self.container.directory, "driver": self.container.kind,
            "number": self.container.number, "notes": self.container.notes, "processes": self.container.pids()}


def ended_with(status: int | None) -> str:
    return "no end in time" if status is None else ending(status)


def last_lines(log: Path, count: int) -> list[str]:
    try:
        return log.read_text(errors="replace").strip().splitlines()[-count:]
    except OSError:
        return []


def last_line(log: Path) -> str:
    return next(iter(last_lines(log, 1)), "it said nothing")
