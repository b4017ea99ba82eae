"""JSON Web Tokens, signed by the openssl command, and what they let their bearers do."""
import base64
import hashlib
import hmac
import http.server
import json
import tempfile
import threading
import time
from pathlib import Path

from certificates import openssl
from subject import DATABASE, Subject

ISSUER, AUDIENCE = "https://id.example.org", "chroma"


def encoded(data):
    if not isinstance(data, bytes):
        data = json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    """A private key of one algorithm, and its public half as a JSON Web Key."""

    GENERATE = {
        "RS256": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        "ES256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
        "EdDSA": ["-algorithm", "ED25519"]}

    def __init__(self, folder, algorithm, name=None):
        self.algorithm, self.name = algorithm, name or algorithm
        self.path = Path(folder) / f"{self.name}.pem"
        openssl("genpkey", *self.GENERATE[algorithm], "-out", self.path)
        public = self.path.with_suffix(".der")
        openssl("pkey", "-in", self.path, "-pubout", "-outform", "DER", "-out", public)
        self.public = public.read_bytes()

    def jwk(self):
        own = {"kid": self.name, "alg": self.algorithm, "use": "sig"}
        if self.algorithm == "EdDSA":
            return {**own, "kty": "OKP", "crv": "Ed25519", "x": encoded(self.public[-32:])}
        if self.algorithm == "ES256":
            return {**own, "kty": "EC", "crv": "P-256", "x": encoded(self.public[-64:-32]), "y": encoded(self.public[-32:])}
        # The last 2048 bits before the exponent 65537, which DER writes in five bytes.
        return {**own, "kty": "RSA", "n": encoded(self.public[-261:-5]), "e": encoded(self.public[-3:])}

    def sign(self, data):
        given, made = self.path.with_suffix(".in"), self.path.with_suffix(".out")
        given.write_bytes(data)
        if self.algorithm == "EdDSA":
            openssl("pkeyutl", "-sign", "-inkey", self.path, "-rawin", "-in", given, "-out", made)
        else:
            openssl("dgst", "-sha256", "-sign", self.path, "-out", made, given)
        return raw(made.read_bytes()) if self.algorithm == "ES256" else made.read_bytes()

    def token(self, claims, **header):
        text = encoded({"alg": self.algorithm, "typ": "JWT", "kid": self.name, **header}) + "." + encoded(claims)
        return f"{text}.{encoded(self.sign(text.encode()))}"


def raw(der):
    """Both numbers of an ECDSA signature, 32 bytes each (RFC 7518, section 3.4)."""
    length = der[3]
    first, second = der[4:4 + length], der[6 + length:]
    return b"".join(int.from_bytes(number, "big").to_bytes(32, "big") for number in (first, second))


class KeyServer:
    """Serves a key set over HTTP on the loopback address."""

    def __init__(self, keys):
        body = json.dumps(keys).encode()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return f"http://127.0.0.1:{self.server.server_port}/keys"

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def run(options, clients, tally):
    if options.own:
        print("signed_tokens: Chroma's own server knows none")
        return
    with tempfile.TemporaryDirectory() as folder:
        keys = [Key(folder, algorithm) for algorithm in Key.GENERATE]
        key_set = {"keys": [*(key.jwk() for key in keys), {"kty": "oct", "k": encoded(b"symmetric")}]}
        required = {"CHROMA_JWT_ISSUER": ISSUER, "CHROMA_JWT_AUDIENCE": AUDIENCE}
        with Subject(options.server, required, {"CHROMA_JWT_JWKS_FILE": json.dumps(key_set)}) as server:
            signatures(server, tally, keys, Key(folder, "RS256", "stranger"))
            rights(server, tally, keys[0])
        with KeyServer(key_set) as url, Subject(options.server, {**required, "CHROMA_JWT_JWKS_URL": url}) as server:
            tally.check(status(server, keys[0].token(claims())) == 200, "signed tokens: keys from a URL")


def claims(**changes):
    now = int(time.time())
    whole = {"sub": "ann", "iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + 300, "role": "read", **changes}
    return {name: value for name, value in whole.items() if value is not None}


def status(server, token, method="GET", path="/api/v2/auth/identity", body=None):
    return server.ask(method, path, body, {"Authorization": f"Bearer {token}"})[0]


def signatures(server, tally, keys, stranger):
    now = int(time.time())
    for key in keys:
        good = key.token(claims())
        head, body, signature = good.split(".")
        other = encoded({**claims(), "role": "admin"})
        wrong = {
            "its claims changed": f"{head}.{other}.{signature}",
            "its signature cut": f"{head}.{body}.{signature[:-4]}",
            "no signature": f"{head}.{body}.",
            "expired": key.token(claims(exp=now - 120)),
            "no expiry": key.token(claims(exp=None)),
            "not valid yet": key.token(claims(nbf=now + 600)),
            "for somebody else": key.token(claims(aud="another")),
            "of another issuer": key.token(claims(iss="https://evil.example.org")),
            "of nobody": key.token(claims(sub=None)),
            "with an extension nobody knows": key.token(claims(), crit=["exp"]),
            "none for algorithm": encoded({"alg": "none"}) + f".{body}.",
            "signed by a stranger with its name": stranger.token(claims(), kid=key.name),
        }
        tally.check(status(server, good) == 200, f"signed tokens: {key.algorithm}")
        for what, token in wrong.items():
            tally.check(status(server, token) == 403, f"signed tokens: {key.algorithm}, {what}")
        # The old mistake of libraries: the public key taken for a shared secret.
        text = encoded({"alg": "HS256", "kid": key.name}) + "." + body
        forged = hmac.new(key.public, text.encode(), hashlib.sha256).digest()
        tally.check(status(server, f"{text}.{encoded(forged)}") == 403, f"signed tokens: {key.algorithm}, forged by HS256")


def rights(server, tally, key):
    def may(what, wanted, token, *request):
        tally.check(status(server, token, *request) == wanted, f"signed tokens: {what}")

    create = ("POST", f"{DATABASE}/collections", {"name": "made-by-token", "get_or_create": True})
    may("a reader reads", 200, key.token(claims()), "GET", f"{DATABASE}/collections")
    may("a reader creates nothing", 403, key.token(claims()), *create)
    may("a writer creates", 200, key.token(claims(role=["read", "write"])), *create)
    may("a role nobody knows allows nothing", 403, key.token(claims(role="superuser")), "GET", f"{DATABASE}/collections")
    may("no role allows nothing", 403, key.token(claims(role=None)), "GET", f"{DATABASE}/collections")
    may("another tenant's user stays out", 403, key.token(claims(tenant="acme")), "GET", f"{DATABASE}/collections")
    may("another database's user stays out", 403, key.token(claims(databases=["x"])), "GET", f"{DATABASE}/collections")
    may("a tenant that is no text opens nothing", 403, key.token(claims(tenant=["*"])), "GET", f"{DATABASE}/collections")
