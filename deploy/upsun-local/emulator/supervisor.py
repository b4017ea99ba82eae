"""The process behind an environment: it owns containers, router and tunnels, and does what commands ask over a socket."""
import asyncio
import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from . import memory
from .console import SIGNALS, Failure
from .processes import boot, in_session, send, start_of
from .router import DeployFailure
from .stack import Stack
from .state import State

SOCKET = "supervisor.sock"
VERB = "supervise"  # What `up` starts; not for people.
LINE_LIMIT = 16 * 1024 * 1024


class Supervisor:
    def __init__(self, state: State):
        self.state = state
        self.stack = Stack(state)
        self.ending = asyncio.Event()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self.ending.set)
        os.chdir(self.state.root)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(SOCKET)
        # A relative name: the whole path may be longer than a socket's name can be.
        server = await asyncio.start_unix_server(self.serve, SOCKET, limit=LINE_LIMIT)
        try:
            await self.ending.wait()
        finally:
            server.close()
            await self.stack.stop(self.nobody)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(SOCKET)

    async def nobody(self, line: str) -> None:
        self.stack.note(line.strip())

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request on a connection: a line of JSON; lines of what happens, and the result."""
        async def answer(**content: Any) -> None:
            with contextlib.suppress(ConnectionError):
                writer.write(json.dumps(content).encode() + b"\n")
                await writer.drain()

        async def say(line: str) -> None:
            self.stack.note(line.strip())
            await answer(say=line)

        request: dict[str, Any] = {}
        try:
            request = json.loads(await reader.readline())
            await answer(result=await self.do(request, say, answer, reader))
        except (DeployFailure, Failure, OSError, asyncio.TimeoutError) as error:
            await answer(error=str(error) or type(error).__name__)
        except Exception as error:  # A mistake of ours: told to whoever asked, and kept in the log.
            self.stack.note(f"{request.get('verb')}: {error!r}")
            sys.excepthook(type(error), error, error.__traceback__)
            await answer(error=f"{error!r}; see {self.state / 'supervisor.log'}")
        finally:
            writer.close()
        if request.get("verb") == "stop":
            self.ending.set()

    async def do(self, request: dict[str, Any], say: Any, answer: Any, reader: asyncio.StreamReader) -> Any:
        stack = self.stack
        match request["verb"]:
            case "deploy":
                await stack.deploy(request["plan"], request["rolling"], say)
            case "restart":
                async with stack.busy:
                    instance = stack.find(request["app"])
                    await say(f"  {instance.name}: {await instance.restart()}; started again")
                    if not await instance.listens(30):
                        raise DeployFailure(f"{instance.name} does not listen on its PORT after 30 s; upsun-local logs {instance.name}")
            case "stop":
                await stack.stop(say)
            case "halt":
                async with stack.busy:
                    await stack.stop_instances(say)
            case "enter":
                instance = stack.find(request["app"])
                return {**instance.container.describe(), "environment": instance.environment, "number": instance.container.number}
            case "frozen":
                # For as long as the one who asked holds the connection.
                async with stack.busy:
                    stack.freeze()
                    try:
                        await answer(say="")
                        await reader.read(1)
                    finally:
                        await stack.thaw()
            case "tunnel open":
                return await stack.open_tunnels(request["app"], request["relationship"], request["port"])
            case "tunnel info":
                return stack.tunnel_facts(request["app"])
            case "tunnel close":
                return await stack.close_tunnels(request["app"])
            case "status":
                return stack.describe()
            case verb:
                raise DeployFailure(f"unknown verb {verb}")
        return None


def main(state: State) -> None:
    """The supervisor's own process; the lock says that it lives."""
    with open(state / "supervisor.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("a supervisor runs already")
        asyncio.run(Supervisor(state).run())


# ---- From the side of the commands


def is_running(state: State) -> bool:
    try:
        with open(state / "supervisor.lock", "r") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
    except FileNotFoundError:
        pass
    return False


def clean_up(state: State) -> bool:
    """Takes away what a supervisor left that was killed; whether there was anything."""
    if is_running(state) or not (state / "running.json").exists():
        return False
    left = state.read("running.json", {})
    # With namespaces the kernel has ended everything; without them these sessions are ours, unless their numbers are used again.
    for session, start in left["sessions"].items() if left.get("boot") == boot() else []:
        if start_of(int(session)) in (None, start):
            for pid in in_session(int(session)):
                send(pid, signal.SIGKILL)
    memory.remove_leftovers(state.environment().get("id", ""))
    (state / "running.json").unlink()
    with contextlib.suppress(FileNotFoundError):
        (state / SOCKET).unlink()
    return True


def start(state: State, entry: Path) -> None:
    """Starts the supervisor as a process of its own and waits until it can be asked."""
    with open(state / "supervisor.log", "ab") as log, SIGNALS.held_back():
        process = subprocess.Popen(
            [sys.executable, str(entry), VERB, str(state.root)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True, cwd="/")
        try:
            SIGNALS.release()
            if is_answering(state, process):
                return
        except KeyboardInterrupt:
            process.terminate()
            process.wait(30)
            raise
    said = (state / "supervisor.log").read_text(errors="replace").strip().splitlines()
    raise Failure(f"the supervisor did not start: {said[-1] if said else 'it said nothing'}")


def is_answering(state: State, process: "subprocess.Popen[bytes]") -> bool:
    """Waits until the supervisor can be asked; whether that comes to be."""
    deadline = time.monotonic() + 15
    while process.poll() is None and time.monotonic() < deadline:
        try:
            ask(state, "status")
            return True
        except (OSError, Failure):
            time.sleep(0.05)
    return False


def connect(state: State) -> socket.socket:
    folder = os.open(state.root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(f"/proc/self/fd/{folder}/{SOCKET}")
        except OSError:
            connection.close()
            raise
        return connection
    finally:
        os.close(folder)


class Conversation:
    """A request that goes on for a while."""

    def __init__(self, state: State, verb: str, **content: Any):
        try:
            self.connection = connect(state)
        except OSError:
            raise Failure(f"No environment runs in {state.root}. Start it: upsun-local up") from None
        self.file = self.connection.makefile("rwb")
        self.file.write(json.dumps({"verb": verb, **content}).encode() + b"\n")
        self.file.flush()

    def next(self) -> dict[str, Any]:
        line = self.file.readline()
        if not line:
            raise Failure("the supervisor ended in the middle of it; see supervisor.log in the state directory")
        return json.loads(line)

    def close(self) -> None:
        self.file.close()
        self.connection.close()


def ask(state: State, verb: str, say: Any = None, **content: Any) -> Any:
    """Asks the supervisor and waits for the result."""
    conversation = Conversation(state, verb, **content)
    try:
        while True:
            message = conversation.next()
            if "say" in message:
                if say is not None:
                    say(message["say"])
            elif "error" in message:
                raise Failure(message["error"])
            else:
                return message["result"]
    finally:
        conversation.close()
