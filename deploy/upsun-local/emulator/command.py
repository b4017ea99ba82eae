"""The command line: one function for each verb, and its help."""
import argparse
import os
import sys
from pathlib import Path

from . import deploying, entering, reporting, supervisor
from .console import INTERRUPTED, USAGE, Failure, complain
from .state import State

def parser(entry: Path) -> argparse.ArgumentParser:
    repository = entry.parents[2]
    top = argparse.ArgumentParser(prog="upsun-local", description="x")
    top.add_argument("--state", default=None)
    top.add_argument("--project", default=str(repository))
    verbs = top.add_subparsers(dest="verb", required=True)

    def deploy_options(verb):
        verb.add_argument("--driver", choices=["auto", "root", "plain"], default="auto")
        verb.add_argument("--binaries")
        verb.add_argument("--model")
        verb.add_argument("--from-source", action="store_true")
        verb.add_argument("--environment")
        verb.add_argument("--environment-type", choices=["production", "staging", "development"])
        verb.add_argument("--port", type=int)
        verb.add_argument("--expose", action="append", default=[])
        verb.add_argument("--rebuild", action="store_true")

    up = verbs.add_parser("up"); deploy_options(up)
    up.set_defaults(run=lambda s, o: deploying.deploy(s, o, always=False, rolling=False, entry=entry))
    re = verbs.add_parser("redeploy"); deploy_options(re); re.add_argument("--rolling", action="store_true")
    re.set_defaults(run=lambda s, o: deploying.deploy(s, o, always=True, rolling=o.rolling, entry=entry))
    v = verbs.add_parser("restart"); v.add_argument("app"); v.set_defaults(run=deploying.restart)
    v = verbs.add_parser("stop"); v.add_argument("--purge", action="store_true"); v.set_defaults(run=deploying.stop)
    v = verbs.add_parser("status"); v.add_argument("--json", action="store_true"); v.add_argument("--verify-tree", action="store_true"); v.set_defaults(run=reporting.status)
    v = verbs.add_parser("resources"); v.add_argument("--json", action="store_true"); v.set_defaults(run=reporting.resources)
    v = verbs.add_parser("logs"); v.add_argument("app", nargs="?"); v.add_argument("--follow", "-f", action="store_true"); v.add_argument("--lines", type=int, default=100); v.add_argument("--type", default="app"); v.set_defaults(run=entering.logs)
    v = verbs.add_parser("ssh"); v.add_argument("app"); v.add_argument("command", nargs=argparse.REMAINDER); v.set_defaults(run=entering.ssh)
    v = verbs.add_parser("env"); v.add_argument("app"); v.add_argument("--json", action="store_true"); v.set_defaults(run=entering.env)
    v = verbs.add_parser("supervise"); v.set_defaults(run=None)
    return top


def main(entry: Path) -> int:
    options = parser(entry).parse_args()
    options.project = Path(options.project).resolve()
    state = State(Path(options.state) if options.state else options.project / ".upsun-local")
    if options.verb == "supervise":
        supervisor.main(state)
        return 0
    try:
        return options.run(state, options)
    except Failure as failure:
        complain(str(failure))
        return failure.status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
