"""A Debian root that stands for the platform's build container.

It has a C++ compiler, git and curl, but not libsqlite3-dev, libcrypt-dev and zlib1g-dev. Commands run in it without root's rights, with
everything read-only except the application's directory, the build cache and /tmp; the Swift toolchain and local package mirrors
are mounted from this machine. All mounts are made in a namespace that ends with the command, so nothing is left to unmount.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from process_cost import Cost, run_and_measure

PACKAGES = [
    *("g++", "git", "curl", "ca-certificates"),
    # What the programs of a Swift toolchain are linked with.
    *("libcurl4", "libncurses6", "libsqlite3-0", "libxml2", "zlib1g"),
]
#: libc6-dev wants libcrypt-dev; a container may still be without it.
ABSENT = ["libcrypt-dev", "libsqlite3-dev", "zlib1g-dev"]
BUILDER = 10000
PROXIES = ["http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"]


class Unavailable(Exception):
    """What this machine lacks, and what to do about it."""


@dataclass
class BuilderRoot:
    """The root's directory, and the three that a build may write to."""

    root: Path
    app: Path
    cache: Path
    temporary: Path
    toolchain: Path
    mirrors: list[Path]

    @classmethod
    def make(cls, work: Path, suite: str) -> BuilderRoot:
        """Bootstraps `work/root` unless it is there."""
        if os.geteuid() != 0:
            raise Unavailable("this needs root: it makes a Debian root and mounts things in it")
        for tool, package in [("debootstrap", "debootstrap"), ("unshare", "util-linux"), ("git", "git")]:
            if shutil.which(tool) is None:
                raise Unavailable(f"{tool} is missing: apt-get install {package}")
        toolchain = toolchain_of_path()
        root = work / "root"
        if not (root / ".complete").exists():
            shutil.rmtree(root, ignore_errors=True)
            root.mkdir(parents=True)
            log = work / "debootstrap.log"
            with log.open("w") as output:
                command = ["debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", suite, str(root)]
                status = subprocess.run(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL).returncode
            if status != 0:
                tail = "".join(log.read_text().splitlines(keepends=True)[-3:])
                raise Unavailable(f"debootstrap ended with {status}. Can this machine reach a Debian mirror?\n{tail}")
            remove = ["dpkg", f"--root={root}", "--force-depends", "--remove", *ABSENT]
            subprocess.run(remove, check=True, capture_output=True)
            (root / ".complete").touch()
        made = cls(root, work / "app", work / "cache", work / "tmp", toolchain, [])
        made.mirrors = made.write_git_configuration()
        for path in (made.app, made.cache, made.temporary):
            path.mkdir(exist_ok=True)
            os.chown(path, BUILDER, BUILDER)
        for name in ("resolv.conf", "hosts"):
            if Path("/etc", name).exists():
                shutil.copyfile(Path("/etc", name), root / "etc" / name)
        return made

    def write_git_configuration(self) -> list[Path]:
        """Lets git in the root find packages where git of this machine does. Returns the local mirrors to mount."""
        listed = subprocess.run(
            ["git", "config", "--null", "--get-regexp", r"^url\..*\.insteadof$"], capture_output=True, text=True, cwd="/"
        ).stdout
        lines = ["[safe]", "\tdirectory = *"]
        mirrors: set[Path] = set()
        for entry in filter(None, listed.split("\0")):
            key, _, instead = entry.partition("\n")
            base = key[len("url.") : -len(".insteadof")]
            lines += [f'[url "{base}"]', f"\tinsteadOf = {instead}"]
            if base.startswith("/") and Path(base).is_dir():
                mirrors.add(Path(base))
        (self.root / "etc/gitconfig").write_text("\n".join(lines) + "\n")
        return sorted(mirrors)

    def run(self, script: str, environment: dict[str, str], deadline: float, log: Path, extra: dict[Path, str] | None = None) -> Cost:
        """Runs `script` with dash in /app, as a build hook.

        `extra` are more directories to mount, read-only. Raises `TimeoutError` after `deadline` seconds; the processes are
        gone then.
        """
        mounts = [
            (self.app, "/app", "rw"),
            (self.cache, "/cache", "rw"),
            (self.temporary, "/tmp", "rw"),
            (self.toolchain, str(self.toolchain), "ro"),
            *((mirror, str(mirror), "ro") for mirror in self.mirrors),
            *((path, place, "ro") for path, place in (extra or {}).items()),
        ]
        quoted = shlex.quote(str(self.root))
        lines = [
            "set -e",
            f"mount --bind {quoted} {quoted}",
            f"mount -t proc proc {quoted}/proc",
        ]
        for node in ("null", "zero", "full", "random", "urandom", "tty"):
            lines += [f"touch {quoted}/dev/{node}", f"mount --bind /dev/{node} {quoted}/dev/{node}"]
        for source, place, mode in mounts:
            target = shlex.quote(f"{self.root}{place}")
            lines += [f"mkdir -p {target}", f"mount --bind {shlex.quote(str(source))} {target}"]
            if mode == "ro":
                lines.append(f"mount -o remount,bind,ro {target}")
        lines += [
            f"mount -o remount,bind,ro {quoted}",
            f'exec chroot --userspec={BUILDER}:{BUILDER} {quoted} /usr/bin/dash -c "$HOOK"',
        ]
        outer = {
            "PATH": f"{self.toolchain}/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            **{name: os.environ[name] for name in PROXIES if name in os.environ},
            **environment,
            "HOOK": f"unset HOOK; cd /app; {script}",
        }
        command = ["unshare", "--mount", "--propagation=private", "--pid", "--fork", "--kill-child", "sh", "-c", "\n".join(lines)]
        return run_and_measure(command, outer, deadline, log)


def toolchain_of_path() -> Path:
    """The directory above usr/bin/swift."""
    swift = shutil.which("swift")
    if swift is None:
        raise Unavailable("there is no swift on PATH: https://www.swift.org/install/")
    prefix = Path(swift).resolve().parent.parent.parent
    if prefix == Path("/") or not (prefix / "usr/bin/swift").exists():
        raise Unavailable(f"{swift} is not in a directory of its own that could be mounted, such as /opt/swift/usr/bin")
    return prefix
