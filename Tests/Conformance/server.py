"""One server process under test, and a network of its own where the machine allows one."""
import ctypes
import fcntl
import http.client
import os
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
from pathlib import Path

START_SECONDS = 60
STOP_SECONDS = 20
CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS = 0x8914
IFF_UP = 0x1


def enter_private_network():
    """Moves the calling thread, and what it starts from now on, to a network namespace holding only a loopback.

    Linux keeps the namespace by thread, so each job of the runner can have its own `localhost:8000`.
    Raises OSError where that is not allowed (not root, not Linux).
    """
    unshare = getattr(ctypes.CDLL(None, use_errno=True), "unshare", None)
    if unshare is None:
        raise OSError("this system has no network namespaces")
    if unshare(CLONE_NEWNET) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ServerFailure(Exception):
    """The server could not be started; the message ends with what it printed."""


class Server:
    """`COMMAND run --host 127.0.0.1 --port N --path DIR`, on a data directory that outlives a restart, not the object.

    With `official`, COMMAND is Chroma's own server: it allows a reset only by a configuration file.
    """

    heartbeat = "/api/v2/heartbeat"

    def __init__(self, command, port=None, official=False, log=None, environment=None):
        self.command = shlex.split(command)
        self.port = port or free_port()
        self.official = official
        self.directory = Path(tempfile.mkdtemp(prefix="chroma-under-test-"))
        self.log = Path(log) if log else self.directory / "server.log"
        self.environment = environment or {}
        self.process = None

    def arguments(self):
        data = self.directory / "data"
        if not self.official:
            return ["run", "--host", "127.0.0.1", "--port", str(self.port), "--path", str(data)]
        configuration = self.directory / "official.yaml"
        configuration.write_text(
            f'port: {self.port}\nlisten_address: "127.0.0.1"\npersist_path: "{data}"\nallow_reset: true\n')
        return ["run", str(configuration)]

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command + self.arguments(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.directory, env={**os.environ, "ALLOW_RESET": "TRUE", **self.environment})
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise ServerFailure(f"ended with {self.process.returncode} at start:\n{self.log_tail()}")
            try:
                if self.request("GET", self.heartbeat, timeout=2)[0] == 200:
                    return self
            except OSError:
                pass
            time.sleep(0.05)
        self.stop()
        raise ServerFailure(f"no heartbeat within {START_SECONDS} s:\n{self.log_tail()}")

    def request(self, method, path, body=None, headers=None, timeout=60):
        """Status and body of one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            return response.status, response.read()
        except http.client.HTTPException as error:
            raise OSError(f"not an HTTP answer: {error!r}") from error
        finally:
            connection.close()

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        """SIGTERM, then SIGKILL to the one process started here. Returns its exit code."""
        if not self.is_running():
            return self.process.returncode if self.process else None
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def restart(self):
        self.stop()
        return self.start()

    def log_tail(self, lines=20):
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return "(no log)"

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)
