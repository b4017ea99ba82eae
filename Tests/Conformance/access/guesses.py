"""Who guesses passwords is made to wait, and nobody else is."""
import socket
import time

import bcrypt

from headers import basic
from subject import PASSWORDS, Subject

FREE = 4
FIRST_WAIT_SECONDS = 1
ATTEMPTS = 5
PATH = "/api/v2/auth/identity"


class Listening(Subject):
    """On an address of its own choice; asked over IPv4 all the same."""

    def __init__(self, command, environment, address):
        super().__init__(command, environment)
        self.address = address

    def arguments(self):
        given = super().arguments()
        given[given.index("--host") + 1] = self.address
        return given


def run(options, clients, tally):
    if options.own:
        print("guesses: Chroma's own server lets anybody guess")
        return
    hashed = bcrypt.hashpw(b"the password", bcrypt.gensalt(4)).decode()
    environment = {
        "CHROMA_SERVER_AUTHN_PROVIDER": PASSWORDS, "CHROMA_SERVER_AUTHN_CREDENTIALS": "\n".join(
            f"{user}:{hashed}" for user in ["admin", *(f"127.7.7.{number}" for number in range(2 * ATTEMPTS + 1))]),
        "CHROMA_MAX_FAILED_ATTEMPTS": str(FREE)}
    for address in ("127.0.0.1", "::"):
        if address == "::" and not speaks_ipv6():
            print("guesses: this machine has no IPv6, so nothing is said of a server on ::")
            continue
        with Listening(options.server, environment, address) as server:
            one_guesser(server, tally, f"guesses, server on {address}")


def one_guesser(server, tally, title):
    for attempt in range(ATTEMPTS):
        found = []
        start = time.monotonic()
        guess(server, found, guesser=f"127.7.7.{2 * attempt + 1}", neighbour=f"127.7.7.{2 * attempt + 2}")
        if time.monotonic() - start < FIRST_WAIT_SECONDS / 2:
            break  # or the wait may have been over before we had looked at it
    for right, what, seen in found:
        tally.check(right, f"{title}: {what}", seen)


def guess(server, found, guesser, neighbour):
    def ask(credentials, address):
        status, headers, body = server.ask("GET", PATH, headers=basic(credentials), address=address)
        return status, headers.get("retry-after"), body

    def expect(status, what, credentials, address):
        seen = ask(credentials, address)
        waits = seen[1] is not None and int(seen[1]) >= 1
        found.append((seen[0] == status and waits == (status == 429), f"{what}: {status}", seen))

    expect(200, "a right password", "admin:the password", guesser)
    for number in range(FREE):
        expect(403, f"wrong number {number + 1}", f"admin:wrong {number}", guesser)
    expect(429, "then the next guess, and how long to wait", "admin:wrong again", guesser)
    expect(429, "a guess at a user that does not exist", "nobody:wrong again", guesser)
    expect(429, "a guess that would be right", f"{guesser}:the password", guesser)
    expect(200, "a password known to be right, from the same address", "admin:the password", guesser)
    expect(200, "a right password from another address", f"{neighbour}:the password", neighbour)
    expect(403, "a guess from another address", "admin:wrong", neighbour)


def speaks_ipv6():
    try:
        with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True):
            return True
    except (OSError, ValueError):
        return False
