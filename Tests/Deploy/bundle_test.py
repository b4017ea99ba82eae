#!/usr/bin/env python3
"""The bundle's scripts without a platform: how binaries get into bin/, what is shared with crons, where a tunnel leads.

    python3 Tests/Deploy/bundle_test.py

Needs dash, curl and git; no Swift, no root, no network. Binaries and toolchains are stand-ins of a line.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import unittest
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
SCRIPTS = ["scripts/upsun-build", "chroma/build.sh", "chroma/start.sh", "myapp/build.sh", "myapp/start.sh", ".environment"]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Bundle(unittest.TestCase):
    """A copy of the scripts in a directory that stands for /app, and an empty cache."""

    @classmethod
    def setUpClass(cls) -> None:
        # Everything that the scripts may call, but no Swift that this machine may have.
        cls.system = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        for folder in ("/bin", "/usr/bin"):
            for tool in Path(folder).iterdir():
                if not tool.name.startswith("swift") and not (cls.system / tool.name).exists():
                    (cls.system / tool.name).symlink_to(tool)

    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.app, self.cache, self.tools = (self.folder / name for name in ("app", "cache", "tools"))
        for script in SCRIPTS:
            (self.app / script).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / script, self.app / script)
        self.cache.mkdir()
        self.tools.mkdir()

    def program(self, name: str, *lines: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(["#!/bin/sh", *lines]) + "\n")
        path.chmod(0o755)
        return path

    def run_script(self, script: str, *arguments: str, platform: bool = True, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": f"{self.tools}:{self.system}", "HOME": str(self.folder / "home"), **variables}
        if platform:
            environment |= {"PLATFORM_APP_DIR": str(self.app), "PLATFORM_CACHE_DIR": str(self.cache)}
        return subprocess.run(
            ["dash", str(self.app / script), *arguments], env=environment, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
        )

    def left_in_cache(self) -> set[str]:
        return {path.name for path in self.cache.iterdir()} - {"home"}

    def assert_refused(self, run: subprocess.CompletedProcess[str], *words: str, status: int = 1) -> None:
        self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        for word in words:
            self.assertIn(word, run.stderr)


class Syntax(unittest.TestCase):
    def test_every_script_is_what_dash_reads(self) -> None:
        for script in SCRIPTS:
            run = subprocess.run(["dash", "-n", REPOSITORY / script], capture_output=True, text=True)
            self.assertEqual((run.returncode, run.stderr), (0, ""), script)

    def test_scripts_of_hooks_and_commands_are_executable(self) -> None:
        for script in SCRIPTS:
            if script != ".environment":
                self.assertTrue(os.access(REPOSITORY / script, os.X_OK), script)


class Prebuilt(Bundle):
    def binary(self) -> Path:
        return self.program("made/chroma", 'echo "chroma of elsewhere"')

    def build(self, binary: Path | str, checksum: str | None) -> subprocess.CompletedProcess[str]:
        url = binary if isinstance(binary, str) else f"file://{binary}"
        return self.run_script("chroma/build.sh", CHROMA_BINARY_URL=url, **({} if checksum is None else {"CHROMA_BINARY_SHA256": checksum}))

    def test_is_checked_installed_and_kept(self) -> None:
        binary = self.binary()
        checksum = sha256(binary)
        self.assertEqual((run := self.build(binary, checksum)).returncode, 0, run.stderr)
        self.assertEqual((self.app / "bin/chroma").read_bytes(), binary.read_bytes())
        self.assertTrue(os.access(self.app / "bin/chroma", os.X_OK))
        self.assertEqual(self.left_in_cache(), {f"prebuilt-chroma-{checksum}"})
        self.assertEqual([path.name for path in (self.app / "bin").iterdir()], ["chroma"])
        # The second time it is not fetched.
        binary.unlink()
        shutil.rmtree(self.app / "bin")
        self.assertEqual((run := self.build(binary, checksum)).returncode, 0, run.stderr)
        self.assertIn("is in the cache", run.stdout)
        self.assertTrue((self.app / "bin/chroma").exists())

    def test_what_was_damaged_in_the_cache_is_fetched_again(self) -> None:
        binary = self.binary()
        checksum = sha256(binary)
        self.build(binary, checksum)
        (self.cache / f"prebuilt-chroma-{checksum}").write_text("damaged")
        self.assertEqual((run := self.build(binary, checksum)).returncode, 0, run.stderr)
        self.assertEqual(sha256(self.cache / f"prebuilt-chroma-{checksum}"), checksum)

    def test_wrong_checksum_leaves_nothing(self) -> None:
        binary = self.binary()
        self.assert_refused(self.build(binary, "0" * 64), "is not the file that was meant", sha256(binary))
        self.assertEqual(self.left_in_cache(), set())
        self.assertFalse((self.app / "bin").exists())

    def test_missing_or_malformed_checksum(self) -> None:
        self.assert_refused(self.build(self.binary(), None), "CHROMA_BINARY_URL needs CHROMA_BINARY_SHA256")
        self.assert_refused(self.build(self.binary(), "abc"), "no SHA-256 checksum")
        self.assertEqual(self.left_in_cache(), set())

    def test_address_that_is_not_there_or_not_safe(self) -> None:
        self.assert_refused(self.build("file:///nowhere/chroma", "0" * 64), "cannot fetch file:///nowhere/chroma")
        self.assert_refused(self.build("http://example.org/chroma", "0" * 64), "https:// or file://")

    def test_binary_that_does_not_run_here(self) -> None:
        binary = self.program("made/chroma", 'echo "GLIBC_2.99 not found" >&2', "exit 1")
        self.assert_refused(self.build(binary, sha256(binary)), "does not run on this system", "GLIBC_2.99")
        self.assertFalse((self.app / "bin").exists())

    def test_outside_the_platform_the_repository_gets_it(self) -> None:
        binary = self.binary()
        run = self.run_script(
            "chroma/build.sh", platform=False, CHROMA_BINARY_URL=f"file://{binary}", CHROMA_BINARY_SHA256=sha256(binary)
        )
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertTrue((self.app / "bin/chroma").exists())
        self.assertTrue((self.folder / "home/.cache/chroma-build").is_dir())


class Model(Bundle):
    """The sample app's binary is asked for the model, with what an earlier build kept."""

    def build(self, fetch: str) -> subprocess.CompletedProcess[str]:
        binary = self.program(
            "made/myapp", 'case $1 in --help) echo "  fetch-model"; exit 0 ;; esac', '[ "$1 $2" = "fetch-model --directory" ] || exit 9', fetch
        )
        return self.run_script("myapp/build.sh", MYAPP_BINARY_URL=f"file://{binary}", MYAPP_BINARY_SHA256=sha256(binary))

    def test_is_fetched_once(self) -> None:
        run = self.build('mkdir -p "$3"; echo w >"$3/model.safetensors"; echo v >"$3/vocab.txt"')
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertTrue((self.cache / "models/all-MiniLM-L6-v2/model.safetensors").exists())
        shutil.rmtree(self.app / "models")
        # Now it is there before anybody fetches.
        run = self.build('[ -f "$3/model.safetensors" ] && [ -f "$3/vocab.txt" ]')
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(
            sorted(str(path.relative_to(self.app / "models")) for path in (self.app / "models").rglob("*.*")),
            ["all-MiniLM-L6-v2/model.safetensors", "all-MiniLM-L6-v2/vocab.txt"],
        )

    def test_failure_is_told(self) -> None:
        self.assert_refused(self.build("exit 1"), "cannot fetch the embedding model", "CHROMA_MODEL_URL")
        self.assertFalse((self.cache / "models/all-MiniLM-L6-v2").exists())


class Toolchain(Bundle):
    def build(self, **variables: str) -> subprocess.CompletedProcess[str]:
        return self.run_script("chroma/build.sh", **variables)

    def debian12(self) -> bool:
        return 'VERSION_ID="12"' in Path("/etc/os-release").read_text() and "ID=debian" in Path("/etc/os-release").read_text()

    def test_none_and_no_checksum_says_what_to_set(self) -> None:
        if not self.debian12():
            self.skipTest("swift.org has a toolchain for other systems, too, but their names are not those of this test")
        self.assert_refused(self.build(), "CHROMA_SWIFT_SHA256", "CHROMA_BINARY_URL", "-debian12")
        self.assertEqual(self.left_in_cache(), set())

    def test_what_is_called_swift_and_is_none_or_old(self) -> None:
        if not self.debian12():
            self.skipTest("see above")
        swift = self.program("tools/swift", "echo 'swift 4.0.1'")
        self.assertIn("is not the compiler", self.build().stdout)
        swift.write_text("#!/bin/sh\necho 'Swift version 6.1.3 (swift-6.1.3-RELEASE)'\n")
        self.assertIn("swift 6.1.3 on PATH is older than 6.2", self.build().stdout)

    def test_newer_ones_fit(self) -> None:
        swift = self.program("tools/swift")
        for version in ("6.2", "6.10.1", "7.0"):
            swift.write_text(f"#!/bin/sh\necho 'Apple Swift version {version} (x)'\n[ \"$1\" = --version ]\n")
            run = self.build()
            self.assertIn(f"swift {version} on PATH", run.stdout)
            self.assert_refused(run, "swift build does not run here")

    def archive(self) -> Path:
        """A toolchain whose swift says so, and then refuses to build."""
        release = self.folder / "swift-6.3.1-RELEASE-debian12"
        for name in ("swift", "lldb", "docc"):
            self.program(f"{release.name}/usr/bin/{name}", "echo 'Swift version 6.3.1'", '[ "$1" = --version ]')
        path = self.folder / "toolchain.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            archive.add(release, release.name)
        return path

    def test_is_fetched_pruned_and_kept(self) -> None:
        if not self.debian12():
            self.skipTest("see above")
        path = self.archive()
        variables = {"CHROMA_SWIFT_URL": f"file://{path}", "CHROMA_SWIFT_SHA256": sha256(path)}
        # It goes as far as the stand-in does.
        self.assert_refused(self.build(**variables), "swift build does not run here")
        (kept,) = self.left_in_cache()
        self.assertEqual([tool.name for tool in (self.cache / kept / "usr/bin").iterdir()], ["swift"])
        path.unlink()
        self.assert_refused(self.build(**variables), "swift build does not run here")

    def test_wrong_checksum_unpacks_nothing(self) -> None:
        if not self.debian12():
            self.skipTest("see above")
        self.assert_refused(self.build(CHROMA_SWIFT_URL=f"file://{self.archive()}", CHROMA_SWIFT_SHA256="0" * 64), "is not the file")
        self.assertEqual(self.left_in_cache(), set())


class Environment(Bundle):
    """`.environment`, as dash reads it."""

    def variables(self, **given: str) -> dict[str, str]:
        environment = {"PATH": "/usr/bin:/bin", "PLATFORM_APP_DIR": str(self.app), **given}
        run = subprocess.run(
            ["dash", "-euc", ". ./.environment; . ./.environment; env"], cwd=self.app, env=environment, capture_output=True, text=True
        )
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        return dict(line.split("=", 1) for line in run.stdout.splitlines())

    def test_prints_nothing_and_leads_to_the_binaries_once(self) -> None:
        self.assertEqual(self.variables()["PATH"], f"{self.app}/bin:/usr/bin:/bin")

    def test_does_nothing_elsewhere(self) -> None:
        found = self.variables(PLATFORM_APP_DIR="", CHROMA_AUTH_FROM_ENTROPY="1")
        self.assertEqual(found["PATH"], "/usr/bin:/bin")
        self.assertNotIn("CHROMA_AUTH_TOKEN", found)

    def test_derived_token_is_the_same_in_both_applications(self) -> None:
        expected = hashlib.sha256(b"chroma:an entropy").hexdigest()
        for name in ("chroma", "myapp"):
            found = self.variables(CHROMA_AUTH_FROM_ENTROPY="true", PLATFORM_PROJECT_ENTROPY="an entropy", PLATFORM_APPLICATION_NAME=name)
            self.assertEqual(found["CHROMA_AUTH_TOKEN"], expected)
            self.assertNotIn("CHROMA_AUTH_FROM_ENTROPY", found)
            self.assertEqual(found.get("CHROMA_REQUIRE_AUTH"), "true" if name == "chroma" else None)

    def test_token_that_is_set_goes_first(self) -> None:
        found = self.variables(CHROMA_AUTH_FROM_ENTROPY="1", PLATFORM_PROJECT_ENTROPY="x", CHROMA_AUTH_TOKEN="mine")
        self.assertEqual(found["CHROMA_AUTH_TOKEN"], "mine")

    def test_wish_that_cannot_be_met_or_read_does_not_pass_for_protection(self) -> None:
        found = self.variables(CHROMA_AUTH_FROM_ENTROPY="1", PLATFORM_APPLICATION_NAME="chroma")
        self.assertNotIn("CHROMA_AUTH_TOKEN", found)
        self.assertEqual(found["CHROMA_REQUIRE_AUTH"], "true")
        # The server refuses to start with a variable that it does not know.
        self.assertIn("CHROMA_AUTH_FROM_ENTROPY", self.variables(CHROMA_AUTH_FROM_ENTROPY="maybe", PLATFORM_PROJECT_ENTROPY="x"))

    def test_switched_off(self) -> None:
        found = self.variables(CHROMA_AUTH_FROM_ENTROPY="false", PLATFORM_PROJECT_ENTROPY="x")
        self.assertFalse({"CHROMA_AUTH_TOKEN", "CHROMA_REQUIRE_AUTH", "CHROMA_AUTH_FROM_ENTROPY"} & set(found))


class Start(Bundle):
    def test_server_gets_address_and_port_and_becomes_the_process(self) -> None:
        self.program("app/bin/chroma", 'echo "$$ $*"')
        process = subprocess.Popen(
            [self.app / "chroma/start.sh"], env={"PATH": "/usr/bin:/bin", "PLATFORM_APP_DIR": str(self.app), "PORT": "4711"},
            stdout=subprocess.PIPE, text=True,
        )
        output, _ = process.communicate(timeout=10)
        self.assertEqual(output, f"{process.pid} run --host 0.0.0.0 --port 4711\n")

    def test_sample_app_becomes_the_process(self) -> None:
        self.program("app/bin/myapp", 'echo "$$ $*"')
        process = subprocess.Popen(
            [self.app / "myapp/start.sh"], env={"PATH": "/usr/bin:/bin", "PLATFORM_APP_DIR": str(self.app), "PORT": "4711"},
            stdout=subprocess.PIPE, text=True,
        )
        output, _ = process.communicate(timeout=10)
        self.assertEqual(output, f"{process.pid} serve\n")

    def test_missing_binary_or_port_is_told(self) -> None:
        for name in ("chroma", "myapp"):
            self.assert_refused(self.run_script(f"{name}/start.sh", PORT="1"), f"no bin/{name}", f"{name}/build.sh", status=69)
            self.program(f"app/bin/{name}", "exit 0")
            self.assertNotEqual((run := self.run_script(f"{name}/start.sh")).returncode, 0)
            self.assertIn("PORT", run.stderr)


class Tunnel(unittest.TestCase):
    """`scripts/upsun-env`, and what a shell makes of it."""

    def run_script(self, *arguments: str, piped: str = "", variable: str | None = None) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], **({} if variable is None else {"PLATFORM_RELATIONSHIPS": variable})}
        return subprocess.run(
            [REPOSITORY / "scripts/upsun-env", *arguments], input=piped, env=environment, capture_output=True, text=True, timeout=20
        )

    @staticmethod
    def encoded(value: object) -> str:
        return base64.b64encode(json.dumps(value).encode()).decode()

    def in_a_shell(self, line: str) -> list[str]:
        run = subprocess.run(
            ["dash", "-euc", 'eval "$1"; printf "%s\\n" "$CHROMA_HOST" "$CHROMA_PORT" "$CHROMA_SSL"', "dash", line], capture_output=True, text=True
        )
        return run.stdout.splitlines()

    def test_what_a_tunnel_says(self) -> None:
        place = {"host": "127.0.0.1", "port": 30000, "scheme": "http", "ip": "127.0.0.1", "url": "http://127.0.0.1:30000"}
        for run in (
            self.run_script(piped=self.encoded({"chroma": [place]}) + "\n"),
            self.run_script(variable=self.encoded({"chroma": [place]})),
            self.run_script(piped=json.dumps({"chroma": [place]})),
            self.run_script("--relationship", "vectors", piped=self.encoded({"vectors": [place]})),
        ):
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertEqual(self.in_a_shell(run.stdout), ["127.0.0.1", "30000", "false"])

    def test_what_is_piped_in_goes_before_the_variable(self) -> None:
        new, old = ({"chroma": [{"host": name, "port": 80}]} for name in ("new", "old"))
        self.assertEqual(self.in_a_shell(self.run_script(piped=self.encoded(new), variable=self.encoded(old)).stdout)[0], "new")

    def test_https_and_what_a_shell_would_misread(self) -> None:
        run = self.run_script(piped=self.encoded({"chroma": [{"host": "a b'; echo $(x)", "port": "443", "scheme": "https"}]}))
        self.assertEqual(self.in_a_shell(run.stdout), ["a b'; echo $(x)", "443", "true"])

    def test_refusals_print_nothing_for_eval(self) -> None:
        cases = [
            (66, "tunnel:open -A myapp", self.run_script()),
            (65, "--encode", self.run_script(piped="chroma:\n    -\n        host: 127.0.0.1")),
            (65, "no object", self.run_script(piped=self.encoded("text"))),
            (1, "none at all", self.run_script(piped=self.encoded([]))),
            (1, "database", self.run_script(piped=self.encoded({"database": [{"host": "x", "port": 1}]}))),
            (1, "no place", self.run_script(piped=self.encoded({"chroma": []}))),
            (1, "no host", self.run_script(piped=self.encoded({"chroma": [{"port": 80}]}))),
            (1, "port", self.run_script(piped=self.encoded({"chroma": [{"host": "x", "port": "many"}]}))),
            (1, "not HTTP", self.run_script(piped=self.encoded({"chroma": [{"host": "x", "port": 5432, "scheme": "pgsql"}]}))),
            (64, "--help", self.run_script("--port", "1")),
        ]
        for status, word, run in cases:
            self.assertEqual((run.returncode, run.stdout), (status, ""), run.stderr)
            self.assertIn(word, run.stderr)
            self.assertNotIn("Traceback", run.stderr)


if __name__ == "__main__":
    unittest.main()
