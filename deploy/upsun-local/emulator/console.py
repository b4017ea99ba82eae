"""What the command prints: short lines on standard output, errors with advice on standard error."""
import signal
import sys
import time
from types import FrameType
from typing import Callable, NoReturn

Say = Callable[[str], None]

USAGE, UNAVAILABLE, INTERRUPTED = 64, 69, 130


class Failure(Exception):
    """Ends a verb: what went wrong and what to do, and the command's exit status."""

    def __init__(self, message: str, status: int = 1):
        super().__init__(message)
        self.status = status


class Interrupted(KeyboardInterrupt):
    """A signal other than Ctrl-C's that ends a verb just like it."""

    def __init__(self, number: int):
        super().__init__()
        self.status = 128 + number


def end_like_interrupt(number: int, frame: FrameType | None) -> NoReturn:
    """Handles SIGTERM and SIGHUP: what was begun is taken back, and a second one does not disturb that."""
    signal.signal(number, signal.SIG_IGN)
    raise Interrupted(number)


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
