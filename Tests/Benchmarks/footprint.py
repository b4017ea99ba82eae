"""What a server process takes: memory as the kernel counts it, and bytes on disk."""

import os
import re
import time

from server import ServerFailed

MEGABYTE = 1_000_000


def memory(pid):
    """(anonymous, resident) bytes, from smaps_rollup."""
    with open(f"/proc/{pid}/smaps_rollup") as file:
        text = file.read()

    def field(name):
        return int(re.search(rf"^{name}: +(\d+) kB", text, re.MULTILINE).group(1)) * 1024

    return field("Anonymous"), field("Rss")


def disk(directory):
    """Bytes that the files of a directory take."""
    total = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            try:
                total += os.stat(os.path.join(folder, name)).st_blocks * 512
            except FileNotFoundError:
                pass  # removed since it was listed
    return total


def patiently(client, method, path, body, seconds=600):
    """The decoded answer; a 503 is asked again, as the server wants it. Gives it with the number of times."""
    deadline = time.monotonic() + seconds
    refused = 0
    while True:
        status, answer = client.request(method, path, body)
        if 200 <= status < 300:
            return answer, refused
        if status != 503 or time.monotonic() > deadline:
            raise ServerFailed(f"{method} {path}: {status} {str(answer)[:300]}")
        refused += 1
        time.sleep(0.2)


def wait_until_indexed(client, path, seconds=3600):
    deadline = time.monotonic() + seconds
    while client.expect("GET", path + "/indexing_status")["op_indexing_progress"] < 1:
        if time.monotonic() > deadline:
            raise ServerFailed("the index does not catch up")
        time.sleep(0.1)
