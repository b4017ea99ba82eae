"""Memory of a process, as the kernel counts it."""

import pathlib

MEGABYTE = 1e6


def memory(pid):
    """{"rss", "anonymous"} in bytes, out of smaps_rollup."""
    return parse(pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text())


def parse(text):
    fields = {line.split(":")[0]: line.split(":")[1] for line in text.splitlines()[1:] if ":" in line}
    return {name: int(fields[key].split()[0]) * 1024 for name, key in (("rss", "Rss"), ("anonymous", "Anonymous"))}


def disk(folder):
    """Bytes that the files of a directory take."""
    return sum(path.stat().st_blocks * 512 for path in pathlib.Path(folder).rglob("*") if path.is_file())
