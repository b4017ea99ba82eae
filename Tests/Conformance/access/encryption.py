"""TLS: through the clients, under replacement of the certificate, with client certificates."""
import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from certificates import Authority
from server import ServerFailure
from subject import DATABASE, TOKENS, Subject, token_header

TOKEN = "a-token-within-tls"
FIRST_SERIAL, SECOND_SERIAL = 1001, 1002
THREADS = 8
REQUESTS_A_CONNECTION = 10
RELOAD_SECONDS = 40


class SecureSubject(Subject):
    """A server that speaks TLS; `context` is how this test trusts it."""

    def __init__(self, command, context, environment=None, options=()):
        super().__init__(command, {
            "CHROMA_SERVER_AUTHN_PROVIDER": TOKENS, "CHROMA_SERVER_AUTHN_CREDENTIALS": TOKEN, **(environment or {})})
        self.context = context
        self.options = list(options)

    def arguments(self):
        return super().arguments() + self.options

    def connect(self, context=None):
        return http.client.HTTPSConnection("localhost", self.port, timeout=30, context=context or self.context)

    def request(self, method, path, body=None, headers=None, timeout=60, context=None):
        connection = self.connect(context)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            return response.status, response.read()
        except http.client.HTTPException as error:
            raise OSError(f"not an HTTP answer: {error!r}") from error
        finally:
            connection.close()

    def serial(self, context=None):
        """Of the certificate a new connection is shown."""
        connection = self.connect(context)
        try:
            connection.connect()
            return int(connection.sock.getpeercert()["serialNumber"], 16)
        finally:
            connection.close()


def run(options, clients, tally):
    if options.own:
        print("encryption: Chroma's own server had no TLS before 1.0 but what its operators put around it")
        return
    folder = Path(tempfile.mkdtemp(prefix="certificates-"))
    try:
        authority = Authority(folder / "ours")
        stranger = Authority(folder / "theirs", "Authority nobody trusts")
        for test in (through_clients, versions, replacement, client_certificates, refused_at_start):
            try:
                test(options, clients, tally, authority, stranger)
            except Exception as error:
                tally.check(False, f"encryption: {test.__name__}", repr(error))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def trusting(authority, certificate=None, key=None):
    context = ssl.create_default_context(cafile=authority.certificate)
    if certificate:
        context.load_cert_chain(certificate, key)
    return context


def by_environment(certificate, key, client_authority=None):
    environment = {"CHROMA_SSL_CERTFILE": str(certificate), "CHROMA_SSL_KEYFILE": str(key)}
    if client_authority:
        environment["CHROMA_SSL_CLIENT_CA"] = str(client_authority)
    return environment


def through_clients(options, clients, tally, authority, stranger):
    certificate, key = authority.sign("server", FIRST_SERIAL)
    flags = ["--ssl-certfile", str(certificate), "--ssl-keyfile", str(key)]
    for how, environment, arguments in (("flags", {}, flags), ("environment", by_environment(certificate, key), [])):
        with SecureSubject(options.server, trusting(authority), environment, arguments) as server:
            tally.check(server.serial() == FIRST_SERIAL, f"TLS by {how}: the certificate is the one given")
            for client in clients:
                way = client.with_token(TOKEN)
                way.update(port=server.port, host="localhost", ssl=True)
                for trusted, expected in ((authority, True), (stranger, False), (None, False)):
                    if trusted:
                        way["settings"]["chroma_server_ssl_verify"] = str(trusted.certificate)
                    else:
                        way["settings"].pop("chroma_server_ssl_verify", None)
                    _, error = client.tell(connect=way)
                    title = f"TLS by {how}: Python {client.version}, {'right' if expected else 'wrong or no'} authority"
                    tally.check((error is None) == expected, title, error)
                way["settings"]["chroma_server_ssl_verify"] = str(authority.certificate)
                way["settings"]["chroma_client_auth_credentials"] = "another-token"
                _, error = client.tell(connect=way)
                tally.check(error is not None and error["type"] == client.refusal,
                            f"TLS by {how}: Python {client.version}, wrong token: {client.refusal}", error)
            healthchecks(server, options, tally, authority, stranger, how, environment, arguments)


def healthchecks(server, options, tally, authority, stranger, how, environment, arguments):
    port = ["--port", str(server.port)]
    url = ["--url", f"https://localhost:{server.port}"]
    for title, given, expected in (
            ("as the server is configured", port + arguments, 0),
            ("by URL and authority", [*url, "--ca", str(authority.certificate)], 0),
            ("by URL and a wrong authority", [*url, "--ca", str(stranger.certificate)], 1),
            ("by URL, trusting nobody in particular", url, 1),
            ("by URL without TLS", ["--url", f"http://127.0.0.1:{server.port}"], 1)):
        status, output = healthcheck(options, given, environment if "configured" in title else {})
        tally.check(status == expected, f"TLS by {how}: healthcheck {title} ends with {expected}",
                    f"{status}: {output}")


def healthcheck(options, arguments, environment):
    ran = subprocess.run([options.server, "healthcheck", *arguments], env={**os.environ, **environment},
                         capture_output=True, text=True, timeout=30)
    return ran.returncode, (ran.stdout + ran.stderr).strip()


def versions(options, clients, tally, authority, stranger):
    certificate, key = authority.sign("server", FIRST_SERIAL)
    with reference(certificate, key) as port:
        seen = handshake(port, authority, ssl.TLSVersion.TLSv1_1)
        tally.check(seen == "TLSv1.1", "TLS 1.1 works between this client and a server that allows it (control)", seen)
    with SecureSubject(options.server, trusting(authority), by_environment(certificate, key)) as server:
        for version, expected in ((ssl.TLSVersion.TLSv1_1, None), (ssl.TLSVersion.TLSv1_2, "TLSv1.2"),
                                  (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
            seen = handshake(server.port, authority, version)
            right = seen == expected if expected else seen.startswith("refused")
            tally.check(right, f"{version.name} is {'spoken' if expected else 'refused'}", seen)
        try:
            status = Subject.ask(server, "GET", "/api/v2/heartbeat")[0]
        except (OSError, http.client.HTTPException):
            status = None
        tally.check(status != 200, "HTTP without TLS gets no answer on the port of TLS", status)


def handshake(port, authority, version):
    """The version agreed on, or "refused" and why."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(authority.certificate)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")  # or OpenSSL 3 would not even offer 1.1
    context.minimum_version = context.maximum_version = version
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as secure:
                return secure.version()
    except (ssl.SSLError, ConnectionError) as error:
        return f"refused: {error}"


@contextmanager
def reference(certificate, key):
    """Port of a server that speaks TLS of any version."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1

    def serve(listener):
        try:
            plain, _ = listener.accept()
            with plain, context.wrap_socket(plain, server_side=True) as secure:
                secure.recv(1)
        except OSError:
            pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


class Load:
    """Threads that query, each over a new connection every few requests, until told to stop."""

    def __init__(self, server, path):
        self.server, self.path = server, path
        self.stopping = threading.Event()
        self.requests, self.serials, self.failures = 0, set(), []
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.work) for _ in range(THREADS)]

    def work(self):
        body = json.dumps({"query_embeddings": [[1.0, 0.0]], "n_results": 1})
        headers = {"Content-Type": "application/json", **token_header(TOKEN)}
        while not self.stopping.is_set():
            connection = self.server.connect()
            try:
                connection.connect()
                serial = int(connection.sock.getpeercert()["serialNumber"], 16)
                for _ in range(REQUESTS_A_CONNECTION):
                    connection.request("POST", self.path, body, headers)
                    response = connection.getresponse()
                    answer = response.read()
                    with self.lock:
                        self.requests += 1
                        self.serials.add(serial)
                        if response.status != 200:
                            self.failures.append(f"{response.status} {answer[:200]!r}")
            except (OSError, http.client.HTTPException) as error:
                with self.lock:
                    self.failures.append(repr(error))
            finally:
                connection.close()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


def replacement(options, clients, tally, authority, stranger):
    """A new certificate is used by new connections, and no request notices the change."""
    first, second = authority.sign("server", FIRST_SERIAL), authority.sign("server", SECOND_SERIAL)
    certificate, key = authority.folder / "in-use.pem", authority.folder / "in-use.key"
    install(first[0], certificate)
    install(first[1], key)
    with SecureSubject(options.server, trusting(authority), by_environment(certificate, key)) as server:
        headers = {"Content-Type": "application/json", **token_header(TOKEN)}
        status, answer = server.request("POST", f"{DATABASE}/collections", '{"name": "under-load"}', headers)
        tally.check(status == 200, "replacement: a collection", answer)
        path = f"{DATABASE}/collections/{json.loads(answer)['id']}"
        status, answer = server.request("POST", f"{path}/add", '{"ids": ["1"], "embeddings": [[1, 0]]}', headers)
        tally.check(status == 201, "replacement: a record", answer)
        with Load(server, f"{path}/query") as load:
            wait_for(lambda: load.requests >= 20 * THREADS, 30)
            install(second[0], certificate)  # for a while certificate and key do not go together
            before = load.requests
            wait_for(lambda: load.requests >= before + 20 * THREADS, 30)
            deadline = time.monotonic() + 6
            apart = set()
            while time.monotonic() < deadline:
                apart.add(server.serial())
            tally.check(apart == {FIRST_SERIAL}, "replacement: while they do not go together, the old one stays", apart)
            install(second[1], key)
            start = time.monotonic()
            seen = wait_for(lambda: server.serial() == SECOND_SERIAL, RELOAD_SECONDS)
            took = time.monotonic() - start
            tally.check(seen, f"replacement: the new certificate is seen within {RELOAD_SECONDS} s")
            before = load.requests
            wait_for(lambda: load.requests >= before + 40 * THREADS, 30)
        print(f"encryption: {load.requests} requests over {THREADS} threads, new certificate after {took:.1f} s",
              flush=True)
        tally.check(not load.failures, "replacement: no request fails", load.failures[:5])
        tally.check(load.serials == {FIRST_SERIAL, SECOND_SERIAL}, "replacement: the load saw both", load.serials)


def install(source, target):
    """As certificate tools do: beside, then renamed."""
    beside = target.with_suffix(".new")
    shutil.copyfile(source, beside)
    os.replace(beside, target)


def wait_for(condition, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def client_certificates(options, clients, tally, authority, stranger):
    certificate, key = authority.sign("server", FIRST_SERIAL)
    ours, theirs = authority.sign("client", 2001), stranger.sign("client", 2002)
    trusted = trusting(authority, *ours)
    flags = ["--ssl-certfile", str(certificate), "--ssl-keyfile", str(key),
             "--ssl-client-ca", str(authority.certificate)]
    for how, environment, arguments in (
            ("flags", {}, flags), ("environment", by_environment(certificate, key, authority.certificate), [])):
        with SecureSubject(options.server, trusted, environment, arguments) as server:
            for title, context, expected in (
                    ("ours", trusted, 200), ("none", trusting(authority), None),
                    ("a stranger's", trusting(authority, *theirs), None)):
                for path, headers, with_credentials in (
                        ("/api/v2/heartbeat", {}, False), (f"{DATABASE}/collections", token_header(TOKEN), True)):
                    try:
                        seen = server.request("GET", path, headers=headers, context=context)[0]
                    except OSError:
                        seen = None
                    tally.check(seen == expected, f"client certificates by {how}: {title}, {path}: {expected}", seen)
            status, _ = server.request("GET", f"{DATABASE}/collections", context=trusted)
            tally.check(status == 403, f"client certificates by {how}: a certificate is no token", status)
            shown = ["--client-cert", str(ours[0]), "--client-key", str(ours[1])]
            for title, more, expected in (("with a certificate", shown, 0), ("without", [], 1)):
                status, output = healthcheck(
                    options, ["--port", str(server.port), *arguments, *more], environment)
                tally.check(status == expected,
                            f"client certificates by {how}: healthcheck {title} ends with {expected}",
                            f"{status}: {output}")


def refused_at_start(options, clients, tally, authority, stranger):
    """A server that cannot protect what it was told to protect does not start."""
    certificate, key = authority.sign("server", FIRST_SERIAL)
    other_key = authority.sign("server", SECOND_SERIAL)[1]
    missing = authority.folder / "missing.pem"
    for title, environment in (
            ("a key of another certificate", by_environment(certificate, other_key)),
            ("a certificate that is not there", by_environment(missing, key)),
            ("a key that is not there", by_environment(certificate, missing)),
            ("a certificate alone", {"CHROMA_SSL_CERTFILE": str(certificate)}),
            ("client certificates without TLS", {"CHROMA_SSL_CLIENT_CA": str(authority.certificate)})):
        try:
            with SecureSubject(options.server, trusting(authority), environment):
                tally.check(False, f"no start with {title}", "it started")
        except ServerFailure as failure:
            tally.check("ended with" in str(failure) and "ended with 0" not in str(failure),
                        f"no start with {title}", failure)
