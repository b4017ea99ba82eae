#!/usr/bin/env python3
"""Passages out of the HTML of named Debian documentation packages.

    debian_text.py      writes .bench/text/passages.txt, packages.json and queries.txt, unless they are there

The packages are downloaded with `apt-get download` and unpacked beside, not installed. A newer version of a package
changes the passages: which ones they were is in packages.json, and the data set's name holds a digest of the passages.
"""

import collections
import hashlib
import json
import pathlib
import random
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from sets.passages import LONGEST, SHORTEST, cut, fingerprint, is_english_prose, question  # noqa: E402
from sets.prose import paragraphs  # noqa: E402

CACHE = pathlib.Path(__file__).resolve().parents[3] / ".bench"
SEED, ROWS, QUERIES = 1, 60_000, 1_000
# So that no package is most of the set.
MOST_OF_A_PACKAGE = 9_000
PACKAGES = """
apache2-doc aptitude-doc-en bash-doc clang-15-doc cmake-doc debian-faq debian-handbook debian-policy debian-reference-en
developers-reference erlang-doc exim4-doc-html git-doc gnuplot-doc haproxy-doc installation-guide-amd64 linux-doc-6.1
llvm-15-doc maint-guide postfix-doc postgis-doc postgresql-doc-15 python-django-doc python-sqlalchemy-doc
python3.11-doc sqlite3-doc zsh-doc
""".split()
# Translations of these manuals lie side by side.
ONLY_WITHIN = {"debian-handbook": "/en-US/", "installation-guide-amd64": "/en/"}


def unpack(package):
    """The directory the package is unpacked in."""
    folder = CACHE / "unpacked" / package
    if not folder.is_dir():
        downloads = CACHE / "packages"
        downloads.mkdir(parents=True, exist_ok=True)
        if not list(downloads.glob(f"{package}_*.deb")):
            subprocess.run(["apt-get", "download", "-q", package], cwd=downloads, check=True, stdout=sys.stderr)
        unfinished = folder.with_suffix(".unfinished")
        archive = sorted(downloads.glob(f"{package}_*.deb"))[-1]
        subprocess.run(["dpkg-deb", "-x", archive, unfinished], check=True)
        unfinished.rename(folder)
    return folder


def pages(package):
    folder = unpack(package)
    within = ONLY_WITHIN.get(package, "/")
    found = {path for pattern in ("*.html", "*.html.en", "*.htm") for path in folder.rglob(pattern)}
    for path in sorted(found):
        if within in str(path) and path.is_file() and not path.is_symlink():
            yield path.read_text(errors="replace")


def of_package(package):
    source = random.Random(f"{SEED} {package}")
    for page in pages(package):
        yield from filter(is_english_prose, cut(paragraphs(page), lambda: source.randrange(SHORTEST, LONGEST - 300)))


def version(package):
    archive = sorted((CACHE / "packages").glob(f"{package}_*.deb"))[-1]
    run = subprocess.run(["dpkg-deb", "-f", archive, "Version"], check=True, capture_output=True, text=True)
    return run.stdout.strip()


def gather():
    """[(passage, package)], without repetitions, shuffled."""
    source, seen, all_passages = random.Random(SEED), set(), []
    for package in PACKAGES:
        mine = []
        for passage in of_package(package):
            # Pages repeat notices and introductions with small changes: one of those that begin alike is enough.
            keys = {fingerprint(passage)[:150], fingerprint(passage)[-150:]}
            if not keys & seen:
                mine.append((passage, package))
            seen |= keys
        source.shuffle(mine)
        print(f"{package}: {len(mine)} passages", file=sys.stderr, flush=True)
        all_passages += mine[:MOST_OF_A_PACKAGE]
    source.shuffle(all_passages)
    return all_passages


def write():
    folder = CACHE / "text"
    if (folder / "packages.json").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    gathered = gather()
    queries, rows = gathered[:QUERIES], gathered[QUERIES : QUERIES + ROWS]
    (folder / "passages.txt").write_text("".join(passage + "\n" for passage, _ in rows))
    (folder / "queries.txt").write_text("".join(question(passage) + "\n" for passage, _ in queries))
    about = {
        "seed": SEED,
        "sha256": hashlib.sha256((folder / "passages.txt").read_bytes()).hexdigest(),
        "versions": {package: version(package) for package in PACKAGES},
        "counts": collections.Counter(package for _, package in rows),
        "package_of_row": [package for _, package in rows],
    }
    # Last: its presence says that the others are whole.
    (folder / "packages.json").write_text(json.dumps(about))
    print(f"{len(rows)} passages, {len(queries)} queries", file=sys.stderr)


if __name__ == "__main__":
    write()
