"""The virtual environment that holds Chroma's client and its test-suite, at the versions pinned here."""
import hashlib
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
VENV = REPOSITORY / ".venv-suite"
PINS = [HERE / "requirements.txt", HERE / "constraints.txt"]


def ensure_environment():
    """Python of `.venv-suite`, made or brought up to date when the pins have changed."""
    python = VENV / "bin" / "python"
    stamp = VENV / "pins.sha256"
    wanted = hashlib.sha256(b"".join(path.read_bytes() for path in PINS)).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"installing {PINS[0].relative_to(REPOSITORY)} into {VENV.name}", flush=True)
    if not python.exists():
        venv.create(VENV, with_pip=True)
    installed = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", PINS[0], "-c", PINS[1]])
    if installed.returncode != 0:
        sys.exit("pip could not install the test-suite (is a package index reachable?)")
    stamp.write_text(wanted)
    return python


def suite_folder():
    """The folder of Chroma's own tests in the installed wheel."""
    return next(VENV.glob("lib/python3*/site-packages/chromadb/test"))


if __name__ == "__main__":
    print(ensure_environment())
