"""The directory in which one emulated environment lives."""
import fcntl
import hashlib
import json
import os
import secrets
import string
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator

from .console import Failure


class State:
    """Paths and small JSON files of an environment."""

    def __init__(self, root: Path, is_default: bool = False):
        self.root, self.is_default = root.absolute(), is_default

    def __truediv__(self, name: str) -> Path:
        return self.root / name

    @property
    def exists(self) -> bool:
        return (self / "environment.json").exists()

    def make(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o700)
        ignore = self / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")

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
    def changing(self) -> Iterator[None]:
        """One verb at a time changes an environment."""
        self.make()
        with open(self / "changing.lock", "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Failure(f"Another command is changing {self.root}. Wait for it to end.") from None
            yield


def new_environment(branch: str, kind: str | None, project: Path) -> dict[str, Any]:
    """What stays the same over all deployments of an environment."""
    letters = string.ascii_lowercase + "234567"
    tag = hashlib.sha256(branch.encode()).hexdigest()
    suffix = "".join(letters[int(tag[i * 2:i * 2 + 2], 16) % 26] for i in range(7))
    return {
        "id": secrets.token_hex(4),
        "branch": branch,
        "environment": f"{branch}-{suffix}",
        "type": kind or ("production" if branch == "main" else "development"),
        "project": "localproject",
        "entropy": "".join(secrets.choice(letters) for _ in range(56)).upper(),
        "repository": str(project),
    }
