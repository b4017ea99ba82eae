"""Percentiles of latencies. Pure functions."""


def of(milliseconds, failed=0):
    """{"p50", "p99"} of all that were to be answered: a request without an answer took for ever."""
    times = sorted(milliseconds) + [float("inf")] * failed
    return {"p50": at(times, 50), "p99": at(times, 99)}


def at(times, percent):
    """The smallest of the sorted times that `percent` of them do not exceed; None where there is none."""
    if not times:
        return None
    time = times[-(-percent * len(times) // 100) - 1]
    return None if time == float("inf") else float(time)
