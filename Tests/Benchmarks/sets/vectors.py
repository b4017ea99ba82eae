"""Synthetic vectors, float32, drawn block by block from a numpy generator."""

import numpy

BLOCK = 10_000


def by_blocks(draw, count, dimension):
    vectors = numpy.empty((count, dimension), numpy.float32)
    for start in range(0, count, BLOCK):
        vectors[start : start + BLOCK] = draw(min(BLOCK, count - start))
    return vectors


def clusters(random, dimension, centres):
    """A function that draws rows: clusters of unequal size and unequal width in the whole space, for l2."""
    middle = random.standard_normal((centres, dimension), numpy.float32)
    width = random.uniform(0.3, 0.9, centres).astype(numpy.float32)
    weight = random.pareto(1.5, centres) + 0.2
    weight /= weight.sum()

    def draw(count):
        chosen = random.choice(centres, size=count, p=weight)
        noise = random.standard_normal((count, dimension), numpy.float32)
        return middle[chosen] + width[chosen, None] * noise

    return draw


def embeddings(random, dimension, centres, latent=40):
    """A function that draws unit rows whose intrinsic dimension is far below the nominal one, as of text embeddings."""
    projection = random.standard_normal((latent, dimension), numpy.float32) / numpy.float32(latent**0.5)
    middle = random.standard_normal((centres, latent), numpy.float32)

    def draw(count, random=random):
        rows = middle[random.integers(centres, size=count)]
        rows = rows + 0.6 * random.standard_normal((count, latent), numpy.float32)
        vectors = rows @ projection + 0.15 * random.standard_normal((count, dimension), numpy.float32)
        return vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)

    return draw


def with_lengths(random, draw):
    """The same rows times lengths that vary by a tenth: what is nearest by inner product is not by angle."""

    def lengthened(count):
        return draw(count) * random.lognormal(0, 0.1, (count, 1)).astype(numpy.float32)

    return lengthened
