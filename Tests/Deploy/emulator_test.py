#!/usr/bin/env python3
"""The emulator's parts by themselves: what it refuses to touch, and what it writes and starts. No namespaces, no network."""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

REPOSITORY = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(REPOSITORY / "deploy" / "upsun-local"))

from emulator import driver, entering, nginx, supervisor, variables  # noqa: E402
from emulator.build import Builder, Built, Ready, place_of  # noqa: E402
from emulator.console import Failure  # noqa: E402
from emulator.container import free_port  # noqa: E402
from emulator.processes import in_session  # noqa: E402
from emulator.project import App, Mount, mounts_of  # noqa: E402
from emulator.state import State, label_of, new_environment  # noqa: E402


class Folders(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.state = State(self.folder / "state")

    def app(self, **values: Any) -> App:
        return App("shop", {"type": "python:3.13", **values})


class Mounts(Folders):
    def test_stay_below_the_app(self) -> None:
        found = mounts_of({"mounts": {"/.db/": {"source": "storage", "source_path": "/db"}, "a/./b": {"source": "temporary"}}})
        self.assertEqual([(".db", "storage", "db"), ("a/b", "tmp", "a/b")], [(one.path, one.source, one.source_path) for one in found])
        for key, source_path in (("/", "a"), ("/../x", "a"), ("x", "../x"), ("x", "/"), ("x", ""), ("x", "a\0")):
            with self.subTest(key=key, source_path=source_path), self.assertRaises(Failure):
                mounts_of({"mounts": {key: {"source": "storage", "source_path": source_path}}})

    def test_follow_no_link_out_of_the_storage(self) -> None:
        storage = self.state.storage("shop")
        storage.mkdir(parents=True)
        self.assertEqual(storage / "db", place_of(self.state, self.app(), Mount("db", "storage", "db")))
        (storage / "db").symlink_to(self.folder)
        with self.assertRaisesRegex(Failure, "leads out"):
            place_of(self.state, self.app(), Mount("db", "storage", "db/inner"))


class StateDirectory(Folders):
    def test_takes_what_is_new_empty_or_its_own(self) -> None:
        for _ in range(2):
            self.state.make()
        self.assertEqual(0o700, self.state.root.stat().st_mode & 0o777)
        empty = State(self.folder / "empty")
        empty.root.mkdir()
        empty.make()
        self.assertTrue(empty.is_ours)

    def test_leaves_what_is_foreign(self) -> None:
        foreign, repository = self.folder / "foreign", self.folder / "repository"
        for folder, file in ((foreign, "letter"), (repository, "changing.lock")):
            folder.mkdir(mode=0o755)
            (folder / file).write_text("x")
        (repository / ".git").mkdir()
        (self.folder / "file").write_text("x")
        for path in (foreign, repository, self.folder / "file"):
            with self.subTest(path=path.name):
                with self.assertRaisesRegex(Failure, "--state"), State(path).changing():
                    pass
                with self.assertRaisesRegex(Failure, "not removed"):
                    State(path).remove()
        self.assertEqual(0o755, foreign.stat().st_mode & 0o777)
        self.assertEqual(["letter"], [path.name for path in foreign.iterdir()])

    def test_purge_after_stop(self) -> None:
        self.state.make()
        command = [REPOSITORY / "deploy/upsun-local/upsun-local", "--state", self.state.root, "stop", "--purge"]
        for told in (f"Removed {self.state.root}", f"There is no {self.state.root}"):
            run = subprocess.run(command, capture_output=True, text=True, timeout=60)
            self.assertEqual((0, f"Nothing runs\n{told}\n", ""), (run.returncode, run.stdout, run.stderr))
            self.assertFalse(self.state.root.exists())


class Builds(Folders):
    def setUp(self) -> None:
        super().setUp()
        self.project = self.folder / "project"
        self.project.mkdir()
        subprocess.run(["git", "init", "--quiet", self.project], check=True)
        (self.project / "file").write_text("x")
        self.state.make()
        self.addCleanup(self.state.remove)
        self.state.write("environment.json", new_environment("main", None, self.project))
        self.state.write("variables.json", {"project": {"env:KEY": {
            "value": "hush", "sensitive": True, "visible_build": True, "visible_runtime": True, "app": None}}, "environment": {}})

    def build(self, **values: Any) -> Built:
        with mock.patch("emulator.build.say"):
            return Builder(self.state, self.project, "plain", Ready()).build(self.app(**values))

    def test_begin_anew_only_for_what_they_can_see(self) -> None:
        hooks = {"build": 'echo "$PLATFORM_APPLICATION" | base64 -d > seen; test "$KEY" = hush'}
        first = self.build(hooks=hooks, web={"commands": {"start": "exec a"}}, relationships={"store": "store:http"})
        seen = json.loads((first.tree / "seen").read_text())
        self.assertEqual({"name", "type", "hooks"}, seen.keys())
        self.assertFalse(self.build(hooks=hooks, web={"commands": {"start": "exec b"}}, crons={"x": {}}, access={"ssh": "admin"}).fresh)
        self.assertTrue(self.build(hooks={**hooks, "deploy": "exec c"}).fresh)

    def test_keep_secrets_out_of_files(self) -> None:
        self.build(hooks={"build": "true"})
        holding = [path.name for path in self.state.root.rglob("*") if path.is_file() and "hush" in path.read_text(errors="replace")]
        self.assertEqual(["variables.json"], holding)

    def test_end_with_the_command(self) -> None:
        (self.project / ".upsun").mkdir()
        (self.project / ".upsun/config.yaml").write_text(
            'applications: {shop: {type: "python:3.13", hooks: {build: "echo $$ > $PLATFORM_CACHE_DIR/pid; sleep 37 & sleep 38"}, '
            'web: {commands: {start: "exec true"}, locations: {"/": {passthru: true}}}}}\n')
        pid = self.state / "cache/pid"
        with subprocess.Popen(
                [REPOSITORY / "deploy/upsun-local/upsun-local", "--state", self.state.root, "--project", self.project, "up",
                 "--driver", "plain"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as up:
            deadline, session = time.monotonic() + 30, 0
            while (not session or len(in_session(session)) < 3) and time.monotonic() < deadline:
                time.sleep(0.02)
                session = int(pid.read_text().strip() or 0) if pid.exists() else 0
            up.terminate()
            said = up.communicate(timeout=30)[0]
        self.assertEqual(143, up.returncode, said)
        self.assertEqual([], in_session(session))
        self.assertEqual([], list((self.state.app("shop") / "trees").iterdir()))


class Names(Folders):
    def test_branches_become_hosts(self) -> None:
        for branch, label in (("main", "main"), ("Feature/Login_2", "feature-login-2"), ("a b;c", "a-b-c"), ("-x-", "x")):
            self.assertEqual(label, label_of(branch))
        self.assertLessEqual(len(label_of("x" * 200)), 55)
        self.assertRegex(label_of("日本"), "^branch-[a-z]+$")
        self.assertNotEqual(label_of("日本"), label_of("日月"))
        self.assertRegex(new_environment("a/b", None, self.folder)["environment"], "^a-b-[a-z]{7}$")
        for branch in ("", " ", "a\nb", "a\0"):
            with self.subTest(branch=branch), self.assertRaisesRegex(Failure, "branch"):
                new_environment(branch, None, self.folder)


class Drivers(unittest.TestCase):
    @unittest.skipUnless(os.geteuid() == 0 and driver.has("setpriv"), "needs root and setpriv")
    def test_what_a_deployment_needs_is_asked_for(self) -> None:
        for missing, said in (("sys_admin", "unshare"), ("net_admin", "Operation not permitted"), ("setuid", "setpriv"), ("dac_override", "another user")):
            with self.subTest(missing=missing):
                code = "from emulator import driver; print(*driver.choose('auto'))"
                run = subprocess.run(
                    [driver.tool("setpriv"), f"--bounding-set=-{missing}", sys.executable, "-B", "-c", code],
                    cwd=REPOSITORY / "deploy/upsun-local", capture_output=True, text=True, timeout=60)
                self.assertEqual("", run.stderr)
                self.assertRegex(run.stdout, f"^plain .*{said}")


class Bounds(Folders):
    """Commands that do not end by themselves, in a container that is only a directory."""

    def setUp(self) -> None:
        super().setUp()
        self.state.log("shop").parent.mkdir(parents=True)
        facts = {"environment": {"PATH": os.environ["PATH"], "PLATFORM_APP_DIR": str(self.folder)}, "directory": "/app", "command": [],
                 "groups": []}
        for patch in (mock.patch.object(supervisor, "ask", lambda *_, **__: facts), mock.patch.object(entering, "complain")):
            self.enterContext(patch)

    def run_cron(self, command: str, seconds: float) -> tuple[int, str, float]:
        begun = time.monotonic()
        with tempfile.TemporaryFile("w+") as output, mock.patch.object(sys, "stdout", output):
            status = entering.run_inside(self.state, "shop", command, "cron", seconds, 0.3)
            output.seek(0)
            shown = output.read()
        self.assertEqual(shown, self.state.log("shop", "cron").read_text())
        return status, shown, time.monotonic() - begun

    def test_cron_in_time(self) -> None:
        self.assertEqual((0, "käse\n"), self.run_cron("echo käse; sleep 30 >&- 2>&- &", 20)[:2])

    def test_cron_that_takes_too_long(self) -> None:
        for command in ("echo a; sleep 37; echo b", "trap '' TERM; echo a; sleep 37 & sleep 38; echo b", "setsid sleep 5 & echo a"):
            with self.subTest(command=command):
                self.state.log("shop", "cron").unlink(missing_ok=True)
                status, shown, took = self.run_cron(command, 0.5)
                self.assertEqual((1, "a\n"), (status, shown))
                self.assertLess(took, 4)

    def test_environment_that_waits(self) -> None:
        (self.folder / ".environment").write_text("sleep 37")
        with mock.patch.object(entering, "ENVIRONMENT_SECONDS", 0.3), self.assertRaisesRegex(Failure, "has not ended"):
            entering.env(self.state, argparse.Namespace(app="shop", json=True))
        (self.folder / ".environment").write_text("export COLOUR=red; sleep 37 &")
        with mock.patch.object(entering, "say") as said:
            entering.env(self.state, argparse.Namespace(app="shop", json=True))
        self.assertEqual("red", json.loads(said.call_args.args[0])["COLOUR"])


class Quoting(Folders):
    def test_commands_keep_their_quotes(self) -> None:
        place = "/tmp/a b's"
        said = f"{place}/bin"
        for command in ("echo /app/bin", 'echo "/app/bin"', "echo '/app/bin'", "# don't\necho /app/bin", 'echo \\\'"" >&2; echo /app/bin'):
            with self.subTest(command=command):
                moved = variables.relocate_command(command, place)
                run = subprocess.run([driver.tool("dash"), "-c", moved], capture_output=True, text=True)
                self.assertEqual(f"{said}\n", run.stdout, moved)
        self.assertEqual("x /app2 /my/app", variables.relocate_command("x /app2 /my/app", place))

    def test_nginx_takes_any_place_and_value(self) -> None:
        folder = self.folder / """a b's "c"; {"""
        folder.mkdir()
        app = self.app(web={"locations": {
            "/": {"root": "pub lic", "index": ["in dex.html"], "passthru": True, "expires": "1d", "headers": {"X-Price": 'from 5$ "each"'},
                  "rules": {r"\.(?<kind>p{1}ng)$": {"expires": "2d"}}, "request_buffering": {"max_request_size": "1m"}}}})
        routes = {"https://{default}/a b/": {"type": "upstream", "upstream": "shop:http"},
                  "https://www.{default}/": {"type": "redirect", "to": "https://{default}/"}}
        for name, text in (
                ("app", nginx.for_app(app, [f"127.0.0.1:{free_port()}"], f"unix:{folder}/app.sock", str(folder), str(folder), str(folder))),
                ("router", nginx.for_router(
                    routes, 'a b;c"', free_port(), {"shop": "127.0.0.1:2"}, {"shop": free_port()}, str(folder), 1, True))):
            with self.subTest(name=name):
                (folder / "nginx.conf").write_text(text)
                run = subprocess.run(
                    [driver.tool("nginx"), "-t", "-p", folder, "-e", folder / "error.log", "-c", folder / "nginx.conf"],
                    capture_output=True, text=True)
                self.assertEqual(0, run.returncode, run.stderr)


if __name__ == "__main__":
    unittest.main()
