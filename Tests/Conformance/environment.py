"""The virtual environment that holds Chroma's client and its test-suite, at the versions pinned here.

Other tests keep one of their own with `ensure_environment(home, pins)`.
"""
import hashlib
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
VENV = REPOSITORY / ".venv-suite"
PINS = [HERE / "requirements.txt", HERE / "constraints.txt"]


def ensure_environment(home=VENV, pins=PINS):
    """Python of `home`, made or brought up to date when the pins (requirements, constraints) have changed."""
    python = home / "bin" / "python"
    stamp = home / "pins.sha256"
    wanted = hashlib.sha256(b"".join(path.read_bytes() for path in pins)).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"installing {pins[0].relative_to(REPOSITORY)} into {home.name}", flush=True)
    if not python.exists():
        venv.create(home, with_pip=True)
    installed = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", pins[0], "-c", pins[1]])
    if installed.returncode != 0:
        sys.exit(f"pip could not install {pins[0].relative_to(REPOSITORY)} (is a package index reachable?)")
    stamp.write_text(wanted)
    return python


def suite_folder():
    """The folder of Chroma's own tests in the installed wheel."""
    return next(VENV.glob("lib/python3*/site-packages/chromadb/test"))


if __name__ == "__main__":
    print(ensure_environment())
