"""The sample app as a process, beside a database server."""
import http.client
import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from server import STOP_SECONDS, free_port

REPOSITORY = Path(__file__).resolve().parent.parent.parent
FORGOTTEN = ("MYAPP_", "OPENAI_", "PLATFORM_", "CHROMA_HOST", "CHROMA_PORT", "CHROMA_AUTH", "CHROMA_SSL", "PORT")


def environment(**more):
    """This process's, without what would steer the app."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(FORGOTTEN)}
    return {**inherited, **{name: str(value) for name, value in more.items()}}


def get(url, seconds=10):
    """Status and JSON of an answer, whatever the status."""
    try:
        with urllib.request.urlopen(url, timeout=seconds) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError):
        return None, None


def ask(base, question, seconds=30):
    """The event `done` of an answer, or None."""
    body = json.dumps({"question": question}).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(base + "/api/ask", body), timeout=seconds) as answer:
            events = answer.read().decode().split("\n\n")
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError):
        return None
    for event in events:
        if event.startswith("event: done\ndata: "):
            return json.loads(event.split("data: ", 1)[1])
    return None


def until(condition, seconds):
    """The seconds after which the condition held, or None; looked at again and again."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        if condition():
            return time.monotonic() - start
        time.sleep(0.05)
    return None


class Service:
    """A process that ends with the `with` block."""

    def __init__(self, command, log, env):
        self.command = [str(word) for word in command]
        self.log = Path(log)
        self.env = env
        self.process = None

    def __enter__(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=REPOSITORY, env=self.env)
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """SIGTERM; its exit status, and the seconds it took."""
        start = time.monotonic()
        if self.process.poll() is None:
            self.process.terminate()
        try:
            status = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        return status, time.monotonic() - start


def myapp(binary, database_port, log, **more):
    """The app on a free port; its URL is `.url`."""
    port = free_port()
    service = Service(
        [binary, "serve", "--port", port], log,
        environment(CHROMA_HOST="127.0.0.1", CHROMA_PORT=database_port, **more))
    service.url = f"http://127.0.0.1:{port}"
    return service
