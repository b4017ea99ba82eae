"""Part `server`: this server and the official one, one after the other, under the same load."""

import statistics

from parts import server_run


def run(binaries, data, seconds, repeats, progress):
    """{"ours": [figures, …], "official": […]}; the order alternates over the repeats. Never both at once."""
    bodies = data.batches()
    # The right answers are computed before, so that no server waits with a cooling cache.
    data.right_answers()
    for percent in server_run.SELECTIVITIES:
        data.right_answers(percent, 200)
    found = {side: [] for side in binaries}
    for repeat in range(repeats):
        sides = list(binaries)
        for side in sides if repeat % 2 == 0 else reversed(sides):

            def say(text, side=side, repeat=repeat):
                progress(f"server, {data.name}, {side}, repeat {repeat + 1}: {text}")

            found[side].append(server_run.run(binaries[side], data, bodies, seconds, say))
    return found


def medians(runs):
    """One set of figures out of several, leaf by leaf. Lists are the turns of one figure: their leaves are medians too."""
    first = runs[0]
    if isinstance(first, dict):
        return {name: medians([run[name] for run in runs]) for name in first}
    if isinstance(first, list):
        return medians([turn for run in runs for turn in run])
    numbers = [value for value in runs if value is not None]
    # An endless one (None) is the longest of them.
    return statistics.median(numbers) if len(numbers) == len(runs) else None
