"""Trees of files: what git would push, what a build left, and whether it is still the same."""
import hashlib
import os
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Iterable

from .console import Failure

Manifest = dict[str, str]


def pushed_files(repository: Path) -> list[str]:
    """What `git push` would send if everything not ignored were committed; without `.upsun`."""
    listing = subprocess.run(
        ["git", "-C", repository, "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True)
    if listing.returncode != 0:
        raise Failure(
            f"{repository} is no git repository, and what is deployed is what git would push: run `git init` there "
            f"(git says: {listing.stderr.decode(errors='replace').strip()})")
    names = {os.fsdecode(name) for name in listing.stdout.split(b"\0") if name}
    return sorted(
        name for name in names
        if name.split("/")[0] not in (".upsun", ".git") and os.path.lexists(repository / name) and not (repository / name).is_dir())


def uncommitted(repository: Path) -> int:
    """Files that a push would send otherwise than they lie there, or not at all."""
    listed = subprocess.run(
        ["git", "-C", repository, "-c", "safe.directory=*", "status", "--porcelain", "-z", "--untracked-files=all"],
        capture_output=True, check=False)
    return sum(1 for line in listed.stdout.split(b"\0") if len(line) > 3 and line[2:3] == b" ")


def source_files(repository: Path, source: str) -> list[str]:
    """The files of an app's part of the repository, by their names in it."""
    prefix = source + "/" if source else ""
    names = [name[len(prefix):] for name in pushed_files(repository) if name.startswith(prefix)]
    if not names:
        raise Failure(f"source.root '/{source}' holds no files in {repository}")
    return names


def fingerprint(folder: Path, names: list[str]) -> str:
    """A hash of these files: names, contents, and which are programs or links."""
    digest = hashlib.sha1()
    for name in names:
        path = folder / name
        if path.is_symlink():
            mode, content = "link", os.readlink(path).encode(errors="surrogateescape")
        else:
            mode, content = "program" if os.stat(path).st_mode & stat.S_IXUSR else "file", path.read_bytes()
        digest.update(f"{name}\0{mode}\0{hashlib.sha1(content).hexdigest()}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


def export(folder: Path, names: list[str], target: Path) -> None:
    """Copies these files to `target`, with no more of their permissions than git keeps."""
    for name in names:
        origin, copy = folder / name, target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if origin.is_symlink():
            os.symlink(os.readlink(origin), copy)
        else:
            shutil.copyfile(origin, copy)
            copy.chmod(0o755 if os.stat(origin).st_mode & stat.S_IXUSR else 0o644)


def manifest(tree: Path, without: Iterable[str] = ()) -> Manifest:
    """SHA-256 of each file, target of each link; mounts left out."""
    result: Manifest = {}
    skipped = {tree / name for name in without}
    for folder, folders, files in os.walk(tree):
        here = Path(folder)
        for name in folders:
            path = here / name
            if path.is_symlink() and path not in skipped:
                result[str(path.relative_to(tree))] = "link " + os.readlink(path)
        folders[:] = sorted(name for name in folders if here / name not in skipped and not (here / name).is_symlink())
        for name in sorted(files):
            path = here / name
            if path in skipped:
                continue
            if path.is_symlink():
                result[str(path.relative_to(tree))] = "link " + os.readlink(path)
            elif path.is_file():
                with open(path, "rb") as file:
                    result[str(path.relative_to(tree))] = hashlib.file_digest(file, "sha256").hexdigest()
    return result


def differences(before: Manifest, after: Manifest) -> list[str]:
    return [f"{name}: {change}" for name, change in sorted(
        [(name, "added") for name in after.keys() - before.keys()]
        + [(name, "removed") for name in before.keys() - after.keys()]
        + [(name, "changed") for name in before.keys() & after.keys() if before[name] != after[name]])]


def size(tree: Path) -> int:
    """Bytes of all files."""
    total = 0
    for folder, _, files in os.walk(tree):
        for name in files:
            total += os.lstat(os.path.join(folder, name)).st_size
    return total


def make_read_only(tree: Path) -> None:
    for folder, _, files in os.walk(tree):
        for name in files:
            path = os.path.join(folder, name)
            if not os.path.islink(path):
                os.chmod(path, stat.S_IMODE(os.stat(path).st_mode) & ~0o222)
        os.chmod(folder, 0o555)


def remove(tree: Path) -> None:
    """Removes a tree, read-only or not."""
    if not os.path.lexists(tree):
        return
    for folder, _, _ in os.walk(tree):
        if not os.path.islink(folder):
            os.chmod(folder, 0o755)
    shutil.rmtree(tree)


def give(tree: Path, uid: int) -> None:
    """Makes a user the owner of everything in a tree."""
    os.lchown(tree, uid, uid)
    for folder, folders, files in os.walk(tree):
        for name in folders + files:
            os.lchown(os.path.join(folder, name), uid, uid)
