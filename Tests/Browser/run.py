#!/usr/bin/env python3
"""Drives the sample app's pages in a headless Chromium.

    run.py --myapp .build-release/release/myapp --server .build-release/release/chroma
    run.py --myapp … --server … --only keyboard --only phone      cases whose title holds one of the words

Starts the database server on a directory of its own and the app on it with a few articles of the sample corpus, with a
stand-in chat server where a case wants one. Leaves screenshots and the logs in --screenshots.
"""
import argparse
import os
import sys
import tempfile
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
sys.path.append(str(HERE.parent / "Conformance"))  # after this folder, whose names come first

from environment import ensure_environment  # noqa: E402

VENV = REPOSITORY / ".venv-browser"
PINS = [HERE / "requirements.txt", HERE / "constraints.txt"]
REEXECUTED = "BROWSER_TESTS_IN_OWN_ENVIRONMENT"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--myapp", required=True, help="path of the sample app's binary")
    parser.add_argument("--server", required=True, help="path of the database server's binary")
    parser.add_argument("--screenshots", type=Path, default=REPOSITORY / ".build" / "screenshots")
    parser.add_argument("--only", action="append", default=[], help="cases whose title holds this; may be repeated")
    options = parser.parse_args()
    python = ensure_environment(VENV, PINS)
    if REEXECUTED not in os.environ:  # selenium is there
        os.execve(python, [str(python), __file__, *sys.argv[1:]], {**os.environ, REEXECUTED: "1"})
    options.myapp, options.server = (path if not os.path.exists(path) else os.path.abspath(path)
                                     for path in (options.myapp, options.server))
    return run(options)


def run(options):
    import pages_cases  # noqa: F401  (each registers its cases)
    import library_cases  # noqa: F401
    import model_cases  # noqa: F401
    from browser import Browser
    from cases import CASES, World
    from server import Server
    from services import MyApp, make_home

    wanted = [(title, function) for title, function in CASES
              if not options.only or any(word in title for word in options.only)]
    if not wanted:
        sys.exit(f"no case has {' or '.join(options.only)} in its title")
    screenshots = options.screenshots.resolve()
    screenshots.mkdir(parents=True, exist_ok=True)
    failed = 0
    with tempfile.TemporaryDirectory(prefix="myapp-in-the-browser-") as folder:
        home = make_home(folder)
        with Server(options.server, log=screenshots / "server.log") as database:
            def start_app(**environment):
                return MyApp(options.myapp, home, database.port, screenshots / "myapp.log", **environment)

            with start_app() as app:
                browser = Browser(screenshots)
                try:
                    world = World(browser, app, database, Path(folder) / "files", start_app)
                    for title, function in wanted:
                        failed += not passes(title, function, world, browser)
                finally:
                    browser.close()
    print(f"{len(wanted) - failed} passed, {failed} failed")
    return 1 if failed else 0


def passes(title, function, world, browser):
    """Runs a case. No page may have tried what its policy forbids, whatever else the case looks at."""
    started = time.monotonic()
    try:
        browser.size(1280, 860)
        browser.scheme("light")
        function(world)
        breaches, errors = browser.breaches(), browser.script_errors()
        assert not breaches, f"against the content policy: {breaches}"
        assert not errors, f"errors of scripts: {errors}"
    except Exception as error:  # every failure is a result
        print(f"FAILED  {title}  ({time.monotonic() - started:.1f} s)", flush=True)
        print("        " + "\n        ".join(str(error).strip().splitlines() or [repr(error)]))
        place = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in place if frame.filename.endswith("_cases.py")]
        print(f"        {Path(own[-1].filename).name}:{own[-1].lineno}" if own else traceback.format_exc(), flush=True)
        browser.screenshot(f"FAILED-{function.__name__}")
        return False
    print(f"passed  {title}  ({time.monotonic() - started:.1f} s)", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
