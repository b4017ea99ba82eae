"""Seeded records that behave like real ones: clustered vectors, English-like text, five metadata fields."""

import base64
import json

import numpy

LATENT = 40
CATEGORIES = [
    "science",
    "history",
    "travel",
    "cooking",
    "law",
    "music",
    "sport",
    "finance",
    "health",
    "nature",
    "art",
    "code",
]
# Frequent words first: they are drawn with probability 1/rank, as in real text.
WORDS = """
the of and to in a is that for it as was with be by on not he this are or his from at which but have an had they you
were their one all we can her has there been if more when will would who so no out up into do any your what time people
year way day world life hand part child eye woman place work week case point company number group problem fact water
room money story month right study book word business issue side kind head house service friend power hour game line
member city community name president team minute idea body information back parent face others level office door health
person art war history party result change morning reason research moment air teacher force education foot boy age
policy process music market sense nation plan college interest death course experience effect light river mountain
forest island harbour castle museum painting orchestra theatre novel poem legend empire treaty election parliament court
judge contract evidence witness verdict appeal theory experiment measurement molecule protein enzyme neuron genome
vaccine therapy surgeon diagnosis symptom galaxy telescope orbit satellite rocket engine turbine voltage circuit
compiler algorithm database network protocol encryption kernel thread latency throughput recipe butter garlic saffron
cinnamon oven dough vinegar salmon orchard harvest glacier volcano monsoon estuary wetland migration predator coral
plankton fossil sediment basalt granite marble cobalt lithium titanium furnace loom tapestry mosaic cathedral aqueduct
citadel archipelago peninsula isthmus meridian equinox solstice sonata concerto libretto crescendo
marathon javelin regatta tournament dividend inflation mortgage collateral arbitrage actuary ledger subsidy tariff
""".split()


class Dataset:
    """`vectors` [rows, dimension] and `queries` [count, dimension], float32 of unit length."""

    def __init__(self, rows, dimension, queries, seed):
        self.random = numpy.random.default_rng(seed)
        self.rows, self.dimension = rows, dimension
        self.projection = self.random.standard_normal((LATENT, dimension)).astype(numpy.float32) / LATENT**0.5
        self.centres = self.random.standard_normal((max(20, rows // 300), LATENT)).astype(numpy.float32)
        self.vectors, self.queries = self.draw(rows), self.draw(queries)
        self.metadata = self.draw_metadata()
        self.documents = self.draw_documents()

    def draw(self, count):
        """Cluster centre + spread in 40 dimensions, laid into `dimension`, + noise in all of them; unit length."""
        latent = self.centres[self.random.integers(len(self.centres), size=count)]
        latent = latent + 0.7 * self.random.standard_normal(latent.shape).astype(numpy.float32)
        vectors = latent @ self.projection
        vectors += 0.15 * self.random.standard_normal(vectors.shape).astype(numpy.float32)
        return vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)

    def draw_metadata(self):
        # A permutation: `bucket < p · 10` holds for exactly p percent of the rows.
        self.buckets = self.random.permutation(self.rows) * 1000 // self.rows
        category = self.random.integers(len(CATEGORIES), size=self.rows)
        score, published = self.random.random(self.rows), self.random.random(self.rows) < 0.8
        source = self.random.integers(self.rows // 2 + 1, size=self.rows)
        return [
            {
                "bucket": int(self.buckets[row]),
                "score": float(round(score[row], 6)),
                "category": CATEGORIES[category[row]],
                "source": f"https://example.org/articles/{source[row]:06x}",
                "published": bool(published[row]),
            }
            for row in range(self.rows)
        ]

    def draw_documents(self):
        weights = 1 / numpy.arange(1, len(WORDS) + 1)
        words = self.random.choice(WORDS, size=(self.rows, 75), p=weights / weights.sum())
        lengths = self.random.integers(55, 76, size=self.rows)
        return [self.document(words[row, : lengths[row]].tolist()) for row in range(self.rows)]

    def document(self, words):
        for start in range(0, len(words), 12):
            words[start] = words[start].capitalize()
            words[min(start + 11, len(words) - 1)] += "."
        return " ".join(words)

    def identifier(self, row):
        return f"record-{row:07d}"

    def batch(self, start, end):
        """The body of one `add`, as the official client sends it (embeddings in base64)."""
        return json.dumps(
            {
                "ids": [self.identifier(row) for row in range(start, end)],
                "embeddings": [encoded(vector) for vector in self.vectors[start:end]],
                "documents": self.documents[start:end],
                "metadatas": self.metadata[start:end],
            }
        ).encode()

    def nearest(self, k=10, mask=None):
        """Ids of the exact `k` nearest rows to each query, among the rows of `mask`."""
        rows = numpy.arange(self.rows) if mask is None else numpy.flatnonzero(mask)
        vectors, found = self.vectors[rows], []
        for start in range(0, len(self.queries), 200):
            scores = self.queries[start : start + 200] @ vectors.T
            top = numpy.argsort(-scores, axis=1, kind="stable")[:, :k]
            found += [{self.identifier(row) for row in rows[line]} for line in top]
        return found


def encoded(vector):
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()
