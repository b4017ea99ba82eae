"""The server under test with credentials, and the releases of the client that are tried on it."""
import http.client
import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "classic")]

from environments import folder  # noqa: E402
from server import Server, ServerFailure, free_port  # noqa: E402

TOKENS = "chromadb.auth.token_authn.TokenAuthenticationServerProvider"
PASSWORDS = "chromadb.auth.basic_authn.BasicAuthenticationServerProvider"
ROLES = "chromadb.auth.simple_rbac_authz.SimpleRBACAuthorizationProvider"
PATIENCE = {"CHROMA_MAX_FAILED_ATTEMPTS": "0"}  # here, guesses from one address may be as many as they like
OWN = "0.5.23"  # whose own server stands in with --own
TAKEN = ("listens there already", "address already in use")
PORTS = 4  # tried, before it is the server's fault
DATABASE = "/api/v2/tenants/default_tenant/databases/default_database"


class Subject(Server):
    """A server with settings for authentication; `files` are written next to its data, by variable."""

    def __init__(self, command, environment, files=None):
        own = command is None
        super().__init__(
            command or str(folder(OWN) / "bin" / "chroma"),
            environment={"ANONYMIZED_TELEMETRY": "FALSE", **environment})
        if own:
            self.heartbeat = "/api/v1/heartbeat"
        for number, (variable, text) in enumerate((files or {}).items()):
            path = self.directory / f"settings-{number}"
            path.write_text(text)
            path.chmod(0o600)
            self.environment[variable] = str(path)

    def start(self):
        """Takes another port when somebody, perhaps a request of ours, has taken the one that was free."""
        for _ in range(PORTS - 1):
            try:
                return super().start()
            except ServerFailure as failure:
                if not any(words in str(failure).lower() for words in TAKEN):
                    raise
                self.port = free_port()
        return super().start()

    def ask(self, method, path, body=None, headers=None, address="127.0.0.1"):
        """Status, headers and body of one request; `address` is where it comes from, within 127.0.0.0/8."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60, source_address=(address, 0))
        try:
            headers = dict(headers or {})
            if body is not None:
                headers["Content-Type"] = "application/json"
                body = json.dumps(body)
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()


# What a machine's administrator sets for clients: the certificates they trust (requests puts that above what its user
# says), the way to the network.
OF_THE_MACHINE = (
    "CHROMA", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


class Client:
    """client.py in the environment of one release."""

    def __init__(self, version, python):
        self.version = version
        self.process = subprocess.Popen(
            [python, HERE / "client.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True, env={
                name: value for name, value in os.environ.items() if not name.upper().startswith(OF_THE_MACHINE)})

    def tell(self, **order):
        """What the call returned, or its error. An error has `type` and `message`."""
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the client {self.version} ended with {self.process.wait()}")
        answer = json.loads(line)
        return answer.get("result"), answer.get("error")

    @property
    def speaks_v1(self):
        return self.version in ("0.4.24", "0.5.13")

    @property
    def refusal(self):
        """The class this release has for refused credentials."""
        return "AuthorizationError" if self.speaks_v1 else "ChromaAuthError"

    def with_token(self, token, header=None):
        """Where and how to connect with a token, by the release's own settings."""
        if self.version.startswith("0.4"):
            given = {
                "chroma_client_auth_provider": "chromadb.auth.token.TokenAuthClientProvider",
                "chroma_client_auth_credentials": token}
            if header:
                given["chroma_client_auth_token_transport_header"] = header.upper().replace("-", "_")
        else:
            given = {
                "chroma_client_auth_provider": "chromadb.auth.token_authn.TokenAuthClientProvider",
                "chroma_client_auth_credentials": token}
            if header:
                given["chroma_auth_token_transport_header"] = header
        return {"settings": given}

    def with_password(self, user, password):
        provider = "basic" if self.version.startswith("0.4") else "basic_authn"
        return {"settings": {
            "chroma_client_auth_provider": f"chromadb.auth.{provider}.BasicAuthClientProvider",
            "chroma_client_auth_credentials": f"{user}:{password}"}}

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


class Tally:
    """Counts, and says what failed."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, condition, what, seen=""):
        if condition:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED  {what}" + (f"\n        {seen}" if seen != "" else ""), flush=True)
        return bool(condition)


def token_header(token, header=None):
    if header == "X-Chroma-Token":
        return {"X-Chroma-Token": token}
    return {"Authorization": f"Bearer {token}"}
