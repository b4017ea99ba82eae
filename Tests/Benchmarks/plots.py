"""The pictures out of the results, for a light and a dark page alike."""

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot, ticker  # noqa: E402

from curves import best_below  # noqa: E402

# Legible on white and on near-black; the background is left to the page.
GREY = "#808890"
STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "bench",  # the same names of elements in every run
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": GREY,
    "axes.labelcolor": GREY,
    "axes.edgecolor": GREY,
    "axes.titlecolor": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "grid.color": GREY,
    "grid.alpha": 0.25,
    "axes.grid": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "legend.frameon": False,
}
COLOURS = {"ours": "#2f81f7", "official": "#e5534b", "hnswlib": "#e5534b"}
OTHERS = ["#c69026", "#3fa34d", "#a371f7", "#d2689b", "#6cb6c9"]
# The axis ends there: of the points beyond, the fastest is drawn at its end.
LEAST_MISS = 5e-4
MISSES = [0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001]


def colour(who, number):
    return COLOURS.get(who) or OTHERS[number % len(OTHERS)]


def recall_against_speed(results, titles, path):
    """`results`: data set → contender → {"curve"}. The axis of recall is stretched towards 1."""
    with pyplot.rc_context(STYLE):
        figure, panels = pyplot.subplots(1, len(results), figsize=(4.6 * len(results), 4.4), squeeze=False)
        for panel, (name, contenders) in zip(panels[0], results.items()):
            for number, (who, of) in enumerate(contenders.items()):
                points = [point for point in best_below(of["curve"]) if point["recall"] >= 0.9]
                exact = [point for point in points if point["recall"] > 1 - LEAST_MISS]
                points = points[: len(points) - max(0, len(exact) - 1)]
                panel.plot(
                    [max(1 - point["recall"], LEAST_MISS) for point in points],
                    [point["qps"] for point in points],
                    marker="o",
                    markersize=3.5,
                    linewidth=2.4 if who == "ours" else 1.4,
                    zorder=3 if who == "ours" else 2,
                    color=colour(who, number),
                    label=who,
                )
            panel.set(xscale="log", yscale="log", title=titles[name], xlabel="recall@10")
            panel.set_xlim(0.11, 4e-4)
            panel.xaxis.set_major_locator(ticker.FixedLocator(MISSES))
            panel.xaxis.set_major_formatter(lambda miss, _: f"{1 - miss:g}")
            panel.xaxis.set_minor_locator(ticker.NullLocator())
            panel.tick_params(axis="x", labelrotation=45)
            panel.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
            panel.yaxis.set_major_formatter(lambda speed, _: f"{speed:,.0f}")
            panel.yaxis.set_minor_formatter(ticker.NullFormatter())
        panels[0][0].set_ylabel("queries/s, one thread")
        panels[0][-1].legend(loc="upper right", fontsize=9)
        save(figure, path)


def growth(result, path):
    """`result`: server → {"sizes"}: ingest rate, and query p50, against the rows of the collection."""
    with pyplot.rc_context(STYLE):
        figure, (rates, times) = pyplot.subplots(1, 2, figsize=(9.6, 4))
        for number, (who, of) in enumerate(result.items()):
            rows = [at["rows"] for at in of["sizes"]]
            for panel, key in ((rates, "rate"), (times, "p50")):
                panel.plot(rows, [at[key] for at in of["sizes"]], "o-", color=colour(who, number), label=who)
        for panel, title in ((rates, "ingest acknowledged, rows/s"), (times, "query p50, one connection, ms")):
            panel.set(xscale="log", yscale="log", title=title, xlabel="rows in the collection")
            sizes = sorted({at["rows"] for of in result.values() for at in of["sizes"]})
            panel.xaxis.set_major_locator(ticker.FixedLocator(sizes))
            panel.xaxis.set_minor_locator(ticker.NullLocator())
            panel.xaxis.set_major_formatter(lambda rows, _: f"{rows / 1000:g}k" if rows < 1e6 else f"{rows / 1e6:g}M")
            panel.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
            panel.yaxis.set_major_formatter(lambda amount, _: f"{amount:,g}")
            panel.yaxis.set_minor_formatter(ticker.NullFormatter())
        rates.legend(loc="best")
        save(figure, path)


def churn(samples, path):
    """`samples` of churn.py: what the server takes, and how it answers, against time."""
    minutes = [sample["seconds"] / 60 for sample in samples]
    with pyplot.rc_context(STYLE):
        figure, (sizes, times) = pyplot.subplots(1, 2, figsize=(9.6, 4))
        colours = [COLOURS["ours"], *OTHERS]
        for number, (key, label) in enumerate((("anonymous", "anonymous memory"), ("rss", "Rss"), ("disk", "disk"))):
            sizes.plot(minutes, [sample[key] / 1e6 for sample in samples], color=colours[number], label=label)
        times.plot(minutes, [sample["query_p50_ms"] for sample in samples], color=colours[0], label="query p50, ms")
        times.plot(minutes, [sample["recall_at_10"] for sample in samples], color=colours[1], label="recall@10")
        sizes.set(title="MB", xlabel="minutes of upserts and deletes")
        times.set(title="queries meanwhile", xlabel="minutes of upserts and deletes")
        for panel in (sizes, times):
            panel.set_ylim(bottom=0)
            panel.legend(loc="best")
        save(figure, path)


def save(figure, path):
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
