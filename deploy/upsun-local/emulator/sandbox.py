"""Runs inside new namespaces, before anything of an app does: puts a root directory together and moves into it.

Started as `python3 sandbox.py SPECIFICATION` under `unshare --mount --pid --fork`; the specification is a JSON file, by its name or as
the number of an open descriptor:

    root       an empty directory that the new root is mounted on
    hosts      directories of the machine to show, read-only, at their own paths
    binds      [[source, target, "ro" or "rw"], …] on top of them, in this order
    memory     targets that get a file system of their own in memory: [[target, size, mode], …]
    system     "own": new /proc and /sys, a small /dev; "machine": the machine's
    controls   [[directory of a control group, where it belongs below /sys/fs/cgroup], …]
    hostname   the container's name, or null
    ready      a file descriptor; a byte is written when everything stands
    identity   [uid, gid] to become, or null
    directory  where to go
    run        the command that this process becomes
    environment  its environment

Nothing here imports the rest of the package: it must work when the repository cannot be seen any more.
"""
import ctypes
import json
import os
import sys

READ_ONLY, NO_SUID, NO_DEVICES, BIND, RECURSIVE, PRIVATE = 1, 2, 4, 4096, 16384, 1 << 18
DETACH = 2
MOUNT_SETATTR, AT_RECURSIVE, AT_FDCWD = 442, 0x8000, -100
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
NO_NEW_PRIVILEGES, DROP_BOUND, PARENT_DEATH_SIGNAL, SIGKILL = 38, 24, 1, 9

libc = ctypes.CDLL(None, use_errno=True)


class Attributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "user_namespace")]


def fail_unless(result: int, what: str) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def mount(source: str, target: str, kind: str = "none", flags: int = 0, options: str = "") -> None:
    result = libc.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode())
    fail_unless(result, f"mount {source} on {target}")


def freeze(target: str) -> None:
    """Makes a mount and all below it read-only."""
    attributes = Attributes(READ_ONLY, 0, 0, 0)
    result = libc.syscall(
        MOUNT_SETATTR, AT_FDCWD, target.encode(), AT_RECURSIVE, ctypes.byref(attributes), ctypes.sizeof(attributes))
    fail_unless(result, f"make {target} read-only")


def place(source: str, target: str) -> None:
    """Makes the mount point `target` for what `source` is."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    elif not os.path.lexists(target):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        open(target, "w").close()


def bind(source: str, target: str, mode: str) -> None:
    place(source, target)
    mount(source, target, flags=BIND | RECURSIVE)
    if mode == "ro":
        freeze(target)


def devices(root: str) -> None:
    """A /dev of one's own with what programs expect."""
    target = root + "/dev"
    os.makedirs(target, exist_ok=True)
    mount("tmpfs", target, "tmpfs", NO_SUID, "mode=755,size=1m")
    for name in ("null", "zero", "full", "random", "urandom", "tty"):
        bind("/dev/" + name, f"{target}/{name}", "rw")
    os.mkdir(target + "/shm", 0o1777)
    mount("tmpfs", target + "/shm", "tmpfs", NO_SUID | NO_DEVICES, "mode=1777")
    for name, link in (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        os.symlink("/proc/self/" + link if not link.startswith("/") else link, f"{target}/{name}")


def control_groups(root: str, controls: list) -> None:
    """Shows the app its own memory limit where it would look for one."""
    base = root + "/sys/fs/cgroup"
    if not os.path.isdir(base):
        return
    if controls and controls[0][1] == "":
        bind(controls[0][0], base, "ro")
        return
    mount("tmpfs", base, "tmpfs", NO_SUID | NO_DEVICES, "mode=755,size=1m")
    for source, name in controls:
        bind(source, f"{base}/{name}", "ro")
    freeze(base)


def assemble(specification: dict) -> None:
    root = specification["root"]
    mount("none", "/", flags=RECURSIVE | PRIVATE)
    mount("tmpfs", root, "tmpfs", NO_SUID, "mode=755,size=16m")
    for path in specification["hosts"]:
        if os.path.islink(path):
            os.symlink(os.readlink(path), root + path)
        elif os.path.exists(path):
            bind(path, root + path, "ro")
    own = specification["system"] == "own"
    os.makedirs(root + "/proc", exist_ok=True)
    mount("proc", root + "/proc", "proc", NO_SUID | NO_DEVICES)
    if own:
        os.makedirs(root + "/sys", exist_ok=True)
        mount("sysfs", root + "/sys", "sysfs", NO_SUID | NO_DEVICES | READ_ONLY)
        control_groups(root, specification["controls"])
        devices(root)
    else:
        bind("/sys", root + "/sys", "ro")
        bind("/dev", root + "/dev", "rw")
    for target, size, mode in specification["memory"]:
        os.makedirs(root + target, exist_ok=True)
        mount("tmpfs", root + target, "tmpfs", NO_SUID | NO_DEVICES, f"mode={mode},size={size}")
        if specification["identity"] and mode != "1777":
            os.chown(root + target, *specification["identity"])
    for source, target, mode in specification["binds"]:
        bind(source, root + target, mode)


def enter(root: str) -> None:
    os.chdir(root)
    number = PIVOT_ROOT[os.uname().machine]
    fail_unless(libc.syscall(number, b".", b"."), "pivot_root")
    fail_unless(libc.umount2(b".", DETACH), "leave the old root")
    os.chdir("/")
    # The tmpfs that holds the mount points themselves.
    attributes = Attributes(READ_ONLY, 0, 0, 0)
    result = libc.syscall(MOUNT_SETATTR, AT_FDCWD, b"/", 0, ctypes.byref(attributes), ctypes.sizeof(attributes))
    fail_unless(result, "make / read-only")


def become(identity: list) -> None:
    uid, gid = identity
    for capability in range(64):
        libc.prctl(DROP_BOUND, capability, 0, 0, 0)
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    fail_unless(libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0), "no_new_privs")
    # Becoming somebody else has cleared it: end with the process that started this.
    fail_unless(libc.prctl(PARENT_DEATH_SIGNAL, SIGKILL, 0, 0, 0), "parent death signal")


def main() -> None:
    with open(int(sys.argv[1]) if sys.argv[1].isdigit() else sys.argv[1]) as file:
        specification = json.load(file)
    if "low_port" in specification:
        with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", "w") as file:
            file.write(str(specification["low_port"]))
    if specification["hostname"]:
        name = specification["hostname"].encode()
        fail_unless(libc.sethostname(name, len(name)), "sethostname")
    os.umask(0o022)
    assemble(specification)
    enter(specification["root"])
    if specification["run_as_identity"]:
        become(specification["identity"])
    os.chdir(specification["directory"])
    if specification["ready"] is not None:
        os.write(specification["ready"], b"1")
        os.close(specification["ready"])
    run = specification["run"]
    os.execve(run[0], run, specification["environment"])


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        print(f"sandbox: {error}", file=sys.stderr)
        sys.exit(70)
