"""English-like text, and the metadata of a row. Both seeded."""

import numpy

CATEGORIES = "science history travel cooking law music sport finance health nature art code".split()
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
BLOCK = 10_000


def documents(random, count):
    """`count` texts of about 300 bytes."""
    weights = 1 / numpy.arange(1, len(WORDS) + 1)
    weights /= weights.sum()
    found = []
    for start in range(0, count, BLOCK):
        rows = min(BLOCK, count - start)
        words = random.choice(len(WORDS), size=(rows, 75), p=weights)
        lengths = random.integers(55, 76, size=rows)
        found += [document([WORDS[word] for word in line[:length]]) for line, length in zip(words, lengths)]
    return found


def document(words):
    for start in range(0, len(words), 12):
        words[start] = words[start].capitalize()
        words[min(start + 11, len(words) - 1)] += "."
    return " ".join(words)


def buckets(random, count):
    """A permutation: `bucket < p * 10` holds for exactly p percent of the rows."""
    return random.permutation(count) * 1000 // count


def metadata(random, bucket, categories=None):
    """Five fields a row. `categories` has one name a row; without it they are drawn."""
    count = len(bucket)
    if categories is None:
        categories = [CATEGORIES[number] for number in random.integers(len(CATEGORIES), size=count)]
    score, published = random.random(count), random.random(count) < 0.8
    source = random.integers(count // 2 + 1, size=count)
    return [
        {
            "bucket": int(bucket[row]),
            "score": float(round(score[row], 6)),
            "category": categories[row],
            "source": f"https://example.org/articles/{source[row]:06x}",
            "published": bool(published[row]),
        }
        for row in range(count)
    ]
