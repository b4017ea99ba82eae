"""A port on loopback that leads to a relationship of an app, as `upsun tunnel:open` makes one over SSH."""
import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING

from .network import listen_on_loopback

if TYPE_CHECKING:
    from .stack import Stack

FIRST_PORT = 30000


class Tunnel:
    def __init__(self, stack: "Stack", app: str, relationship: str):
        self.stack, self.app, self.relationship = stack, app, relationship
        self.port = 0
        self.server: asyncio.Server | None = None
        self.connections: set[asyncio.Task[None]] = set()

    async def open(self, port: int) -> None:
        """On that port, or on the first free one from 30000 up."""
        listener = None
        for candidate in [port] if port else range(FIRST_PORT, FIRST_PORT + 1000):
            try:
                listener = listen_on_loopback(candidate)
                break
            except OSError as error:
                if port:
                    raise OSError(f"port {port} is taken: {error.strerror}. Choose another with --port.") from None
        if listener is None:
            raise OSError(f"no free port from {FIRST_PORT} up")
        self.port = listener.getsockname()[1]
        self.server = await asyncio.start_server(self.accept, sock=listener)

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.connections.add(task)
        try:
            await self.forward(reader, writer)
        except OSError:
            pass
        finally:
            self.connections.discard(task)
            writer.close()

    async def forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # From inside the app that has the relationship, to where it leads at this moment.
        instance = self.stack.instances[self.app]
        service, _ = instance.app.relationships[self.relationship]
        target = self.stack.instances[service].container
        outgoing = instance.container.open_socket()
        outgoing.setblocking(False)
        try:
            await asyncio.wait_for(asyncio.get_running_loop().sock_connect(outgoing, (target.address, target.web_port)), 10)
            outgoing.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            far_reader, far_writer = await asyncio.open_connection(sock=outgoing)
        except BaseException:
            outgoing.close()
            raise
        try:
            await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))
        finally:
            far_writer.close()

    async def close(self) -> None:
        if self.server is not None:
            self.server.close()
        for task in list(self.connections):
            task.cancel()
        if self.connections:
            await asyncio.wait(self.connections)


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
