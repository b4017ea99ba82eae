"""The exact nearest rows, by looking at all of them."""

import numpy


def scores(vectors, queries, space):
    """[queries, rows]: the higher, the nearer. For `cosine` all are taken to be of unit length."""
    product = queries @ vectors.T
    if space != "l2":
        return product
    # |q - v|² less |q|², which is the same for every row of a query.
    return 2 * product - numpy.einsum("ij,ij->i", vectors, vectors)


def nearest(vectors, queries, space, k=10):
    """int32 [queries, min(k, rows)], nearest first. Linear in rows times queries."""
    k = min(k, len(vectors))
    found = numpy.empty((len(queries), k), numpy.int32)
    for start in range(0, len(queries), 100):
        part = scores(vectors, queries[start : start + 100], space)
        top = numpy.argpartition(-part, k - 1, axis=1)[:, :k]
        order = numpy.argsort(-numpy.take_along_axis(part, top, 1), axis=1, kind="stable")
        found[start : start + 100] = numpy.take_along_axis(top, order, 1)
    return found
