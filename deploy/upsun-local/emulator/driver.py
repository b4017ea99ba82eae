"""What this machine lets the emulator do, and which tools are missing."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from .console import UNAVAILABLE, Failure

PACKAGES = {
    "nginx": "nginx-light", "dash": "dash", "git": "git", "ip": "iproute2", "unshare": "util-linux", "nsenter": "util-linux",
    "setpriv": "util-linux", "nft": "nftables", "curl": "curl"}
PLAIN_TOOLS = ("nginx", "dash", "git")
ROOT_TOOLS = (*PLAIN_TOOLS, "ip", "unshare", "nsenter", "setpriv")
APP_UID = 10000
SANDBOX = Path(__file__).with_name("sandbox.py")
PROBE_SECONDS = 10

# Debian keeps these where an ordinary user's PATH does not look.
SEARCH = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"


def tool(name: str) -> str:
    """Where a tool is; without it the verb ends with status 69 and the package's name."""
    found = shutil.which(name, path=SEARCH)
    if found is None:
        raise Failure(f"{name} is missing. Install it: apt-get install {PACKAGES.get(name, name)}", UNAVAILABLE)
    return found


def has(name: str) -> bool:
    return shutil.which(name, path=SEARCH) is not None


def demand(names: tuple[str, ...]) -> None:
    missing = [name for name in names if not has(name)]
    if missing:
        packages = " ".join(sorted({PACKAGES.get(name, name) for name in missing}))
        raise Failure(f"{', '.join(missing)} missing. Install: apt-get install {packages}", UNAVAILABLE)


def why_not_root() -> str | None:
    """Why there can be no namespaces here; None when there can."""
    if os.geteuid() != 0:
        return "not root"
    missing = [name for name in ROOT_TOOLS if name not in PLAIN_TOOLS and not has(name)]
    if missing:
        return f"{', '.join(missing)} missing"
    if os.uname().machine not in ("x86_64", "aarch64"):
        return f"unknown machine {os.uname().machine}"
    return why_no_container()


# In the container's place: an interface of each kind the network is made of, and the end of all rights.
PROBE = """\
{ip} link set lo up && {ip} link add name bridge type bridge && {ip} link add name port type veth peer name eth0 &&
{ip} link set port master bridge up && {ip} addr add 10.77.0.2/24 dev eth0 &&
exec {setpriv} --reuid={uid} --regid={uid} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all {true}
"""


def why_no_container() -> str | None:
    """Makes a container as a deployment would, in namespaces that end with it; what is said when that does not work."""
    with tempfile.TemporaryDirectory(prefix="upsun-local-") as folder:
        for name in ("root", "tree"):
            os.mkdir(f"{folder}/{name}")
        try:
            os.chown(f"{folder}/tree", APP_UID, APP_UID)
            Path(folder, "tree", "file").touch()
        except OSError as error:
            return f"no containers can be made here: no files for another user: {error.strerror}"
        run = PROBE.format(ip=tool("ip"), setpriv=tool("setpriv"), uid=APP_UID, true=tool("true"))
        specification = {
            "root": f"{folder}/root", "hosts": host_directories(system_only=True), "system": "own", "controls": [],
            "memory": [["/run", "1m", "755"]], "binds": [[f"{folder}/tree", "/app", "ro"]], "identity": [APP_UID, APP_UID],
            "run_as_identity": False, "directory": "/", "low_port": 80, "hostname": "probe", "ready": None,
            "run": [tool("dash"), "-c", run], "environment": {"PATH": SEARCH}}
        file = Path(folder, "sandbox.json")
        file.write_text(json.dumps(specification))
        try:
            attempt = subprocess.run(
                [tool("unshare"), "--mount", "--net", "--pid", "--uts", "--fork", "--kill-child=KILL", sys.executable, str(SANDBOX),
                 str(file)],
                stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=PROBE_SECONDS)
        except subprocess.TimeoutExpired:
            return f"no containers can be made here: none stood after {PROBE_SECONDS} s"
    if attempt.returncode == 0:
        return None
    said = attempt.stderr.strip().splitlines()
    return f"no containers can be made here: {said[-1] if said else f'exit status {attempt.returncode}'}"


def choose(wanted: str) -> tuple[str, str]:
    """The driver, and why."""
    if wanted == "plain":
        demand(PLAIN_TOOLS)
        return "plain", "asked for"
    reason = why_not_root()
    if reason is None:
        demand(ROOT_TOOLS)
        return "root", "own network and file system for each app"
    if wanted == "root":
        if os.geteuid() == 0:
            demand(ROOT_TOOLS)
        raise Failure(f"--driver root: {reason}. Run as root with Debian's iproute2 and util-linux, or use --driver plain.", UNAVAILABLE)
    demand(PLAIN_TOOLS)
    return "plain", reason


def host_directories(system_only: bool) -> list[str]:
    """Directories at the top of the machine that a container shows."""
    own = {"app", "tmp", "proc", "sys", "dev", "lost+found"}
    if not system_only:
        return [str(path) for path in sorted(Path("/").iterdir()) if path.name not in own and (path.is_dir() or path.is_symlink())]
    names = ["usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "etc", "opt"]
    return [f"/{name}" for name in names if os.path.lexists(f"/{name}")]
