"""What the measured figures are to reach. Pure: results in, lines out.

A line is a dictionary: `name`, `set`, `text` (the figures in words), `value` (the ratio or figure that is judged), `unit`, `sense`
(">=" or "<="), `goal`, `floor`. Without a floor a missed goal is printed and fails nothing.
"""

from curves import at_equal_recall, speed_at
from medians import medians


def line(name, data, text, value, sense, goal, floor=None, unit="×"):
    return {
        "name": name,
        "set": data,
        "text": text,
        "value": value,
        "unit": unit,
        "sense": sense,
        "goal": goal,
        "floor": floor,
    }


def reaches(row, bound):
    """None (nothing was measured, or it never ended) reaches nothing."""
    value = row["value"]
    if bound is None:
        return True
    if value is None:
        return False
    return value >= bound if row["sense"] == ">=" else value <= bound


def verdict(row):
    if not reaches(row, row["floor"]):
        return "below the floor"
    return "" if reaches(row, row["goal"]) else "below the goal"


def ratio(above, below):
    return None if above is None or not below else above / below


def of_server(name, sides):
    """Lines of the part `server` for one data set."""
    ours, official = (medians(sides[side]) for side in ("ours", "official"))

    def versus(of, unit):
        return f"{number(of(ours))} {unit}, official {number(of(official))}"

    def rate(of):
        return ratio(of(ours), of(official))

    def speed(of):
        return ratio(of(official), of(ours))

    def share(of):
        return ratio(of(ours), of(official))

    def wrk_rate(side):
        return side["wrk"]["rate"]

    def note(side):
        return f"recall {side['query']['recall']:.4f}" + (f", ef {side['ef_search']:g}" if side["ef_search"] else "")

    alone = ours["query"]["p50"]
    found = [
        line(
            "query, 8 connections",
            name,
            f"{versus(wrk_rate, 'requests/s')}; {note(ours)}, official {note(official)}",
            rate(wrk_rate),
            ">=",
            10,
            6,
        ),
        line(
            "query, 8 connections, p99 over p50",
            name,
            f"{number(ours['wrk']['p50'])} and {number(ours['wrk']['p99'])} ms, official "
            f"{number(official['wrk']['p50'])} and {number(official['wrk']['p99'])}",
            ratio(ours["wrk"]["p99"], ours["wrk"]["p50"]),
            "<=",
            5,
        ),
        line("recall@10 of the queries", name, f"official {official['query']['recall']:.4f}",
             ours["query"]["recall"], ">=", 0.99, unit=""),
        line("query p50, one connection", name, versus(lambda side: side["query"]["p50"], "ms"),
             speed(lambda side: side["query"]["p50"]), ">=", None),
    ]  # fmt: skip
    for percent, mine in ours["filters"].items():
        theirs = official["filters"][percent]
        text = f"{number(mine['p50'])} ms, official {number(theirs['p50'])}"
        found.append(
            line(f"where {percent} % match, p50 over unfiltered", name, text, ratio(mine["p50"], alone), "<=", 2)
        )
        found.append(
            line(
                f"where {percent} % match, against official",
                name,
                text,
                ratio(theirs["p50"], mine["p50"]),
                ">=",
                30 if percent == "50" else None,
                15 if percent == "50" else None,
            )
        )
        text = f"official {theirs['recall']:.4f}"
        found.append(line(f"where {percent} % match, recall@10", name, text, mine["recall"], ">=", 0.99, unit=""))
    quiet, writing = (ours[f"open_loop_{kind}"] for kind in ("quiet", "writing"))
    others = f"{number(official['open_loop_quiet']['p99'])} and {number(official['open_loop_writing']['p99'])}"
    found += [
        line("ingest acknowledged, one writer", name, versus(lambda side: side["ingest"], "rows/s"),
             rate(lambda side: side["ingest"]), ">=", 10, 6),
        line("ingest until all is in the graph", name, versus(lambda side: side["indexed"], "rows/s"),
             rate(lambda side: side["indexed"]), ">=", 4, 2.5),
        line("query p99 beside 500 rows/s over without", name,
             f"{number(quiet['p99'])} and {number(writing['p99'])} ms at {number(ours['open_loop_rate'])}/s; "
             f"official {others} at {number(official['open_loop_rate'])}/s",
             ratio(writing["p99"], quiet["p99"]), "<=", 1.5),
        line("single upsert less one sync of the disk", name,
             f"{number(ours['upsert_ms'])} ms, sync {number(ours['sync_ms'])}, official {number(official['upsert_ms'])}",
             ours["upsert_ms"] - ours["sync_ms"], "<=", 0.3, unit="ms"),
        line("32 writers over one", name,
             f"{number(ours['one_writer'])} and {number(ours['many_writers'])} upserts/s, official "
             f"{number(official['one_writer'])} and {number(official['many_writers'])}",
             ratio(ours["many_writers"], ours["one_writer"]), ">=", 5),
        line("memory, Rss less empty", name, versus(lambda side: side["rss"] / 1e6, "MB"),
             share(lambda side: side["rss"]), "<=", 0.5, 0.7),
        line("memory, anonymous less empty", name, versus(lambda side: side["anonymous"] / 1e6, "MB"),
             share(lambda side: side["anonymous"]), "<=", 0.3),
        line("disk", name, versus(lambda side: side["disk"] / 1e6, "MB"), share(lambda side: side["disk"]), "<=", 1),
        line("$contains", name, versus(lambda side: side["contains"], "ms"),
             speed(lambda side: side["contains"]), ">=", 10),
        line("get with filter", name, versus(lambda side: side["get"], "ms"), speed(lambda side: side["get"]), ">=", 10),
        line("restart to first right answer", name, versus(lambda side: side["restart_ms"], "ms"),
             speed(lambda side: side["restart_ms"]), ">=", None),
    ]  # fmt: skip
    return found


def of_index(name, contenders):
    """Lines of the part `index`: {contender: {"curve": [...], "build": {threads: rows/s}}}, the first of them `ours`."""
    found, ours = [], contenders["ours"]
    for recall in (0.95, 0.99, 0.995):
        texts, ratios = [f"{number(speed_at(ours['curve'], recall))} queries/s"], []
        for who, of in contenders.items():
            if who == "ours":
                continue
            common, mine, theirs = at_equal_recall(ours["curve"], of["curve"], recall)
            if theirs is None and speed_at(of["curve"], recall) is not None:
                # It ends below where ours begins: ours has more recall and is judged as it is.
                common, mine, theirs = recall, speed_at(ours["curve"], recall), speed_at(of["curve"], recall)
            beside = f" (ours {number(mine)}, both at {common:.4f})" if common > recall and theirs is not None else ""
            texts.append(f"{who} {number(theirs)}{beside}")
            if theirs is not None:
                ratios.append(ratio(mine, theirs))
        # Against the one that comes nearest; against nobody when none reaches the recall.
        value = None if not ratios or None in ratios else min(ratios)
        found.append(line(f"index alone at recall {recall}", name, ", ".join(texts), value, ">=", 2.5, 2))
    theirs = contenders["hnswlib"]["build"]
    for threads in theirs:
        text = f"{number(ours['build'].get(threads))} rows/s, hnswlib {number(theirs[threads])}"
        value = ratio(ours["build"].get(threads), theirs[threads])
        found.append(line(f"index build, {threads} thread{'s' * (threads != '1')}", name, text, value, ">=", 2, 1.3))
    if "1 by the clock" in ours["build"]:
        value = ratio(ours["build"].get("2"), ours["build"]["1 by the clock"])
        found.append(line("index build, two threads over one", name, "", value, ">=", 1.6))
    return found


def of_growth(result):
    """Lines of the part `growth`."""
    sizes = sorted(result["ours"]["sizes"], key=lambda at: at["rows"])
    first, last = sizes[0], sizes[-1]
    text = f"{number(first['rate'])} rows/s at {first['rows']:,}, {number(last['rate'])} at {last['rows']:,}"
    found = [line("ingest rate at the largest size", "growth", text, ratio(last["rate"], first["rate"]), ">=", 0.9)]
    for kind, opened in result["ours"]["opened"].items():
        text = f"{last['rows']:,} rows; cache cold {number(opened['cold_ms'] / 1000)} s"
        found.append(line(f"open after {kind}", "growth", text, opened["warm_ms"] / 1000, "<=", 1, unit="s"))
    return found


def number(value):
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"
