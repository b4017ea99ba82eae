"""What is tested and what it needs: the files it is given, the sample app as a process, a small corpus for it."""
import http.client
import json
import os
import shlex
import shutil
import signal
import subprocess
import time
from pathlib import Path

from server import free_port

REPOSITORY = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 300  # the sample corpus is embedded
STOP_SECONDS = 20
ARTICLES_A_TOPIC = 2


def make_home(folder):
    """A directory with the pages as they are and a few articles of each topic, so that the start takes seconds."""
    home = Path(folder) / "home"
    sample = REPOSITORY / "myapp"
    shutil.copytree(sample / "web", home / "web")
    for topic in sorted(path for path in (sample / "corpus").iterdir() if path.is_dir()):
        articles = sorted(topic.glob("*.md"))
        wanted = articles[:ARTICLES_A_TOPIC] + [path for path in articles if path.name in ("bees.md", "owls.md")]
        (home / "corpus" / topic.name).mkdir(parents=True)
        for article in wanted:
            shutil.copy(article, home / "corpus" / topic.name)
    return home


class MyApp:
    """`COMMAND serve --port N` on a database server, while the `with` block runs."""

    def __init__(self, command, home, database_port, log, **environment):
        self.command = shlex.split(str(command))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = Path(log)
        self.home = home
        inherited = {
            name: value for name, value in os.environ.items()
            if not name.startswith(("MYAPP_", "OPENAI_", "PLATFORM_", "CHROMA_HOST", "CHROMA_PORT"))}
        self.environment = {
            **inherited, "MYAPP_HOME": str(home), "CHROMA_HOST": "127.0.0.1", "CHROMA_PORT": str(database_port),
            **environment}
        self.process = None

    def __enter__(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*self.command, "serve", "--port", str(self.port)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=REPOSITORY, env=self.environment)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"myapp ended with {self.process.returncode} at start:\n{self.log_tail()}")
            if self.is_filled():
                return self
            time.sleep(0.05)  # between two questions, not instead of one
        self.__exit__()
        raise AssertionError(f"myapp was not ready within {START_SECONDS} s:\n{self.log_tail()}")

    def is_filled(self):
        try:
            if self.get("/healthz")[0] != 200:
                return False
            status = json.loads(self.get("/api/status")[1])
        except OSError:
            return False
        if status["seeding"].get("problem"):
            raise AssertionError(f"the sample corpus was not read: {status['seeding']['problem']}")
        return status["ready"] and status["passages"] > 0 and not status["seeding"]["running"]

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        except http.client.HTTPException as error:
            raise OSError(f"not an HTTP answer: {error!r}") from error
        finally:
            connection.close()

    def json(self, path):
        status, body = self.get(path)
        assert status == 200, f"GET {path}: {status} {body[:300]!r}"
        return json.loads(body)

    def log_tail(self, lines=20):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def make_pdf(text):
    """A PDF of one page with one line of text, in the fewest objects that readers accept."""
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    stream = f"BT /F1 12 Tf 40 700 Td ({escaped}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 842 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    pdf = b"%PDF-1.4\n"
    places = []
    for number, each in enumerate(objects, 1):
        places.append(len(pdf))
        pdf += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = len(pdf)
    pdf += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    pdf += b"".join(b"%010d 00000 n \n" % place for place in places)
    return pdf + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
