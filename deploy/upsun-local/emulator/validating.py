"""`validate`."""
import argparse
from pathlib import Path

from . import lint
from .console import Failure, complain, say
from .document import files_of, load
from .project import apps_of
from .state import State


def validate(state: State, options: argparse.Namespace) -> int:
    """Errors on standard error, each with its file and line; exit status 1 if there are any."""
    files = [Path(options.file)] if options.file else files_of(options.project)
    for file in files:
        if not file.is_file():
            raise Failure(f"there is no file {file}")
    if not files:
        raise Failure(f"There is no .upsun/config.yaml in {options.project}. Choose the project's directory with --project.")
    document = load(files, options.project)
    errors, warnings = lint.check(document, options.project)
    for warning in warnings:
        say(f"warning: {warning}")
    for error in errors:
        complain(f"error: {error}")
    if not errors:
        apps_of(document.values)
    names = ", ".join(file.name for file in files)
    word = f"{len(errors)} error{'' if len(errors) == 1 else 's'}" if errors else "valid"
    say(f"{names}: {word}" + (f", {len(warnings)} warning{'' if len(warnings) == 1 else 's'}" if warnings else ""))
    return 1 if errors else 0
