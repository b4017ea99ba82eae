#!/usr/bin/env python3
"""The emulator's checks of a configuration: for each rule one that breaks only it, and the repository's own breaks none."""
import copy
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(REPOSITORY / "deploy" / "upsun-local"))

from emulator import lint  # noqa: E402
from emulator.document import Problem, files_of, load  # noqa: E402

GOOD: dict[str, Any] = {
    "applications": {
        "store": {
            "type": "python:3.13",
            "source": {"root": "/"},
            "hooks": {"build": "set -e\n./build.sh\n"},
            "mounts": {"/.db": {"source": "storage", "source_path": "db"}},
            "web": {
                "commands": {"start": "exec ./bin/store"},
                "upstream": {"socket_family": "tcp", "protocol": "http"},
                "locations": {"/": {"allow": False, "passthru": True}}},
            "crons": {"snapshot": {"spec": "H 3 * * *", "commands": {"start": "./bin/store backup"}, "shutdown_timeout": 30}},
            "operations": {"backup": {"role": "admin", "commands": {"start": "./bin/store backup"}}}},
        "shop": {
            "type": "nodejs:24",
            "relationships": {"store": "store:http"},
            "variables": {"env": {"STORE_SSL": "false"}},
            "dependencies": {"nodejs": {"pnpm": "*"}},
            "web": {
                "commands": {"start": "exec node server.js"},
                "locations": {"/": {"root": "public", "passthru": True, "rules": {r"\.png$": {"expires": "1d"}}}}}}},
    "routes": {
        "https://{default}/": {"type": "upstream", "upstream": "shop:http"},
        "https://www.{default}/": {"type": "redirect", "to": "https://{default}/"}},
}


def problems_of(text: str) -> tuple[list[Problem], list[Problem]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ".upsun" / "config.yaml"
        path.parent.mkdir()
        path.write_text(text)
        return lint.check(load(files_of(Path(folder)), Path(folder)), Path(folder))


def changed(path: str, value: Any) -> str:
    """GOOD with one value set, or taken away (None), as YAML."""
    values = copy.deepcopy(GOOD)
    *way, last = path.split("/") if not path.startswith("|") else path[1:].split("|")
    inner = values
    for key in way:
        inner = inner.setdefault(key, {})
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return yaml.safe_dump(values, sort_keys=False)


# Rule, change, what the message must name.
ERRORS: list[tuple[int, str, Any, str]] = [
    (1, "applications/store/webb", {}, "'web'"),
    (1, "applications/store/web/commands/strat", "exec x", "'start'"),
    (1, "applications/store/mounts", {"/.db": {"source": "disk"}}, "storage"),
    (1, "applications/store/mounts", {"/.db": {"source_path": "db"}}, "'source'"),
    (1, "applications/store/mounts", {"/../x": {"source": "storage"}}, "below"),
    (1, "applications/store/mounts", {"/": {"source": "tmp"}}, "below"),
    (1, "applications/store/mounts", {"/.db": {"source": "storage", "source_path": "../../x"}}, "source_path"),
    (1, "applications/store/mounts", {"/.db": {"source": "storage", "source_path": ""}}, "source_path"),
    (1, "applications/store/container_profile", "HUGE", "HIGH_MEMORY"),
    (1, "applications/store/type", 3.13, "quotes"),
    (1, "applications/store/crons/snapshot/spec", "H 3 * *", "five fields"),
    (1, "applications/store/crons/snapshot/spec", "61 3 * * *", "five fields"),
    (1, "applications/store/operations/backup/role", "owner", "admin"),
    (1, "|routes|https://{default}/|type", "upstreem", "upstream"),
    (1, "applications", None, "applications"),
    (1, "applications/store/source/root", "../x", "repository"),
    (1, "applications/store/crons/snapshot/spec", "0 3 * * MON-FUN", "five fields"),
    (1, "applications/store/crons/snapshot/spec", "MON 3 * * *", "five fields"),
    (1, "tasks", {"tidy": {"run": {"comand": "x", "command": "x"}}}, "'command'"),
    (1, "tasks", {"tidy": {"type": "python:3.13"}}, "'run'"),
    (1, "tasks", {"tidy": {"run": {"command": "x", "timeout": 999999}}}, "86400"),
    (2, "applications/Shop2", {"type": "php:8.5"}, "a-z"),
    (2, "applications/shop--2", {"type": "php:8.5"}, "--"),
    (2, "applications/" + "a" * 33, {"type": "php:8.5"}, "32"),
    (2, "applications/router", {"type": "php:8.5"}, "router"),
    (2, "applications/store/workers", {"shop": {"commands": {"start": "exec x"}}}, "rename"),
    (3, "applications/shop/relationships/store", "stock:http", "store"),
    (3, "applications/shop/relationships/store", "store:mysql", "store:http"),
    (3, "applications/shop/relationships", {"store": {"service": "store", "endpoint": "tcp"}}, "http"),
    (3, "applications/shop/relationships", {"store": {"service": "store"}}, "store:http"),
    (3, "applications/shop/relationships/store", "store", "store:http"),
    (3, "applications/shop/workers", {"mailer": {"commands": {"start": "exec x"}, "relationships": {"stock": "stock:http"}}}, "'stock'"),
    (4, "services", {"cache": {"type": "redis:8.0"}}, "cache"),
    (5, "routes", None, "route"),
    (6, "|routes|https://{default}/|upstream", "shop", "shop:http"),
    (6, "|routes|https://{default}/|upstream", "shopp:http", "shop"),
    (6, "|routes|https://{default}/|upstream", "shop:tcp", "http"),
    (6, "|routes|https://{default}/", {"type": "upstream"}, "upstream"),
    (6, "|routes|https://a.{default}:8000/", {"type": "upstream", "upstream": "shop:http"}, "port"),
    (6, "|routes|https://a;b.{default}/", {"type": "upstream", "upstream": "shop:http"}, "digits"),
    (6, "|routes|https://www.{default}/", {"type": "redirect"}, "'to'"),
    (7, "applications/store/type", "swift:6.3", "Swift"),
    (7, "applications/store/type", "python:2.7", "python:3.13"),
    (8, "applications/store/hooks/build", "set -e\nif true; then\n  echo\n", "dash"),
    (8, "applications/store/web/commands/start", "exec ./x <(cat)", "dash"),
    (8, "applications/store/crons/snapshot/commands/start", "echo 'open", "dash"),
    (8, "applications/store/operations/backup/commands/start", "( echo", "dash"),
    (8, "tasks", {"tidy": {"run": {"command": "( echo"}}}, "tasks.tidy.run.command"),
    (10, "applications/store/web/locations", {"/": {"passthru": True, "request_buffering": {"max_request_size": "250 MB"}}}, "250m"),
    (10, "applications/shop/web/locations", {"static": {"root": "public"}}, "/static"),
    (10, "applications/shop/web/locations", {"/": {"root": "/public"}}, "relative"),
    (10, "applications/shop/web/locations", {"/": {"root": "../x"}}, ".."),
    (10, "applications/shop/web/locations", {"/": {"root": "public", "rules": {"(": {"allow": True}}}}, "regular expression"),
    (11, "applications/shop/dependencies", {"swift": {"x": "*"}}, "python3"),
    (11, "applications/shop/dependencies", {"nodejs": {"pnpm": ""}}, "pnpm"),
]

# Changes that break nothing.
RIGHT: list[tuple[str, Any]] = [
    ("applications/store/crons/snapshot/spec", "*/30 8-18 * JAN,mar-may MON-FRI"),
    ("applications/shop/web/locations", {"/": {"root": "public", "rules": {r"/(?<id>\d++)$": {"expires": "1d"}}}}),
    ("applications/store/hooks/deploy", "- x"),
    ("applications/store/source/root", "/store/"),
    ("tasks", {"tidy": {"run": {"command": "exec tidy", "timeout": 600}}}),
]

WARNINGS: list[tuple[str, Any, str]] = [
    ("applications/store/mounts", {".db": {"source": "storage", "source_path": "db"}}, '"/.db"'),
    ("applications/store/type", "python:3.12", "python:3.13"),
    ("applications/store/web", None, "start"),
    ("applications/store/web/commands/start", "./bin/store", "exec"),
    ("applications/store/web/commands/start", "exec ./bin/store &", "background"),
    ("applications/store/disk", 512, "resources:set"),
    ("applications/store/size", "S", "resources:set"),
    ("|routes|https://{default}/|sticky", True, "sticky"),
    ("|routes|https://store.{default}/", {"type": "upstream", "upstream": "store:http"}, "token"),
    ("applications/store/web/locations", {"/": {"allow": False}}, "passthru"),
    ("applications/shop/variables/env/STORE_SSL", False, "quotes"),
    ("applications/shop/variables/env/STORE_TOKEN", "abc", "secret"),
    ("applications/store/hooks/build", "./a.sh\n./b.sh\n", "set -e"),
    ("applications/store/crons/snapshot/spec", "*/2 * * * *", "five minutes"),
]


class Lint(unittest.TestCase):
    def test_good(self) -> None:
        errors, warnings = problems_of(yaml.safe_dump(GOOD, sort_keys=False))
        self.assertEqual([], [str(problem) for problem in errors + warnings])

    def test_own(self) -> None:
        if not files_of(REPOSITORY):
            self.skipTest("there is no .upsun here")
        errors, warnings = lint.check(load(files_of(REPOSITORY), REPOSITORY), REPOSITORY)
        self.assertEqual([], [str(problem) for problem in errors + warnings])

    def test_errors(self) -> None:
        for rule, path, value, word in ERRORS:
            with self.subTest(rule=rule, path=path, value=value):
                errors, warnings = problems_of(changed(path, value))
                self.assertEqual([rule], [problem.rule for problem in errors], [str(problem) for problem in errors])
                self.assertIn(word, errors[0].text)

    def test_right(self) -> None:
        for path, value in RIGHT:
            with self.subTest(path=path, value=value):
                errors, warnings = problems_of(changed(path, value))
                self.assertEqual([], [str(problem) for problem in errors + warnings])

    def test_service_of_a_worker(self) -> None:
        values = copy.deepcopy(GOOD)
        values["services"] = {"queue": {"type": "redis:8.0"}}
        values["applications"]["shop"]["workers"] = {"mailer": {"commands": {"start": "exec x"}, "relationships": {"queue": "queue:redis"}}}
        errors, warnings = problems_of(yaml.safe_dump(values, sort_keys=False))
        self.assertEqual([], [str(problem) for problem in errors + warnings])

    def test_warnings(self) -> None:
        for path, value, word in WARNINGS:
            with self.subTest(path=path, value=value):
                errors, warnings = problems_of(changed(path, value))
                self.assertEqual([], [str(problem) for problem in errors])
                self.assertEqual(1, len(warnings), [str(problem) for problem in warnings])
                self.assertIn(word, warnings[0].text)

    def test_duplicate_key(self) -> None:
        errors, _ = problems_of(yaml.safe_dump(GOOD) + "routes: {}\n")
        self.assertIn("second time", errors[0].text)

    def test_lines(self) -> None:
        text = "applications:\n  shop:\n    type: php:8.5\n    tipe: x\n"
        errors, _ = problems_of(text)
        self.assertEqual([("config.yaml", 4)], [(problem.file, problem.line) for problem in errors])
        errors, _ = problems_of("applications:\n  shop:\n    type: php:8.5\n    hooks:\n      build: |\n        if\n")
        self.assertEqual([5], [problem.line for problem in errors])

    def test_not_yaml(self) -> None:
        for text in ("applications: [", "applications:\n\t- x\n", "- a\n", ""):
            with self.subTest(text=text):
                errors, _ = problems_of(text)
                self.assertTrue(errors)

    def test_files_are_merged_at_the_top(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            upsun = Path(folder) / ".upsun"
            upsun.mkdir()
            (upsun / "apps.yaml").write_text(yaml.safe_dump({"applications": GOOD["applications"]}))
            (upsun / "routes.yaml").write_text(yaml.safe_dump({"routes": GOOD["routes"]}))
            errors, warnings = lint.check(load(files_of(Path(folder)), Path(folder)), Path(folder))
            self.assertEqual([], [str(problem) for problem in errors + warnings])
            (upsun / "more.yaml").write_text(yaml.safe_dump({"applications": {"shop": {"type": "php:8.5"}}}))
            errors, _ = lint.check(load(files_of(Path(folder)), Path(folder)), Path(folder))
            self.assertIn("another file", errors[0].text)

    def test_include(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            upsun = Path(folder) / ".upsun"
            upsun.mkdir()
            (upsun / "config.yaml").write_text(
                "applications:\n  shop: !include {type: yaml, path: parts/shop.yaml}\n  other: !include ../../outside.yaml\n")
            (upsun / "parts").mkdir()
            (upsun / "parts" / "shop.yaml").write_text("type: php:8.5\ncolour: red\n")
            errors, _ = lint.check(load(files_of(Path(folder)), Path(folder)), Path(folder))
            self.assertTrue(any("outside the project" in problem.text for problem in errors))
            self.assertTrue(any(problem.file == "shop.yaml" and problem.line == 2 for problem in errors), [str(problem) for problem in errors])

    def test_anchors(self) -> None:
        text = (".shared: &shared\n  type: php:8.5\napplications:\n  shop:\n    <<: *shared\n    source: {root: /}\n")
        errors, warnings = problems_of(text)
        self.assertEqual([], [str(problem) for problem in errors + warnings])


if __name__ == "__main__":
    unittest.main()
