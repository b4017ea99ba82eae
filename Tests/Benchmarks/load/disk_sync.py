"""What making four kilobytes durable costs on a disk."""

import os
import pathlib
import statistics
import time


def milliseconds(folder, count=200):
    """Median of append and fdatasync, in the file system of `folder`."""
    path = pathlib.Path(folder) / "sync-probe"
    times = []
    with open(path, "wb", buffering=0) as file:
        for _ in range(count):
            begun = time.perf_counter()
            file.write(b"x" * 4096)
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - begun)
    path.unlink()
    return 1000 * statistics.median(times)
