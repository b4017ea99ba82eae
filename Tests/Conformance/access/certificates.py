"""Authorities and certificates for the tests, made by the openssl command."""
import subprocess
from pathlib import Path

CONFIGURATION = """
[req]
distinguished_name = name
prompt = no
[name]
CN = {name}
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1
[client]
basicConstraints = CA:FALSE
extendedKeyUsage = clientAuth
"""
NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Authority:
    """Signs certificates; its own is at `certificate`."""

    def __init__(self, folder, name="Authority of this test"):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.key, self.certificate = self.folder / "authority.key", self.folder / "authority.pem"
        openssl("req", "-x509", *NEW_KEY, "-config", self.configuration(name), "-extensions", "authority", "-days", 2,
                "-keyout", self.key, "-out", self.certificate)

    def configuration(self, name):
        path = self.folder / "openssl.cnf"
        path.write_text(CONFIGURATION.format(name=name))
        return path

    def sign(self, kind, serial):
        """Paths of a new certificate and its key; `kind` is "server" or "client"."""
        base = self.folder / f"{kind}-{serial}"
        key, request, certificate = (base.with_suffix(suffix) for suffix in (".key", ".csr", ".pem"))
        configuration = self.configuration("localhost" if kind == "server" else "somebody")
        openssl("req", *NEW_KEY, "-config", configuration, "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-set_serial", serial,
                "-days", 2, "-extfile", configuration, "-extensions", kind, "-out", certificate)
        return certificate, key
