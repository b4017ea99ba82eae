"""An environment with a token and a public database."""
from __future__ import annotations

import re
import shlex

import snippets
from checks import Results, Setting, answer_of, edit, logs
from emulated import request, until


def closed_environment(setting: Setting, results: Results) -> None:
    project = setting.project("closed-project")
    token = "a-token-of-this-test-0123456789"
    path = project / ".upsun/config.yaml"
    text = path.read_text()
    # What the guide says: take the comment signs away.
    block = re.search(r'^  # ("https://chroma\.\{default\}/":\n(?:  #   .*\n)+)', text, re.MULTILINE)
    if not results.check(13, "the public route stands in the configuration as a comment", block):
        return
    assert block is not None
    path.write_text(text.replace(block.group(0), "  " + block.group(1).replace("\n  # ", "\n  ")))
    edit(project, "--retry 60 --retry-delay 1 --retry-max-time 60", "--retry 4 --retry-delay 1 --retry-max-time 60")
    with setting.environment("closed", project) as environment:
        failed = environment.up(check=False)
        said = environment.log("chroma")
        results.check(13, "a public route without a token: the server refuses to start", failed.returncode != 0 and "PLATFORM_ROUTES makes this app public" in said, said[-600:] or environment.output)
        environment.call("variable", "set", "env:CHROMA_AUTH_TOKEN", token, "--sensitive")
        environment.call("variable", "set", "env:CHROMA_REQUIRE_AUTH", "true")
        up = environment.up(check=False)
        if not results.check(13, "with one it starts", up.returncode == 0, environment.output + environment.log("chroma")[-600:]):
            return
        results.check(17, "the token is not shown", token not in environment.call("variable", "list").stdout)
        url = environment.url
        scheme, host = url.split("://")
        identity = f"{scheme}://chroma.{host}/api/v2/auth/identity"
        answers = [request(identity, headers=headers)[0] for headers in (
            {}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Bearer {token}"}, {"X-Chroma-Token": token})]
        results.check(13, "from outside: 403 without and with a wrong token, 200 with it in either header", answers == [403, 403, 200, 200], answers)
        results.check(13, "myapp has the token and answers", until(lambda: answer_of(url) is not None, 120))
        done = environment.ssh("myapp", f"HOME=/tmp {setting.python} -c {shlex.quote(snippets.block('python'))}", check=False)
        results.check(7, "the guide's Python sends it", done.stdout.strip() == snippets.promised("python"), environment.output[-800:])
        done = environment.ssh("myapp", f"{setting.python} -c {shlex.quote(snippets.javascript_requests())}", check=False)
        results.check(7, "so do the JavaScript's requests", done.stdout.strip() == snippets.promised("javascript"), environment.output[-800:])
        done = environment.call("operation", "run", "backup", "-A", "chroma", check=False)
        results.check(15, "a snapshot is made with the token", done.returncode == 0, environment.output)
        environment.call("variable", "delete", "env:CHROMA_AUTH_TOKEN")
        environment.call("variable", "set", "env:CHROMA_AUTH_FROM_ENTROPY", "true")
        environment.redeploy()
        derived = environment.variables("chroma").get("CHROMA_AUTH_TOKEN", "")
        same = derived == environment.variables("myapp").get("CHROMA_AUTH_TOKEN")
        answers = [request(identity, headers=headers)[0] for headers in ({}, {"Authorization": f"Bearer {derived}"})]
        results.check(13, "the token derived from the project's secret is one for both apps", same and len(derived) == 64 and answers == [403, 200], answers)
        logs(results, environment, secrets=[token, derived])
