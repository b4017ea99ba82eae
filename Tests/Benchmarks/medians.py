"""Several runs into one."""

import statistics


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
