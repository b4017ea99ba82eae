"""Virtual environments that hold a classic release of Chroma each: client and server, as published."""
import hashlib
import subprocess
import sys
import threading
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent.parent
CONSTRAINTS = HERE / "constraints.txt"

MAKING = threading.Lock()
# The last of API v1 over requests; v1 over httpx; the last two generations of v2 before the server in Rust.
VERSIONS = ["0.4.24", "0.5.13", "0.5.23", "0.6.3"]


def folder(version):
    return REPOSITORY / f".venv-classic-{version}"


def ensure_environment(version):
    """Python of the environment, made or brought up to date when the pins have changed."""
    home = folder(version)
    python = home / "bin" / "python"
    stamp = home / "pins.sha256"
    wanted = hashlib.sha256(version.encode() + CONSTRAINTS.read_bytes()).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"installing chromadb {version} into {home.name}", flush=True)
    # One at a time and by symbolic links: a copied interpreter cannot be run while another thread's child, forked at
    # that moment, still has it open for writing. From nothing, since one that was cut short may lack anything.
    with MAKING:
        if not stamp.exists():
            venv.create(home, with_pip=True, symlinks=True, clear=True)
    installed = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"chromadb=={version}", "httpx",
         "-c", CONSTRAINTS])
    if installed.returncode != 0:
        sys.exit(f"pip could not install chromadb {version} (is a package index reachable?)")
    stamp.write_text(wanted)
    return python


def ensure_environments(versions=VERSIONS):
    """Python of each environment by version; those that are missing are made at the same time."""
    with ThreadPoolExecutor(max(1, len(versions))) as pool:
        return dict(zip(versions, pool.map(ensure_environment, versions)))


if __name__ == "__main__":
    for python in ensure_environments(sys.argv[1:] or VERSIONS).values():
        print(python)
