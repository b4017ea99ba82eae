"""The private network of a stack: a bridge in a network namespace of its own, which the machine outside does not see.

No interface, address or rule appears on the machine itself; when the last process of a namespace ends, the kernel takes all of it
away. What must be reached from outside listens on a socket that was opened outside and handed in.
"""
import asyncio
import contextlib
import ctypes
import os
import socket
from typing import Iterator

from . import driver
from .processes import carry_out, spawn

NEW_NETWORK = 0x40000000
SUBNET = "10.77.0"

libc = ctypes.CDLL(None, use_errno=True)

FIREWALL = """\
table inet container {
  chain input {
    type filter hook input priority 0; policy drop;
    iif "lo" accept
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport 80 accept
  }
}
"""


@contextlib.contextmanager
def inside(namespace: int) -> Iterator[None]:
    """This thread in the network namespace of process `namespace`. No await in between."""
    here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        there = os.open(f"/proc/{namespace}/ns/net", os.O_RDONLY)
        try:
            if libc.setns(there, NEW_NETWORK) != 0:
                raise OSError(ctypes.get_errno(), "setns")
        finally:
            os.close(there)
        try:
            yield
        finally:
            if libc.setns(here, NEW_NETWORK) != 0:
                os._exit(70)  # Everything from here on would happen in the wrong network.
    finally:
        os.close(here)


class Switch:
    """The bridge, and the namespace it lives in."""

    def __init__(self) -> None:
        self.process: asyncio.subprocess.Process | None = None
        self.used: set[int] = set()
        self.next = 10

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def into(self, pid: int) -> list[str]:
        return [driver.tool("nsenter"), f"--net=/proc/{pid}/ns/net"]

    async def start(self) -> None:
        self.process = await spawn(
            [driver.tool("unshare"), "--net", driver.tool("dash"), "-c", "echo ready; exec sleep infinity"], {"PATH": driver.SEARCH},
            stdout=asyncio.subprocess.PIPE)
        assert self.process.stdout is not None
        if await self.process.stdout.readline() != b"ready\n":
            raise OSError("no network namespace can be made")
        await carry_out([*self.into(self.pid), driver.tool("ip"), "-batch", "-"], f"""\
link set lo up
link add name bridge type bridge
addr add {SUBNET}.1/24 dev bridge
link set bridge up
""")

    async def connect(self, pid: int) -> str:
        """Gives the namespace of `pid` an interface and an address that nobody has."""
        ip = driver.tool("ip")
        number = self.next
        while number in self.used:
            number = 10 + (number - 9) % 240
        self.next = 10 + (number - 9) % 240
        self.used.add(number)
        await carry_out([*self.into(self.pid), ip, "-batch", "-"], f"""\
link add name port{number} type veth peer name eth0 netns {pid}
link set port{number} master bridge up
""")
        await carry_out([*self.into(pid), ip, "-batch", "-"], f"""\
link set lo up
addr add {SUBNET}.{number}/24 dev eth0
link set eth0 up
""")
        return f"{SUBNET}.{number}"

    async def protect(self, pid: int) -> bool:
        """Lets others reach port 80 only; whether that could be done."""
        try:
            if driver.has("nft"):
                await carry_out([*self.into(pid), driver.tool("nft"), "-f", "-"], FIREWALL)
                return True
            if driver.has("iptables"):
                for rule in ("-i lo -j ACCEPT", "-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT", "-p icmp -j ACCEPT",
                             "-p tcp --dport 80 -j ACCEPT", "-j DROP"):
                    await carry_out([*self.into(pid), driver.tool("iptables"), "-A", "INPUT", *rule.split()])
                return True
        except OSError:
            return False
        return False

    def release(self, address: str) -> None:
        self.used.discard(int(address.rpartition(".")[2]))

    async def stop(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()
            self.process = None


def socket_in(pid: int | None) -> socket.socket:
    """A TCP socket that lives in another namespace (None: in this one)."""
    if pid is None:
        return socket.socket()
    with inside(pid):
        return socket.socket()


def listen_on_loopback(port: int) -> socket.socket:
    """A listening socket on 127.0.0.1; 0 for any free port."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError:
        listener.close()
        raise
    listener.listen(128)
    return listener
