"""The directory in which one emulated environment lives."""
import fcntl
import hashlib
import json
import os
import re
import secrets
import string
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator

from . import tree
from .console import USAGE, Failure

LETTERS = string.ascii_lowercase + "234567"

# One of these is there from the beginning.
MARKS = ("changing.lock", "environment.json", "variables.json")


class State:
    """Paths and small JSON files of an environment."""

    def __init__(self, root: Path, is_default: bool = False):
        self.root, self.is_default = root.absolute(), is_default

    def __truediv__(self, name: str) -> Path:
        return self.root / name

    @property
    def exists(self) -> bool:
        return (self / "environment.json").exists()

    @property
    def is_ours(self) -> bool:
        """Whether the directory was made by this program, and is no repository."""
        return any((self / name).is_file() for name in MARKS) and not os.path.lexists(self / ".git")

    def make(self) -> None:
        """Makes the directory; takes over an empty one, but none that holds anything else."""
        if not str(self.root).isprintable() or "$" in str(self.root):
            raise Failure(f"{str(self.root)!r} cannot be in nginx's configuration: choose a path without '$': --state DIR")
        if os.path.lexists(self.root) and not self.is_ours and not (self.root.is_dir() and not os.listdir(self.root)):
            raise Failure(f"{self.root} holds other things than an environment. Choose an empty or a new directory: --state DIR")
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o700)
        (self / "changing.lock").touch()
        ignore = self / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")

    def remove(self) -> None:
        """Removes the environment with all its data."""
        if not self.is_ours:
            raise Failure(f"{self.root} is not removed: it holds no environment, or other things as well")
        # The marks go last: what could not be removed as a whole can be tried again.
        for path in self.root.iterdir():
            if path.is_dir() and not path.is_symlink():
                tree.remove(path)
            elif path.name not in MARKS:
                path.unlink()
        tree.remove(self.root)

    def app(self, name: str) -> Path:
        return self / "apps" / name

    def log(self, app: str, kind: str = "app") -> Path:
        return self.app(app) / "log" / f"{kind}.log"

    def storage(self, app: str) -> Path:
        """Where the app's storage mounts lie."""
        return self.app(app) / "storage"

    def read(self, name: str, default: Any = None) -> Any:
        try:
            return json.loads((self / name).read_text())
        except FileNotFoundError:
            return default
        except json.JSONDecodeError:
            raise Failure(f"{self / name} cannot be read. Remove {self.root} to begin anew (its data are lost).") from None

    def write(self, name: str, value: Any) -> None:
        """Whole or not at all."""
        path = self / name
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(path.name + f".{os.getpid()}")
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(value, file, indent=1)
            file.write("\n")
        beside.replace(path)

    def environment(self) -> dict[str, Any]:
        return self.read("environment.json", {})

    @contextmanager
    def changing(self, patience: float = 0) -> Iterator[None]:
        """One verb at a time changes an environment."""
        self.make()
        deadline = time.monotonic() + patience
        with open(self / "changing.lock", "w") as lock:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() >= deadline:
                        raise Failure(f"Another command is changing {self.root}. Wait for it to end.") from None
                time.sleep(0.05)
            yield


def label_of(branch: str) -> str:
    """A branch's name as a part of host names: what is no letter, digit or dash becomes one dash, and 55 characters are kept."""
    label = re.sub(r"[^a-z0-9-]+", "-", branch.lower())[:55].strip("-")
    return label or f"branch-{tag_of(branch)}"


def tag_of(branch: str) -> str:
    """Seven characters that tell branches apart whose labels are the same."""
    digest = hashlib.sha256(branch.encode()).digest()
    return "".join(LETTERS[byte % 26] for byte in digest[:7])


def new_environment(branch: str, kind: str | None, project: Path) -> dict[str, Any]:
    """What stays the same over all deployments of an environment."""
    if not branch.strip() or not branch.isprintable():
        raise Failure(f"--environment: {branch!r} cannot be a branch's name", USAGE)
    return {
        "id": secrets.token_hex(4),
        "branch": branch,
        "environment": f"{label_of(branch)}-{tag_of(branch)}",
        "type": kind or ("production" if branch == "main" else "development"),
        "project": "localproject",
        "entropy": "".join(secrets.choice(LETTERS) for _ in range(56)).upper(),
        "repository": str(project),
    }
