"""From a log of file operations to what a disk may hold after the power went at a chosen moment.

The model. At a crash after record P of the log:

*Data of a file.* What was written before the begin of its last completed fsync or fdatasync is there. Each later change
(write, truncation, allocation) is kept, dropped, or, a write, torn: any subset of its 512-byte sectors; in any
combination, whatever their order was. Bytes never written below the end of the file read as zero.

*Entries of a directory.* What was done before the begin of the last completed fsync *of the directory* is there. Of the
later changes (create, link, unlink, rename, mkdir, rmdir) a prefix is kept, chosen for each directory by itself. A
rename is one change, also between two directories: never both names, never none.

*Between them* there is no order: an entry may be kept and the data of its file not (an empty file under the new name).

What ext4 and xfs promise beyond that, and the server must not need: fsync of a new file also makes its entry durable
(both commit the journal up to there, and with it all earlier changes of names, of all directories); with data=ordered
and auto_da_alloc a rename over a file writes the new file's data first; an unsynced size is not extended before its
data is written. What we do rely on: fsync means the device has it; a sector of 512 bytes is written whole or not at
all, and a write damages no byte outside of its range (SQLite's "powersafe overwrite"); a rename is atomic; unwritten
bytes do not show old data of other files.
"""

import json
import os
import struct
from typing import NamedTuple

KINDS = [
    "",
    "open",
    "close",
    "dup",
    "write",
    "truncate",
    "sync begin",
    "sync end",
    "rename",
    "link",
    "unlink",
    "mkdir",
    "rmdir",
    "allocate",
    "blind",
]
MARK = 100  # the driver's own records: JSON
HEADER = struct.Struct("<IIiiqq")
SECTOR = 512
RENAME_EXCHANGE = 2
FALLOC_KEEP_SIZE = 1


class BlindLog(Exception):
    """The log does not tell all that happened; nothing can be concluded from it."""


class Record(NamedTuple):
    kind: str
    process: int
    descriptor: int
    first: int
    second: int
    data: bytes


def read_log(path):
    with open(path, "rb") as file:
        content = file.read()
    records, position = [], 0
    while position < len(content):
        length, kind, process, descriptor, first, second = HEADER.unpack_from(content, position)
        data = content[position + HEADER.size : position + length]
        name = "mark" if kind == MARK else KINDS[kind]
        if name == "blind":
            raise BlindLog(data.decode(errors="replace"))
        records.append(Record(name, process, descriptor, first, second, data))
        position += length
    return records


class Marker:
    """The driver's hand on the same log."""

    def __init__(self, path):
        self.descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def put(self, **values):
        data = json.dumps(values).encode()
        os.write(self.descriptor, HEADER.pack(HEADER.size + len(data), MARK, os.getpid(), -1, 0, 0) + data)

    def close(self):
        os.close(self.descriptor)


class File:
    def __init__(self):
        self.durable = bytearray()
        self.pending = []  # (index, "write" | "truncate" | "extend", offset or size, bytes)

    def sync(self, before):
        late = [change for change in self.pending if change[0] >= before]
        for change in self.pending:
            if change[0] < before:
                apply(self.durable, change)
        self.pending = late

    def content(self, keep):
        """`keep` turns a pending change into the changes that reach the disk."""
        content = bytearray(self.durable)
        for change in self.pending:
            for kept in keep(change):
                apply(content, kept)
        return content


def apply(content, change):
    _, kind, offset, data = change
    if kind == "write":
        if len(content) < offset:
            content.extend(bytes(offset - len(content)))
        content[offset : offset + len(data)] = data
    elif kind == "truncate" and offset < len(content):
        del content[offset:]
    elif offset > len(content):
        content.extend(bytes(offset - len(content)))


class Change:
    """Entries of one or two directories that change together: (directory, name, new inode or None)."""

    def __init__(self, index, entries):
        self.index, self.entries = index, entries
        self.directories = list({id(entry[0]): entry[0] for entry in entries}.values())


class Directory:
    def __init__(self):
        self.now, self.durable, self.pending = {}, {}, []

    def sync(self, before):
        while self.pending and self.pending[0].index < before:
            change = self.pending.pop(0)
            self.apply(self.durable, change)
            for other in change.directories:
                # A rename between directories is one change: durable here, so there, with all that went before it
                # there.
                if other is not self:
                    other.sync(change.index + 1)

    def apply(self, entries, change):
        for directory, name, inode in change.entries:
            if directory is self:
                entries.pop(name, None)
                if inode is not None:
                    entries[name] = inode

    def entries(self, cut):
        """The entries when of the pending changes those before index `cut` are kept."""
        entries = dict(self.durable)
        for change in self.pending:
            if change.index < cut:
                self.apply(entries, change)
        return entries


class Disk:
    """The files under the root while the log is followed; `advance` one record at a time."""

    def __init__(self, root):
        self.prefix, self.root = str(root), Directory()
        self.directories = [self.root]
        self.descriptors = {}
        self.syncs = {}
        self.index = 0

    def locate(self, path):
        """(directory, last name) of a canonical path."""
        parts = [part for part in path[len(self.prefix) :].split("/") if part]
        directory = self.root
        for part in parts[:-1]:
            directory = directory.now[part]
        return directory, parts[-1] if parts else ""

    def change(self, *entries):
        change = Change(self.index, entries)
        for directory in change.directories:
            directory.pending.append(change)
            directory.apply(directory.now, change)

    def advance(self, record):
        handler = getattr(self, record.kind.replace(" ", "_"))
        try:
            handler(record)
        except KeyError as error:
            raise BlindLog(f"record {self.index} ({record.kind}) names what no record has made: {error}") from error
        self.index += 1

    def mark(self, record):
        pass

    def open(self, record):
        directory, name = self.locate(record.data.decode())
        if not name:
            inode = self.root
        elif name.endswith(" (deleted)"):
            inode = File()  # O_TMPFILE, or removed in the meantime: no entry leads to it
        elif name not in directory.now:
            if record.second or not record.first & os.O_CREAT:
                raise BlindLog(f"{record.data.decode()} was opened and no record has made it")
            inode = File()
            self.change((directory, name, inode))
        else:
            inode = directory.now[name]
            if record.first & os.O_TRUNC and isinstance(inode, File):
                inode.pending.append((self.index, "truncate", 0, b""))
        self.descriptors[record.process, record.descriptor] = inode

    def close(self, record):
        del self.descriptors[record.process, record.descriptor]

    def dup(self, record):
        self.descriptors[record.process, record.first] = self.descriptors[record.process, record.descriptor]

    def file(self, record):
        return self.descriptors[record.process, record.descriptor]

    def write(self, record):
        self.file(record).pending.append((self.index, "write", record.first, record.data))

    def truncate(self, record):
        # Both ways: shorter cuts, longer extends with zeros.
        self.file(record).pending.append((self.index, "truncate", record.first, b""))
        self.file(record).pending.append((self.index, "extend", record.first, b""))

    def allocate(self, record):
        if record.first & ~FALLOC_KEEP_SIZE:
            raise BlindLog(f"fallocate mode {record.first}: its effect is not modelled")
        if not record.first:
            self.file(record).pending.append((self.index, "extend", record.second, b""))

    def sync_begin(self, record):
        self.syncs[record.process, record.first] = self.file(record), self.index

    def sync_end(self, record):
        # By thread: what counts is what was done before this very call began. A sync that failed has a begin and no
        # end.
        inode, begun = self.syncs.pop((record.process, record.first))
        inode.sync(begun)

    def rename(self, record):
        old, new = (self.locate(name.decode()) for name in record.data.split(b"\0"))
        inode = old[0].now[old[1]]
        if record.first & RENAME_EXCHANGE:
            self.change((*old, new[0].now[new[1]]), (*new, inode))
        else:
            self.change((*old, None), (*new, inode))

    def link(self, record):
        old, new = (self.locate(name.decode()) for name in record.data.split(b"\0"))
        self.change((*new, old[0].now[old[1]]))

    def unlink(self, record):
        directory, name = self.locate(record.data.decode())
        directory.now[name]  # a KeyError here is a blind log
        self.change((directory, name, None))

    rmdir = unlink

    def mkdir(self, record):
        made = Directory()
        self.directories.append(made)
        self.change((*self.locate(record.data.decode()), made))

    # Images

    def cuts(self, choose):
        """For each directory the index before which its changes are kept; renames between two directories agree."""
        cuts = {id(directory): choose(directory) for directory in self.directories}
        settled = False
        while not settled:
            settled = True
            for directory in self.directories:
                for change in directory.pending:
                    kept = [change.index < cuts[id(other)] for other in change.directories]
                    if any(kept) and not all(kept):
                        settled = False
                        for other in change.directories:
                            cuts[id(other)] = min(cuts[id(other)], change.index)
        return cuts

    def write_image(self, target, variant, random):
        """Makes the directory `target`. `variant`: "all" (what SIGKILL leaves), "none" (nothing unsynced), "random"."""
        end = self.index + 1
        if variant == "all":
            cuts, keep = self.cuts(lambda directory: end), lambda change: [change]
        elif variant == "none":
            cuts, keep = self.cuts(lambda directory: 0), lambda change: []
        else:
            cuts = self.cuts(lambda directory: random.choice([0, end] + [change.index for change in directory.pending]))
            keep = None
        self.write_directory(self.root, target, cuts, keep, random)

    def write_directory(self, directory, target, cuts, keep, random):
        os.makedirs(target)
        for name, inode in directory.entries(cuts[id(directory)]).items():
            path = os.path.join(target, name)
            if isinstance(inode, Directory):
                self.write_directory(inode, path, cuts, keep, random)
            else:
                with open(path, "wb") as file:
                    file.write(inode.content(keep or lossy(random)))


def lossy(random):
    """For one file: with its own probability each change is kept, dropped or torn."""
    probability = random.choice([0.0, 0.2, 0.5, 0.8, 1.0])

    def keep(change):
        index, kind, offset, data = change
        if kind != "write" or random.random() < 0.5:
            return [change] if random.random() < probability else []
        sectors, position = [], 0
        while position < len(data):
            length = min(SECTOR - (offset + position) % SECTOR, len(data) - position)
            if random.random() < probability:
                sectors.append((index, kind, offset + position, data[position : position + length]))
            position += length
        return sectors

    return keep


def differs(disk, directory):
    """None when the followed log leads to the files that are really there; else the first difference."""

    def walk(node, path):
        real = {name for name in os.listdir(path) if not name.endswith("-shm")}
        if real != set(node.now):
            return f"{path}: really {sorted(real)}, by the log {sorted(node.now)}"
        for name, inode in node.now.items():
            full = os.path.join(path, name)
            if isinstance(inode, Directory):
                found = walk(inode, full)
            else:
                with open(full, "rb") as file:
                    found = (
                        None
                        if file.read() == inode.content(lambda change: [change])
                        else f"{full}: other bytes than by the log"
                    )
            if found:
                return found
        return None

    return walk(disk.root, str(directory))
