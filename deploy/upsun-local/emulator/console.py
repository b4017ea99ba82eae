"""What the command prints: short lines on standard output, errors with advice on standard error."""
import sys
import time
from typing import Callable, NoReturn

Say = Callable[[str], None]

USAGE, UNAVAILABLE, INTERRUPTED = 64, 69, 130


class Failure(Exception):
    """Ends a verb: what went wrong and what to do, and the command's exit status."""

    def __init__(self, message: str, status: int = 1):
        super().__init__(message)
        self.status = status


def say(line: str = "") -> None:
    print(line, flush=True)


def complain(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def refuse(message: str) -> NoReturn:
    raise Failure(message, USAGE)


class Clock:
    """Seconds since its making."""

    def __init__(self) -> None:
        self.start = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.start

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s"


def size(count: int) -> str:
    """Bytes for people; MB are the platform's, of 1,048,576."""
    if count < 1024:
        return f"{count} B"
    kilobytes = count / 1024
    if kilobytes < 1000:
        return f"{kilobytes:.0f} KB"
    megabytes = kilobytes / 1024
    return f"{megabytes:.1f} MB" if megabytes < 100 else f"{megabytes:.0f} MB"
