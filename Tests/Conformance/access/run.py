#!/usr/bin/env python3
"""Authentication, TLS included, through the official clients and by hand.

    run.py --server .build/release/chroma              all groups
    run.py --server ... roles headers                  some: credentials roles scopes headers refusals
                                                       guesses signed_tokens own_token encryption
    run.py --own                                       Chroma 0.5.23's own server, which is the reference for these

Random choices follow --seed, which is printed; example N of a run has seed SEED + N.
"""
import argparse
import os
import secrets
import sys
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "classic")]

import environment  # noqa: E402

RELEASES = ["0.4.24", "0.5.13", "0.5.23", "0.6.3", "1.5.9"]
OWN_RELEASES = ["0.5.23", "0.6.3"]  # that understand its answers
GROUPS = ["credentials", "roles", "scopes", "headers", "refusals", "guesses", "signed_tokens", "own_token", "encryption"]
REEXECUTED = "ACCESS_TESTS_IN_SUITE_ENVIRONMENT"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--server", help="path of the binary under test")
    which.add_argument("--own", action="store_true", help="Chroma's own server 0.5.23")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--examples", type=int, default=5, help="random policies, and sets of credentials (default: 5)")
    parser.add_argument("group", nargs="*", help=f"some of: {' '.join(GROUPS)}")
    options = parser.parse_args()
    unknown = set(options.group) - set(GROUPS)
    if unknown:
        parser.error(f"no group {', '.join(sorted(unknown))}")
    python = environment.ensure_environment()
    if REEXECUTED not in os.environ:  # bcrypt and YAML are there
        os.execve(python, [str(python), __file__, *sys.argv[1:]], {**os.environ, REEXECUTED: "1"})
    if options.seed is None:
        options.seed = secrets.randbelow(1_000_000)
    print(f"seed {options.seed}", flush=True)

    import credentials
    import encryption
    import guesses
    import own_token
    import signed_tokens
    import headers
    import refusals
    import roles
    import scopes
    from environments import ensure_environments
    from subject import Client, Tally

    modules = {"credentials": credentials, "roles": roles, "scopes": scopes, "headers": headers,
               "refusals": refusals, "guesses": guesses, "signed_tokens": signed_tokens, "own_token": own_token,
               "encryption": encryption}
    releases = OWN_RELEASES if options.own else RELEASES
    pythons = {"1.5.9": python, **ensure_environments([each for each in releases if each != "1.5.9"])}
    clients = [Client(version, pythons[version]) for version in releases]
    tally = Tally()
    for group in options.group or GROUPS:
        start, passed, failed = time.monotonic(), tally.passed, tally.failed
        try:
            modules[group].run(options, clients, tally)
        except Exception:
            tally.check(False, f"{group}: cut short", traceback.format_exc())
        print(f"{group}: {tally.passed - passed} passed, {tally.failed - failed} failed, "
              f"{time.monotonic() - start:.0f} s", flush=True)
    for client in clients:
        client.close()
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main())
