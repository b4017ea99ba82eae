"""Recall against speed. Pure functions."""

import math


def best_below(curve):
    """The points that no other point beats in both recall and speed, by recall."""
    found = []
    for point in sorted(curve, key=lambda at: (-at["recall"], -at["qps"])):
        if not found or point["qps"] > found[-1]["qps"]:
            found.append(point)
    return found[::-1]


def speed_at(curve, recall):
    """Queries/s at this recall, between two measured points; None where no point reaches it.

    Where even the fastest point has more recall, that point's speed: no guess beyond what was measured. Between points the
    logarithm of the speed is taken as linear in the logarithm of what recall misses: there the curves of graphs are nearly straight.
    """
    points = best_below(curve)
    if not points or points[-1]["recall"] < recall:
        return None
    if points[0]["recall"] >= recall:
        return points[0]["qps"]
    for below, above in zip(points, points[1:]):
        if below["recall"] < recall <= above["recall"]:
            left, right, wanted = (missing(value) for value in (below["recall"], above["recall"], recall))
            part = (wanted - left) / (right - left)
            return math.exp((1 - part) * math.log(below["qps"]) + part * math.log(above["qps"]))
    return None


def at_equal_recall(curve, other, recall):
    """(recall, speed of the one, of the other): at this recall, or at the lowest above it that both were measured at."""
    lowest = [points[0]["recall"] for points in (best_below(curve), best_below(other)) if points]
    common = max([recall, *lowest])
    return common, speed_at(curve, common), speed_at(other, common)


def missing(recall):
    # A recall of 1 misses less than could be counted.
    return math.log(max(1 - recall, 1e-5))
