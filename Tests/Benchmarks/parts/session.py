"""A server, fresh or on an existing directory, with one collection and one kept-alive connection."""

import pathlib
import shutil
import tempfile
import time

from server import COLLECTIONS, Client, Server, ServerFailed  # in ../Crash

from load import resident


class Session:
    def __init__(self, binary, space, folder=None):
        self.binary, self.space = binary, space
        self.directory = pathlib.Path(folder or tempfile.mkdtemp(prefix="chroma-bench-", dir="/var/tmp"))
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        self.client.close()
        self.server.kill()
        shutil.rmtree(self.directory)

    def start(self):
        self.server = Server(self.binary, self.directory / "data", log=str(self.directory / "log"))
        self.server.wait_ready(600)
        self.client = Client(self.server.port, timeout=1200)

    def create(self, name="bench"):
        body = {"name": name, "configuration": {"hnsw": {"space": self.space}}}
        self.path = f"{COLLECTIONS}/{self.client.expect('POST', COLLECTIONS, body)['id']}"

    @property
    def port(self):
        return self.server.port

    def memory(self):
        return resident.memory(self.server.process.pid)

    def disk(self):
        return resident.disk(self.directory / "data")

    def post(self, path, body):
        return self.client.expect("POST", self.path + path, body)

    def timed(self, path, body):
        begun = time.perf_counter()
        answer = self.post(path, body)
        return 1000 * (time.perf_counter() - begun), answer

    def count(self):
        return self.client.expect("GET", self.path + "/count")

    def wait_indexed(self, question):
        """Until the server says so; one that cannot say (official, single node: an error) indexes before it answers."""
        while True:
            status, answer = self.client.request("GET", self.path + "/indexing_status")
            if status != 200:
                self.post("/query", question)
                return
            if answer["op_indexing_progress"] >= 1:
                return
            time.sleep(0.01)

    def set_ef(self, ef):
        self.client.expect("PUT", self.path, {"new_configuration": {"hnsw": {"ef_search": ef}}})

    def stop(self):
        self.client.close()
        self.server.stop(600)

    def reopen(self, question, right):
        """Starts it again; milliseconds from the start of the process to the first answer, which must be `right`."""
        self.start()
        answer = self.post("/query", question)
        if answer["ids"] != right:
            raise ServerFailed(f"after the restart the nearest are {answer['ids']}, not {right}")
        return 1000 * (time.monotonic() - self.server.started)
