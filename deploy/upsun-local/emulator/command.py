"""The command line: verbs, their options, their help."""
import argparse
import os
import shutil
import sys
import textwrap
from pathlib import Path
from typing import Callable, NoReturn

from . import deploying, entering, reporting, settings, snapshots, supervisor, tunnels, validating
from .console import INTERRUPTED, SIGNALS, USAGE, Failure, Interrupted, complain
from .state import State

Run = Callable[[State, argparse.Namespace], int]


class Help(argparse.HelpFormatter):
    """Paragraphs that fit the terminal; what is indented stays as it is."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26, width=min(110, shutil.get_terminal_size().columns))

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        parts = []
        for paragraph in text.split("\n\n"):
            lines = paragraph.split("\n")
            plain = [line for line in lines if not line.startswith("  ")]
            filled = textwrap.fill(" ".join(plain), width, initial_indent=indent, subsequent_indent=indent) if plain else ""
            parts.append("\n".join([filled, *(line for line in lines if line.startswith("  "))]).strip("\n"))
        return "\n\n".join(parts)


class Parser(argparse.ArgumentParser):
    """With the house's exit status for wrong usage."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


ABOUT = """\
Runs the applications of .upsun/config.yaml on this machine as the platform would run them: each built from a clean export of
what git would push, its tree read-only but for its mounts, with the platform's environment, behind its own nginx, and all of
them behind a router for the routes. Nothing of it needs the internet when the binaries are there (--binaries).

Two drivers. As root each app has its own network, file system and processes, /app, chroma.internal:80, an ordinary user and a
memory limit. Without root everything is on ports of loopback, /app is the tree's own path, and chroma.internal is 127.0.0.1
with a port: programs that take both from CHROMA_HOST and CHROMA_PORT see no difference. What an app listens on is up to its
start command: one that binds 0.0.0.0 is then open to the network the machine is in."""

MORE = """\
A first round:
  upsun-local up --binaries .build-release/release
  upsun-local env myapp
  upsun-local ssh myapp -- 'curl -s http://$CHROMA_HOST:$CHROMA_PORT/api/v2/heartbeat'
  upsun-local tunnel open -A myapp
  upsun-local redeploy --rolling
  upsun-local stop

What differs from the platform: routes are served over HTTP on one port; requests during a deployment are answered 503 instead
of being held; apps have no way to the internet (root); crons run when asked, not on time; CPU and disk have no limits;
services and workers are not run.

Exit status: 0; 1 when it failed, with what to do on standard error; 64 for wrong usage; 69 when a tool is missing, with the
name of its Debian package. ssh ends with the status of its command."""

UP = """\
Builds what has changed, and deploys it: stops what runs, starts the apps in the order of their relationships, each one joining
the router when its post_start has passed. When nothing has changed and everything runs, it stays as it is. Project, state
directory, driver, port and binaries are remembered for the verbs that follow."""

REDEPLOY = """\
Like up, but deploys even if nothing has changed. Without --rolling everything stops first, as the platform does by default. With
--rolling each app's new container starts beside the old one on the same mounts, traffic moves when its post_start has passed,
and then the old one gets SIGTERM."""


def parser(entry: Path) -> argparse.ArgumentParser:
    repository = entry.parents[2]
    top = Parser(prog="upsun-local", description=ABOUT, epilog=MORE, formatter_class=Help)
    top.add_argument("--state", metavar="DIR", help="where the environment lives (default: .upsun-local in the project); "
                     "each directory is an environment of its own, several run at once")
    top.add_argument("--project", metavar="DIR", default=str(repository), help="the git repository to deploy (default: this one)")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(group: "argparse._SubParsersAction[Parser]", name: str, summary: str, run: Run | None, about: str = ""
             ) -> argparse.ArgumentParser:
        one = group.add_parser(name, help=summary, description=about or summary[0].upper() + summary[1:] + ".", formatter_class=Help)
        one.set_defaults(run=run)
        # Behind the verb they are understood, too.
        one.add_argument("--state", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        one.add_argument("--project", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        return one

    def group(name: str, summary: str) -> "argparse._SubParsersAction[Parser]":
        one = verbs.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".", formatter_class=Help)
        return one.add_subparsers(dest="action", required=True, metavar="ACTION")

    def for_app(one: argparse.ArgumentParser, what: str) -> None:
        one.add_argument("-A", "--app", metavar="APP", help=what)

    up = verb(verbs, "up", "build and deploy; does nothing when nothing has changed",
              lambda state, options: deploying.deploy(state, options, always=False, rolling=False, entry=entry), UP)
    again = verb(verbs, "redeploy", "deploy again, all at once or --rolling",
                 lambda state, options: deploying.deploy(state, options, always=True, rolling=options.rolling, entry=entry), REDEPLOY)
    again.add_argument("--rolling", action="store_true", help="new beside old, without a pause")
    for one in (up, again):
        one.add_argument("--binaries", metavar="DIR", help="directory with executables of the apps' names, for <APP>_BINARY_URL and "
                         "<APP>_BINARY_SHA256 of the build hooks (default: UPSUN_LOCAL_BINARIES, or as last time)")
        one.add_argument("--from-source", action="store_true", help="let the build hooks build; forgets --binaries")
        one.add_argument("--model", metavar="DIR", help="directory with the embedding model, for CHROMA_MODEL_URL (default: "
                         "CHROMA_MODEL_PATH or the user's cache, when it is there)")
        one.add_argument("--rebuild", action="store_true", help="run the build hooks even if nothing has changed")
        one.add_argument("--driver", choices=["auto", "root", "plain"], default="auto", help="default: root where that can be")
        one.add_argument("--environment", metavar="NAME", help="name of the branch (default: main); its host is made of it")
        one.add_argument("--environment-type", choices=["production", "staging", "development"],
                         help="default: production for main, else development")
        one.add_argument("--port", type=int, metavar="N", help="the router's port on loopback (default: the first free one from 8700)")
        one.add_argument("--expose", action="append", default=[], metavar="DIR",
                         help="show a directory of this machine, read-only, to the apps under its own path (root; repeatable)")

    one = verb(verbs, "restart", "end an app's process (SIGTERM, after 15 s SIGKILL) and start it again", deploying.restart)
    one.add_argument("app", metavar="APP")
    one = verb(verbs, "stop", "end everything; data stay", deploying.stop)
    one.add_argument("--purge", action="store_true", help="remove the state directory as well, with all data")
    one = verb(verbs, "status", "what runs where, and what the builds took", reporting.status)
    one.add_argument("--json", action="store_true", help="everything known, for scripts")
    one.add_argument("--verify-tree", action="store_true",
                     help="compare each app's tree with what the build left; exit status 1 if it differs")
    one = verb(verbs, "resources", "memory of the apps: now, peak, limit", reporting.resources)
    one.add_argument("--json", action="store_true")
    one = verb(verbs, "logs", "what the apps print", entering.logs)
    one.add_argument("app", nargs="?", metavar="APP", help="default: all, each line with its app's name")
    one.add_argument("-f", "--follow", action="store_true", help="go on until Ctrl-C")
    one.add_argument("--lines", type=int, default=100, metavar="N", help="how many of the last lines first (default: 100)")
    one.add_argument("--type", choices=entering.LOG_KINDS, default="app", help="access and error are nginx's (default: app)")
    one = verb(verbs, "ssh", "run a command in an app's container, or a shell", entering.ssh,
               "Runs a command in the app's container with its environment, .environment included; without one, a shell.\n"
               "One word is a command line for dash; several are a command and its arguments, taken as they are.")
    one.add_argument("app", metavar="APP")
    one.add_argument("command", nargs=argparse.REMAINDER, metavar="-- CMD", help="the command")
    one = verb(verbs, "env", "the environment of an app", entering.env)
    one.add_argument("app", metavar="APP")
    one.add_argument("--json", action="store_true")

    cron = group("cron", "run a cron now")
    one = verb(cron, "run", "run a cron of the configuration now", entering.cron_run,
               "Runs a cron now, whatever its schedule says: in its app's container, one at a time, within its timeout.\n"
               "Crons and operations have the app's environment, but .environment is not sourced for them: the platform's\n"
               "documentation promises that for start and SSH only.")
    one.add_argument("name", metavar="NAME")
    for_app(one, "when several apps have a cron of that name")
    operation = group("operation", "run a runtime operation")
    one = verb(operation, "run", "run an operation of the configuration", entering.operation_run)
    one.add_argument("name", metavar="NAME")
    for_app(one, "when several apps have an operation of that name")

    tunnel = group("tunnel", "reach relationships from this machine")
    one = verb(tunnel, "open", "open a port for each relationship of an app", tunnels.open_all)
    for_app(one, "the app whose relationships are meant (default: the only one that has any)")
    one.add_argument("--relationship", metavar="R", help="only this one")
    one = verb(tunnel, "single", "open one port", tunnels.open_single)
    for_app(one, "the app whose relationship is meant")
    one.add_argument("--relationship", metavar="R", help="the relationship (default: the only one)")
    one.add_argument("--port", type=int, metavar="P", help="port on loopback (default: the first free one from 30000)")
    one = verb(tunnel, "info", "where the tunnels lead", tunnels.info)
    for_app(one, "only tunnels of this app")
    one.add_argument("--relationship", metavar="R", help="only this one")
    one.add_argument("--encode", action="store_true", help="base64 of JSON, for PLATFORM_RELATIONSHIPS")
    one.add_argument("--json", action="store_true")
    one.add_argument("-P", "--property", metavar="P", help="one value, for example chroma.0.port")
    one = verb(tunnel, "close", "close tunnels", tunnels.close)
    for_app(one, "only tunnels of this app")

    one = verb(verbs, "backup", "copy the storage mounts of all apps", snapshots.backup,
               "Copies the storage mounts of all apps into the state directory, as the platform's backups of an environment do.\n"
               "All processes stand still meanwhile; with --live they go on, and files may be caught in the middle of a change.")
    one.add_argument("name", nargs="?", metavar="NAME", help="default: date and time")
    one.add_argument("--live", action="store_true", help="without the pause, like the platform's automated backups")
    one.add_argument("--list", action="store_true", help="list the backups there are")
    one.add_argument("--json", action="store_true", help="with --list")
    one = verb(verbs, "restore", "put a backup back, here or into another environment", snapshots.restore,
               "Puts the storage mounts back as they were, and starts the apps again if they ran. Code is not touched.")
    one.add_argument("name", metavar="NAME")
    one.add_argument("--into", metavar="DIR", help="state directory of another environment")
    one = verb(verbs, "validate", "check .upsun/config.yaml by the platform's rules", validating.validate)
    one.add_argument("file", nargs="?", metavar="FILE", help="default: all files of .upsun in the project")

    variable = group("variable", "variables of the project and of the environment")
    one = verb(variable, "set", "create or change a variable", settings.set_variable,
               "Sets a variable: env:NAME becomes the environment variable NAME, others are found in PLATFORM_VARIABLES.\n"
               "Variables of the environment outrank the project's, those the apps' own of the configuration.")
    one.add_argument("name", metavar="NAME")
    one.add_argument("value", metavar="VALUE", help="- reads it from standard input")
    one.add_argument("--level", choices=["project", "environment"], default="project")
    one.add_argument("--sensitive", action="store_true", help="never shown in lists")
    one.add_argument("--visible-build", type=settings.truth, metavar="BOOL",
                     help="default: true for the project's, false for the environment's")
    one.add_argument("--visible-runtime", type=settings.truth, metavar="BOOL", help="default: true")
    for_app(one, "for this app only")
    one = verb(variable, "list", "list variables, without sensitive values", settings.list_variables)
    one.add_argument("--json", action="store_true")
    one = verb(variable, "delete", "delete a variable", settings.delete_variable)
    one.add_argument("name", metavar="NAME")
    one.add_argument("--level", choices=["project", "environment"], help="default: both")

    return top


def main(entry: Path) -> int:
    if sys.argv[1:2] == [supervisor.VERB]:
        supervisor.main(State(Path(sys.argv[2])))
        return 0
    options = parser(entry).parse_args()
    options.project = Path(options.project).resolve()
    state = State(Path(options.state)) if options.state else State(options.project / ".upsun-local", is_default=True)
    SIGNALS.take()
    try:
        return options.run(state, options)
    except Failure as failure:
        complain(str(failure))
        return failure.status
    except Interrupted as interruption:
        return interruption.status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except PermissionError as error:
        complain(f"{error.filename}: {error.strerror}. Run it as the user who began the environment, with the same rights.")
        return 1
