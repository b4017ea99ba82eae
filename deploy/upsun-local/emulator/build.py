"""The build phase: a clean export, the build hook with nothing but the build's environment, and a frozen tree."""
import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from . import driver, tree, variables
from .console import SIGNALS, Clock, Failure, say, size
from .processes import before_exec, end_session
from .project import App, Mount, below
from .state import State

SECONDS = 3600

Prepared = tuple[list[str], dict[str, str], str]  # Command, environment, directory.


@dataclass
class Ready:
    """Things that the hooks need not make or fetch: directories of the machine, and variables that name them."""

    directories: dict[str, Path] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)

    def binds(self) -> list[list[str]]:
        """Each file by itself: it may be a link to where the build cannot see, or lie where its user may not go."""
        return [
            [str(path.resolve()), f"{inside}/{path.name}", "ro"]
            for inside, outside in self.directories.items() for path in sorted(outside.iterdir()) if path.is_file()]

    def for_plain(self) -> dict[str, str]:
        """The same where directories keep their own paths."""
        result = {}
        for name, value in self.variables.items():
            for inside, outside in self.directories.items():
                value = value.replace(inside, str(outside))
            result[name] = value
        return result


def ready_things(apps: dict[str, App], binaries: Path | None, model: Path | None) -> Ready:
    """`<APP>_BINARY_URL` and `<APP>_BINARY_SHA256` for binaries of the apps' names, CHROMA_MODEL_URL for a model."""
    ready = Ready()
    if binaries is not None:
        found = [name for name in apps if (binaries / name).is_file()]
        if not found:
            raise Failure(f"{binaries} holds none of {', '.join(apps)}. Build them (make build), or leave --binaries out.")
        ready.directories["/ready/binaries"] = binaries.resolve()
        for name in found:
            with open(binaries / name, "rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            prefix = variables.shouted(name)
            ready.variables[f"{prefix}_BINARY_URL"] = f"file:///ready/binaries/{name}"
            ready.variables[f"{prefix}_BINARY_SHA256"] = digest
    if model is not None:
        ready.directories["/ready/model"] = model.resolve()
        ready.variables["CHROMA_MODEL_URL"] = "/ready/model"
    return ready


@dataclass
class Built:
    """A frozen tree."""

    app: str
    key: str
    tree: Path
    tree_id: str
    fresh: bool
    facts: dict[str, Any]


class Builder:
    def __init__(self, state: State, repository: Path, kind: str, ready: Ready):
        self.state, self.repository, self.kind, self.ready = state, repository, kind, ready
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def cache(self) -> Path:
        return self.state / "cache"

    def build(self, app: App, again: bool = False) -> Built:
        """Builds an app, or finds that nothing it is made of has changed."""
        clock = Clock()
        folder = self.state.app(app.name) / "trees"
        origin = self.repository / app.source
        names = tree.source_files(self.repository, app.source)
        digest = tree.fingerprint(origin, names)
        key = self.key(app, digest)
        record = next((path for path in sorted(folder.glob(f"{key}*.json")) if path.with_suffix("").exists()), None)
        if record is not None and not again:
            say(f"  {app.name}: nothing changed since the last build ({clock})")
            known = json.loads(record.read_text())
            return Built(app.name, record.stem, record.with_suffix(""), known["tree_id"], False, known)
        if record is not None:
            # That tree may be in use: the new one lies beside it.
            key = f"{key}-{os.urandom(3).hex()}"
        target = folder / key
        record = folder / f"{key}.json"
        tree.remove(target)
        target.mkdir(parents=True)
        tree.export(origin, names, target)
        say(f"  {app.name}: exported {size(tree.size(target))} ({clock})")
        if loose := tree.uncommitted(self.repository):
            say(f"  note: {loose} of its files are not committed as they lie here; a push would send the committed ones")
        facts: dict[str, Any] = {"tree_id": hashlib.sha1(key.encode()).hexdigest(), "source": digest, "hook_seconds": 0.0,
                                 "hook_cpu_seconds": 0.0, "hook_peak_rss": 0}
        hook = app.hook("build")
        try:
            if app.values.get("dependencies"):
                self.dependencies(app)
            if hook:
                facts.update(self.run(app, hook, target, facts["tree_id"]))
        except BaseException:
            tree.remove(target)
            raise
        self.freeze(app, target)
        facts["size"] = tree.size(target)
        facts["manifest"] = tree.manifest(target, [mount.path for mount in app.mounts])
        record.write_text(json.dumps(facts))
        say(f"  {app.name}: {len(facts['manifest'])} files, {size(facts['size'])}; hook {facts['hook_seconds']:.1f} s, "
            f"{facts['hook_cpu_seconds']:.1f} s of CPU")
        return Built(app.name, key, target, facts["tree_id"], True, facts)

    def key(self, app: App, digest: str) -> str:
        """A name for everything that a build depends on."""
        inputs = [digest, app.for_build, variables.effective(self.state, app, "visible_build"), self.ready.variables, self.kind]
        return hashlib.sha1(json.dumps(inputs, sort_keys=True, default=str).encode()).hexdigest()[:16]

    def dependencies(self, app: App) -> None:
        names = ", ".join(name for group in app.values["dependencies"].values() for name in group)
        say(f"  {app.name}: dependencies ({names}) are not installed here: the build uses what the machine has")

    def path(self) -> str:
        """PATH of a build: the system's directories, and where this machine keeps Swift."""
        swift = shutil.which("swift")
        return variables.PATH if swift is None else f"{Path(swift).parent}:{variables.PATH}"

    def run(self, app: App, hook: str, target: Path, tree_id: str) -> dict[str, Any]:
        self.cache.mkdir(exist_ok=True)
        scratch = self.state.app(app.name) / "build-tmp"
        tree.remove(scratch)
        scratch.mkdir()
        log = self.state.log(app.name, "build")
        log.parent.mkdir(parents=True, exist_ok=True)
        clock = Clock()
        around = [target.parent, self.state.app(app.name)] if self.kind == "plain" else []
        before = self.outside(around)
        try:
            prepared = self.rooted if self.kind == "root" else self.loose
            with open(log, "wb") as file, tempfile.TemporaryFile("w+") as specification:
                command, environment, directory = prepared(app, hook, target, scratch, tree_id, specification)
                for folder in around:
                    folder.chmod(0o555)
                status, usage = self.stream(command, environment, directory, file, specification.fileno())
            changes = tree.differences(before, self.outside(around))
        finally:
            for folder in around:
                folder.chmod(0o755)
            tree.remove(scratch)
        facts = {"hook_seconds": round(clock.seconds, 2), "hook_cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2),
                 "hook_peak_rss": usage.ru_maxrss * 1024}
        if status != 0:
            raise Failure(f"{app.name}: the build hook ended with {ending(status)} after {clock}. Its output is in {log}")
        if changes:
            raise Failure(
                f"{app.name}: the build hook wrote outside $PLATFORM_APP_DIR, $PLATFORM_CACHE_DIR and /tmp, which the "
                f"platform would not let it: {'; '.join(changes[:5])}")
        return facts

    def rooted(self, app: App, hook: str, target: Path, scratch: Path, tree_id: str, file: TextIO) -> Prepared:
        """In a mount namespace: the tree at /app, the cache, /tmp, and nothing else to write to.

        file: takes the specification. It has no name, since variables that are secret are in it.
        """
        scratch.chmod(0o1777)
        for owned in (target, self.cache):
            if os.stat(owned).st_uid != driver.APP_UID or owned is target:
                tree.give(owned, driver.APP_UID)
        root = self.state.app(app.name) / "root"
        root.mkdir(exist_ok=True)
        # On the platform the cache shares the volume of /tmp.
        (scratch / "cache").mkdir()
        specification = {
            "root": str(root), "hosts": driver.host_directories(system_only=False), "system": "machine", "controls": [],
            "memory": [], "ready": None, "hostname": None, "identity": [driver.APP_UID, driver.APP_UID], "run_as_identity": True,
            "directory": "/app",
            "binds": [
                [str(target), "/app", "rw"], [str(scratch), "/tmp", "rw"], [str(self.cache), "/tmp/cache", "rw"],
                *self.ready.binds()],
            "run": [driver.tool("dash"), "-c", "--", hook],
            "environment": {
                **variables.build(self.state, app, "/app", "/app", "/tmp/cache", tree_id, self.path()), **self.ready.variables},
        }
        json.dump(specification, file)
        file.seek(0)
        command = [
            driver.tool("unshare"), "--mount", "--pid", "--fork", "--kill-child=KILL", sys.executable, str(driver.SANDBOX),
            str(file.fileno())]
        return command, {"PATH": variables.PATH}, "/"

    def loose(self, app: App, hook: str, target: Path, scratch: Path, tree_id: str, file: TextIO) -> Prepared:
        environment = variables.build(self.state, app, str(target), str(target), str(self.cache), tree_id, self.path())
        environment = {**environment, **self.ready.for_plain()}
        return [driver.tool("dash"), "-c", "--", variables.relocate_command(hook, str(target))], environment, str(target)

    def stream(
        self, command: list[str], environment: dict[str, str], directory: str, log: BinaryIO, specification: int
    ) -> tuple[int, resource.struct_rusage]:
        """Runs the hook, shows and keeps what it says; ends everything it started when it must."""
        with SIGNALS.held_back():
            process = subprocess.Popen(
                command, env=environment, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                start_new_session=True, preexec_fn=before_exec([]), pass_fds=[specification] if self.kind == "root" else [])
            late = threading.Timer(SECONDS, end_session, [process.pid])
            late.daemon = True
            late.start()
            assert process.stdout is not None
            try:
                SIGNALS.release()
                for line in process.stdout:
                    log.write(line)
                    log.flush()
                    say("    " + line.decode(errors="replace").rstrip("\n"))
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            finally:
                late.cancel()
                end_session(process.pid)
                process.stdout.close()
        return process.returncode, usage

    def freeze(self, app: App, target: Path) -> None:
        """Makes the mount points, warns of what they will hide, and takes the write permission away."""
        for mount in app.mounts:
            point = target / mount.path
            if not point.parent.resolve().is_relative_to(target.resolve()):
                raise Failure(f"{app.name}: '{mount.path}' passes a link that leads out of the tree: nothing can be mounted there")
            if point.is_dir() and any(point.iterdir()):
                say(f"  {app.name}: warning: the tree has files in {mount.path}/, which the mount will hide")
            if self.kind == "root":
                point.mkdir(parents=True, exist_ok=True)
            else:
                tree.remove(point) if point.is_dir() and not point.is_symlink() else point.unlink(missing_ok=True)
                point.parent.mkdir(parents=True, exist_ok=True)
                point.symlink_to(place_of(self.state, app, mount))
        if self.kind == "plain":
            tree.make_read_only(target)

    def outside(self, around: list[Path]) -> tree.Manifest:
        """What a hook could spoil where nothing stops it: the repository (size and time of each file will do), and beside the tree."""
        beside = [path for folder in around for path in folder.iterdir()]
        result = {str(path): "" if path.is_dir() else str(path.lstat().st_mtime_ns) for path in beside}
        for name in tree.pushed_files(self.repository) if around else []:
            facts = os.lstat(self.repository / name)
            result[name] = f"{facts.st_size} {facts.st_mtime_ns}"
        return result


def place_of(state: State, app: App, mount: Mount) -> Path:
    """Where a mount's content lies, in the state directory. Links that an app made do not lead out of there."""
    stored = mount.source in ("storage", "service")
    top = state.app((mount.service or app.name) if stored else app.name) / ("storage" if stored else mount.source)
    place = top / mount.source_path
    if below(mount.source_path) is None or not place.resolve().is_relative_to(top.resolve()):
        raise Failure(f"{app.name}: the mount '/{mount.path}' leads out of {top}: change its source_path, or remove the link there")
    return place


def ending(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    return f"signal {signal.Signals(-status).name}"


def forget_old_trees(state: State, app: str, keep: set[str]) -> None:
    """Removes trees that no deployment uses any more."""
    folder = state.app(app) / "trees"
    if not folder.exists():
        return
    for path in folder.iterdir():
        if path.stem not in keep and path.suffix == ".json":
            path.unlink()
        elif path.is_dir() and path.name not in keep:
            tree.remove(path)
