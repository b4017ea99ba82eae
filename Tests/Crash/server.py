"""One server process, and a client that sends exactly what it is told and nothing else.

The client is `http.client` with JSON on top: no retries, no hidden requests, so a harness knows for each request
whether it was sent and whether an answer came back.
"""

import base64
import http.client
import json
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import time

DATABASE = "/api/v2/tenants/default_tenant/databases/default_database"
COLLECTIONS = DATABASE + "/collections"


class ServerFailed(Exception):
    """The server ended, did not start, or answered what no server may answer."""


class Unanswered(Exception):
    """The connection broke before a status line: nobody knows whether the request took effect."""


def exit_on_signals():
    """SIGTERM and SIGHUP become an exit like any other, so that `finally` ends the servers."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, frame: sys.exit(128 + received))


def free_port():
    """A port nobody listens on. Below the ephemeral range, so that no outgoing connection takes it meanwhile."""
    chooser = random.SystemRandom()
    while True:
        port = chooser.randrange(20000, 32000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class Server:
    """`BINARY run --host 127.0.0.1 --port N --path DIR`, started at once; `wait_ready` before use."""

    def __init__(self, binary, directory, environment=None, log=None):
        self.binary, self.directory = binary, str(directory)
        self.port = free_port()
        self.log_path = log or self.directory.rstrip("/") + ".log"
        variables = dict(os.environ, ALLOW_RESET="TRUE", ANONYMIZED_TELEMETRY="FALSE")
        variables.update(environment or {})
        # Kept open in append mode: the output of every start of a run is in one file.
        with open(self.log_path, "ab") as log_file:
            self.process = subprocess.Popen(
                [binary, "run", "--host", "127.0.0.1", "--port", str(self.port), "--path", self.directory],
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=log_file,
                stderr=log_file,
            )
        self.started = time.monotonic()

    def wait_ready(self, seconds=60):
        """Returns the seconds from the start of the process to its first answered heartbeat."""
        deadline = self.started + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise ServerFailed(f"exit status {self.process.returncode} at start; output: {self.tail()}")
            try:
                with Client(self.port, timeout=10) as client:
                    if client.request("GET", "/api/v2/heartbeat")[0] == 200:
                        return time.monotonic() - self.started
            except (Unanswered, OSError):
                time.sleep(0.004)
        raise ServerFailed(f"not ready after {seconds} s; output: {self.tail()}")

    def running(self):
        return self.process.poll() is None

    def kill(self):
        """SIGKILL, and waits until the kernel has taken the process apart (locks and port are free then)."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds=60):
        """SIGTERM; the exit status. Killed, with an error, when it takes longer than `seconds`."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ServerFailed(f"did not end within {seconds} s of SIGTERM; output: {self.tail()}") from None

    def tail(self, length=2000):
        with open(self.log_path, "rb") as log_file:
            log_file.seek(max(0, os.fstat(log_file.fileno()).st_size - length))
            return log_file.read().decode(errors="replace").strip()


class Client:
    """One kept-alive connection."""

    def __init__(self, port, timeout=120):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        self.close()

    def close(self):
        self.connection.close()

    def request(self, method, path, body=None):
        """(status, decoded JSON or None). None also when the connection broke after the status line.

        Throws `Unanswered` when no status line came.
        """
        data = None if body is None else (body if isinstance(body, bytes) else json.dumps(body).encode())
        try:
            if self.connection.sock is None:
                self.connection.connect()
                # Header and body leave in two writes; with Nagle's algorithm the second would wait for the peer's ACK.
                self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connection.request(method, path, data, {"Content-Type": "application/json"} if data else {})
            response = self.connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            raise Unanswered(repr(error)) from error
        try:
            content = response.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            return response.status, None
        try:
            return response.status, json.loads(content) if content else None
        except ValueError:
            return response.status, {"error": "not JSON", "message": content[:500].decode(errors="replace")}

    def expect(self, method, path, body=None):
        """The decoded body of a 2xx. Throws `ServerFailed` for everything else."""
        try:
            status, answer = self.request(method, path, body)
        except Unanswered as error:
            raise ServerFailed(f"{method} {path}: no answer: {error}") from error
        if not 200 <= status < 300:
            raise ServerFailed(f"{method} {path}: {status} {str(answer)[:400]}")
        if answer is None:
            raise ServerFailed(f"{method} {path}: {status} and then a broken connection")
        return answer


def base64_embedding(values):
    """Little-endian float32, concatenated, base64: what the official client sends."""
    return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()
