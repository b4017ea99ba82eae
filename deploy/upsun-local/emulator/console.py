"""What the command prints: short lines on standard output, errors with advice on standard error."""
import contextlib
import signal
import sys
import time
from types import FrameType
from typing import Callable, Iterator, NoReturn

Say = Callable[[str], None]

USAGE, UNAVAILABLE, INTERRUPTED = 64, 69, 130


class Failure(Exception):
    """Ends a verb: what went wrong and what to do, and the command's exit status."""

    def __init__(self, message: str, status: int = 1):
        super().__init__(message)
        self.status = status


class Interrupted(KeyboardInterrupt):
    """A signal that ends a verb."""

    def __init__(self, number: int):
        super().__init__()
        self.status = 128 + number


class Signals:
    """SIGINT, SIGTERM and SIGHUP end a verb, and what it had begun is taken back."""

    held = False
    waiting: int | None = None

    def take(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # What is ignored stays so: nohup, and jobs in the background of a script.
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                signal.signal(number, self.arrive)

    def arrive(self, number: int, frame: FrameType | None) -> None:
        if self.held:
            self.waiting = number
            return
        if number != signal.SIGINT:
            # One is enough, and a second one must not break off what the first has brought about.
            signal.signal(number, signal.SIG_IGN)
        raise Interrupted(number)

    @contextlib.contextmanager
    def held_back(self) -> Iterator[None]:
        """They wait until `release`, which whoever starts a process calls where its end is taken care of."""
        self.held = True
        try:
            yield
        finally:
            self.release()

    def release(self) -> None:
        self.held = False
        number, self.waiting = self.waiting, None
        if number is not None:
            self.arrive(number, None)


SIGNALS = Signals()


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
