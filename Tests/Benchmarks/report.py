"""The lines of the benchmark as text, and into a Markdown file between markers. Pure functions."""

import re

import goals

MARKERS = r"(<!-- bench:{name} -->\n).*?(<!-- /bench:{name} -->)"


def heading(run):
    about, versions = run["machine"], run["versions"]
    names = ", ".join(f"{name} {version}" for name, version in versions.items())
    lines = [
        f"Seed {run['seed']}; {run['date']}, {run['seconds'] / 60:.0f} minutes. {about['cpu']}, {about['cores']} cores, "
        f"{about['memory_gb']} GB, Linux {about['kernel']}.",
        f"{names[0].upper()}{names[1:]}. Other processes took {run['other_work_percent']:.1f} % of the machine meanwhile.",
    ]
    if run.get("of"):
        of = run["of"]
        rows = f"{of['rows']:,} rows, {of['dimension']} dimensions, {of['space']}"
        lines.insert(0, f"{of['title'][0].upper()}{of['title'][1:]}: {rows}{', a short run' if run['quick'] else ''}.")
    return "\n".join(lines)


def bound(row, name):
    if row[name] is None:
        return ""
    sign = "≥" if row["sense"] == ">=" else "≤"
    return f"{sign} {row[name]:g}{' ' + row['unit'] if row['unit'] else ''}"


def value(row):
    if row["value"] is None:
        return "–"
    return f"{row['value']:.4f}" if not row["unit"] else f"{row['value']:.2f} {row['unit']}"


def anchor(row):
    """The name of a line's place in the page."""
    return "-".join(re.findall(r"[a-z0-9]+", f"{row['set']} {row['name']}".lower()))


def markdown(lines):
    rows = ["| line | measured | value | goal | floor | |", "|---|---|--:|--:|--:|---|"]
    for row in lines:
        cells = [f'<a id="{anchor(row)}"></a>{row["name"]}', row["text"], value(row), bound(row, "goal"), bound(row, "floor"), goals.verdict(row)]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


# What the front page says of itself: words, then the line they stand on.
CLAIMS = [
    ("queries of eight connections", "text", "query, 8 connections", "the official server's"),
    ("queries where half of the rows match", "text", "where 50 % match, against official", "as fast as the official server"),
    ("rows ingested by one writer", "text", "ingest acknowledged, one writer", "the official server's, every answer after an fsync"),
    ("the same until all rows are in the graph", "text", "ingest until all is in the graph", "the official server's"),
    ("`$contains`", "text", "$contains", "as fast as the official server"),
    ("`get` with a filter", "text", "get with filter", "as fast as the official server"),
    ("anonymous memory", "text", "memory, anonymous less empty", "the official server's"),
    ("resident memory, mapped files with it", "text", "memory, Rss less empty", "the official server's"),
    ("files", "text", "disk", "the official server's"),
    ("the index alone at recall 0.99", "text", "index alone at recall 0.99", "the better of hnswlib and usearch"),
    ("ingest at a million synthetic rows", "growth", "ingest rate at the largest size", "the rate at ten thousand"),
    ("a million synthetic rows, from start to the first right answer", "growth", "open after a clean stop", ""),
    ("the same after a kill", "growth", "open after a kill while rows were written", ""),
]


def claims(lines, page):
    """A list for the front page, each entry a link to its line on `page`. What was not measured is not claimed."""
    known, found = {(row["set"], row["name"]): row for row in lines}, []
    for words, data, name, than in CLAIMS:
        row = known.get((data, name))
        if row and row["value"] is not None:
            found.append(f"- {words}: [{value(row)}]({page}#{anchor(row)})" + (f" {than}" if than else ""))
    return "\n".join(found)


def plain(lines):
    widest = max(len(row["name"]) + len(row["set"]) for row in lines) + 2
    found = []
    for row in lines:
        name = f"{row['set']}: {row['name']}"
        bounds = f"{bound(row, 'goal'):>10} {'[' + bound(row, 'floor') + ']' if row['floor'] is not None else '':>10}"
        found.append(f"{name:{widest}} {value(row):>10} {bounds}  {goals.verdict(row):16} {row['text']}")
    return "\n".join(found)


def context(result):
    rows = ["| | ingest with index | query p50 | recall@10 | where 10 % | recall | where 1 % | recall |"]
    rows.append("|---|--:|--:|--:|--:|--:|--:|--:|")
    for name, peer in result.items():
        cells = [f"{name} {peer['version']}, {peer['index']}", f"{peer['ingest']:,.0f} rows/s"]
        for timed in (peer["query"], peer["filters"]["10"], peer["filters"]["1"]):
            cells += [f"{timed['p50']:.2f} ms", f"{timed['recall']:.4f}"]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def growth_table(result):
    rows = ["| rows | server | ingest, rows/s | query p50 | recall@10 | Rss | anonymous | disk |"]
    rows.append("|--:|---|--:|--:|--:|--:|--:|--:|")
    points = [(at["rows"], side, at) for side, found in result.items() for at in found["sizes"]]
    for count, side, at in sorted(points, key=lambda point: (point[0], point[1] != "ours")):
        sizes = " | ".join(f"{at[name] / 1e6:,.0f} MB" for name in ("rss", "anonymous", "disk"))
        rows.append(f"| {count:,} | {side} | {at['rate']:,.0f} | {at['p50']:.2f} ms | {at['recall']:.4f} | {sizes} |")
    rows += ["", "| opened after | server | cache warm | cache cold |", "|---|---|--:|--:|"]
    for side, found in result.items():
        for kind, opened in found["opened"].items():
            rows.append(
                f"| {kind} | {side}, {found['sizes'][-1]['rows']:,} rows | {opened['warm_ms'] / 1000:.2f} s | {opened['cold_ms'] / 1000:.2f} s |"
            )
    return "\n".join(rows)


def into(page, name, text):
    """The page with what is between the markers of `name` replaced. Throws `KeyError` where they are not."""
    pattern = re.compile(MARKERS.format(name=re.escape(name)), re.DOTALL)
    if not pattern.search(page):
        raise KeyError(f"no markers <!-- bench:{name} --> … <!-- /bench:{name} -->")
    return pattern.sub(lambda found: f"{found.group(1)}\n{text}\n\n{found.group(2)}", page)
