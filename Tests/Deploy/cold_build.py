#!/usr/bin/env python3
"""Builds both applications from source as the platform's build container would, and measures it.

A Debian root with a C++ compiler but without libsqlite3-dev, libcrypt-dev and zlib1g-dev, nobody's rights, a read-only system and an empty
cache; then again with the cache, and again with one changed file. Each time the tree is a fresh export whose files are all new.

    sudo env PATH="$PATH" make test-deploy-cold

It needs root, debootstrap, a Swift toolchain on PATH in a directory of its own, and a way to a Debian mirror and to the Swift
packages (local mirrors that git is configured for are mounted). It takes half an hour on two cores and 6 GB of disk.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from builder_root import BUILDER, BuilderRoot, Unavailable  # noqa: E402
from process_cost import Cost  # noqa: E402

REPOSITORY = Path(__file__).resolve().parents[2]
PRODUCTS = ("chroma", "myapp")
CHANGED = "chroma/Sources/Healthcheck.swift"
#: What the platform allows a build hook.
BUILD_DEADLINE = 3600.0
MODEL = "all-MiniLM-L6-v2"


class Checks:
    """Prints each as it is made, and counts."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0

    def that(self, holds: bool, what: str, otherwise: str = "") -> bool:
        print(f"  {'ok  ' if holds else 'FAIL'} {what}{'' if holds or not otherwise else ': ' + otherwise}", flush=True)
        if holds:
            self.passed += 1
        else:
            self.failed += 1
        return holds


def export(target: Path) -> set[str]:
    """What a push would bring, as files of now. Returns their paths."""
    shutil.rmtree(target)
    target.mkdir()
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=REPOSITORY, capture_output=True, check=True
    ).stdout.decode()
    paths = {path for path in listed.split("\0") if path and not path.startswith(".upsun/") and (REPOSITORY / path).is_file()}
    for path in paths:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / path, target / path)
    for folder, _, files in os.walk(target):
        for name in (folder, *(os.path.join(folder, file) for file in files)):
            os.chown(name, BUILDER, BUILDER)
    return paths


def size(path: Path) -> int:
    """Bytes on disk of everything below."""
    return int(subprocess.run(["du", "-s", "--block-size=1", str(path)], capture_output=True, text=True).stdout.split()[0])


def megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB"


def model_directory(given: str | None) -> Path | None:
    """The embedding model on this machine, so that it need not be fetched."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    candidates = [Path(given)] if given else [Path(p) for p in [os.environ.get("CHROMA_MODEL_PATH")] if p] + [cache / "chroma/models" / MODEL]
    return next((path for path in candidates if (path / "model.safetensors").exists()), None)


def hook(builder: BuilderRoot, product: str, model: Path | None, jobs: str | None, log: Path) -> Cost:
    environment = {
        "CI": "1",
        "HOME": "/app",
        "PLATFORM_APP_DIR": "/app",
        "PLATFORM_APPLICATION_NAME": product,
        "PLATFORM_CACHE_DIR": "/cache",
        **({"CHROMA_MODEL_URL": "/model"} if model else {}),
        **({"CHROMA_BUILD_JOBS": jobs} if jobs else {}),
    }
    return builder.run(f"set -e; {product}/build.sh", environment, BUILD_DEADLINE, log, {model: "/model"} if model else None)


def check_tree(checks: Checks, app: Path, exported: set[str]) -> None:
    left = {str(path.relative_to(app)) for path in app.rglob("*") if path.is_file() or path.is_symlink()} - exported
    ours = {f"bin/{product}" for product in PRODUCTS} | {f"models/{MODEL}/{name}" for name in ("model.safetensors", "vocab.txt")}
    checks.that(left <= ours, "nothing of the build stays in the tree", ", ".join(sorted(left - ours)[:5]))


def check_binary(checks: Checks, app: Path, product: str) -> None:
    path = app / "bin" / product
    if not checks.that(path.exists(), f"bin/{product} is there"):
        return
    needed = subprocess.run(["readelf", "-d", str(path)], capture_output=True, text=True).stdout
    names = {line.split("[")[1].rstrip("]") for line in needed.splitlines() if "(NEEDED)" in line}
    own = {name for name in names if name.split(".")[0] in ("libc", "libm", "libgcc_s", "libstdc++", "ld-linux-x86-64", "ld-linux-aarch64")}
    checks.that(names == own, f"bin/{product} needs glibc and libstdc++ only", ", ".join(sorted(names - own)))
    sections = subprocess.run(["readelf", "-S", str(path)], capture_output=True, text=True).stdout
    checks.that(".symtab" not in sections and ".debug_info" not in sections, f"bin/{product} is stripped, {megabytes(path.stat().st_size)}")


def check_server(checks: Checks, app: Path) -> None:
    """The binary answers on this machine, from an empty directory."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as data:
        environment = {"PATH": os.environ["PATH"], "PORT": str(port), "CHROMA_PERSIST_PATH": data, "PLATFORM_APP_DIR": str(app)}
        server = subprocess.Popen([app / "chroma/start.sh"], env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        try:
            answer, deadline = None, time.monotonic() + 20
            while answer is None and server.poll() is None and time.monotonic() < deadline:
                try:
                    answer = urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v2/healthcheck", timeout=5).status
                except OSError:
                    time.sleep(0.05)
            checks.that(answer == 200, "chroma/start.sh serves", f"status {server.poll()}")
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                _, log = server.communicate(timeout=15)
            except subprocess.TimeoutExpired:
                server.kill()
                _, log = server.communicate()
        checks.that(server.returncode == 0, "and ends with 0 on SIGTERM", log.decode(errors="replace")[-200:])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", metavar="DIR", help="keep the root and the cache here for the next time (default: a temporary directory)")
    parser.add_argument("--suite", default="bookworm", help="Debian release of the root (bookworm); one that the toolchain is made for")
    parser.add_argument("--model", metavar="DIR", help="a directory with the embedding model (default: this user's cache, else it is fetched)")
    parser.add_argument("--jobs", help="CHROMA_BUILD_JOBS of the build")
    arguments = parser.parse_args()
    # Ended from outside, too, everything below is undone.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    with tempfile.TemporaryDirectory(prefix="chroma-cold-build.") as temporary:
        work = Path(arguments.work or temporary)
        work.mkdir(parents=True, exist_ok=True)
        # The builder has to get through to its directories.
        work.chmod(0o755)
        try:
            begun = time.monotonic()
            builder = BuilderRoot.make(work, arguments.suite)
        except Unavailable as lack:
            print(f"cold build: {lack}", file=sys.stderr)
            return 69
        print(f"Debian {arguments.suite} root, {megabytes(size(builder.root))} ({time.monotonic() - begun:.0f} s)", flush=True)
        model = model_directory(arguments.model)
        checks = Checks()
        rows: list[str] = []
        if arguments.work:
            shutil.rmtree(builder.cache)
            builder.cache.mkdir()
            os.chown(builder.cache, BUILDER, BUILDER)
        changed_file = builder.app / CHANGED
        for turn in ("cold", "warm", "one file changed"):
            exported = export(builder.app)
            if turn == "one file changed":
                changed_file.write_text(changed_file.read_text() + "\nprivate let changedByTheColdBuild = 1\n")
            print(f"{turn}:", flush=True)
            for product in PRODUCTS:
                log = work / f"{turn.replace(' ', '-')}-{product}.log"
                log.unlink(missing_ok=True)
                try:
                    cost = hook(builder, product, model, arguments.jobs, log)
                except TimeoutError as late:
                    checks.that(False, f"{product} is built", str(late))
                    continue
                lines = log.read_text(errors="replace").splitlines()
                for line in lines:
                    if line.startswith("[build]"):
                        print(f"       {line}")
                name, peak = cost.largest
                rows.append(
                    f"| {turn} | {product} | {cost.seconds:.0f} | {cost.cpu_seconds:.0f} | {name} {megabytes(peak)} | {megabytes(cost.together)} "
                    f"| {megabytes(size(builder.cache))} | {megabytes(size(builder.app))} |"
                )
                print("       " + ", ".join(f"{program} {megabytes(most)}" for program, most in sorted(cost.programs.items(), key=lambda i: -i[1])[:6]))
                if not checks.that(cost.status == 0, f"{product}/build.sh ends with 0", f"{cost.status}; the end of its log:"):
                    print("\n".join(lines[-30:]))
                check_binary(checks, builder.app, product)
            check_tree(checks, builder.app, exported)
        if (builder.app / "bin/chroma").exists():
            check_server(checks, builder.app)
        print("\n| build | app | seconds | CPU seconds | largest process | all together | cache after | tree after |")
        print("| --- | --- | ---: | ---: | --- | ---: | ---: | ---: |")
        print("\n".join(rows))
        print(f"\n{checks.passed} passed, {checks.failed} failed")
        return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
