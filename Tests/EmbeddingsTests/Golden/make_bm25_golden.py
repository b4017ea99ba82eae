#!/usr/bin/env python3
"""Writes stems.tsv and bm25.json: what Chroma's own BM25 and its stemmer give.

  pip install chromadb==1.5.9 snowballstemmer==3.1.1 mmh3==5.2.0
  Tests/EmbeddingsTests/Golden/make_bm25_golden.py

Everything is seeded; a second run gives the same bytes. Only characters of Unicode 14 and older are used, so that
Python 3.11 and later agree about them.
"""
import json
import pathlib
import random
import unicodedata

import snowballstemmer
from chromadb.utils.embedding_functions.chroma_bm25_embedding_function import ChromaBm25EmbeddingFunction

here = pathlib.Path(__file__).resolve().parent
random.seed(20)

STEMS = """accept add agree apply bed begin believ bias bounc can care cat class commun compet connect control cool cosmo
creat cry dance day decid deni die digit dog dry dye early easi egg emerg employ enjoy even exceed exc fall feed feud
fit fizz fly fold form gener gentl gas geo hang happi herr hop hope hot idl inn inter ion journ know lat later lie log
lov luxuri matt mild mix nav news obey occur organ out own paint past pay play plot polic prefer proc psych quit rain
rate read real relat rhythm ring run say sens ski sky snow sol star stay stop succ tan tie try typ ugl univers use
valu vary vis vow way win work yell yes young zip""".split()
ENDINGS = """ s es ed ing er est ly edly ingly eed eedly ied ies sses us ss 's ' 's' ational ation ator ization izer
tional enci anci abli alli entli ousli fulli lessli bli li alism aliti ousness iveness fulness iviti biliti ogi logi
ogist icate ative alize iciti ical ful ness al ance ence ic able ible ant ement ment ent ism ate iti ous ive ize sion
tion ion e l ll y ey ying""".split() + [""]


def words():
    found = ["", "a", "y", "'", "ab", "'ab", "yy", "yyy", "ying", "aying", "'yes", "sayyid", "bbing", "ebbing", "café",
             "naïvely", "straßen", "東京タワー", "étés", "ñandúes", "y's", "as", "gas", "gaps", "ties", "dies", "yaks",
             "succeed", "proceeded", "exceeding", "evening", "earring", "inning", "outing", "lying", "dying", "pasted",
             "''s'", "'''", "''''", "'s's", "s'''s", "'eed", "'y'", "skis", "skies", "idly", "gently", "ugly", "early", "only", "singly", "andes", "atlas", "howe", "sky"]
    letters = "aaeeiioouuyybcdfghjklmnpqrstvwxz'é"
    while len(found) < 2000:
        if random.random() < 0.7:
            word = random.choice(STEMS) + random.choice(ENDINGS) + (random.choice(ENDINGS) if random.random() < 0.4 else "")
        else:
            word = "".join(random.choice(letters) for _ in range(random.randint(1, 12)))
            word += random.choice(ENDINGS)
        found.append(word)
    return found


def texts():
    alphabets = ["abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", "àéîõüßçñÀÉÎÕÜẞÇÑİıſŸ",
                 "αβγδσςΑΒΓΔΣ", "абвгдАБВГДЙй", "אבגד", "ابتثجح٠١٢٣", "कखगघ०१२्ा", "กขคง๐๑", "東京大阪日本語タワー한국어",
                 "½¾²³ⅧⅨ①②㊀", "𝒜𝔅𝟙𝟚", "´¨ˆ˜", "\u0301\u0308\u200d\u200c\u00ad"]
    spaces = [" ", " ", " ", "  ", "\t", "\n", "\u00a0", "\u2003", "\u3000", "\u2028", "\x1c", "\x85", "-", ",", ". ", "'", "’", "…",
              "\u0000", "\u200b", "\ufeff", "🙂", "/", "·"]
    found = ["Hello World",
             "The quick brown fox jumps over the lazy dog",
             "don't stop believing, it's running runs ran",
             "C++ and C# are languages; node.js v20.3",
             "naïve café résumé 東京タワー Straße ΑΒΓ İstanbul",
             "foo_bar foo-bar foo.bar 123 3.14 1e5",
             "a the and",
             "",
             "  spaces\tand\nnewlines  ",
             'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy',
             "generalization generalizations organ organization",
             "running running running fox",
             "emoji 😀 test ½ x² Ⅷ",
             "don’t “smart” quotes—dash…",
             "éclair combining",
             "the_quick it_s",
             "ΣΑΣ ΣΙΓΜΑΣ Σ ΑΣ' ΑΣΑ Σ.Σ", "İstanbul ISTANBUL", "x" * 41 + " " + "y" * 40, "é" * 40 + " " + "é" * 41]
    every = words()
    while len(found) < 400:
        parts = []
        for _ in range(random.randint(0, 14)):
            if random.random() < 0.75:
                word = random.choice(every)
                word = random.choice([str, str, str.upper, str.title])(word)
            else:
                alphabet = random.choice(alphabets)
                word = "".join(random.choice(alphabet) for _ in range(random.randint(1, 9)))
            parts += [word] * random.choice([1, 1, 1, 2, 3])
        found.append("".join(part + random.choice(spaces) for part in parts))
    assert all(unicodedata.category(c) != "Cn" for text in found for c in text)
    return found


def rows(function, texts):
    return [{"text": text, "indices": vector.indices, "values": vector.values, "tokens": vector.labels}
            for text, vector in zip(texts, function(texts))]


stemmer = snowballstemmer.stemmer("english")
(here / "stems.tsv").write_text("".join(f"{word}\t{stemmer.stemWord(word)}\n" for word in words()), encoding="utf-8")
every = texts()
golden = {
    "standard": rows(ChromaBm25EmbeddingFunction(include_tokens=True), every),
    "configured": rows(ChromaBm25EmbeddingFunction(k=2.0, b=0.1, avg_doc_length=7.5, token_max_length=6,
                                                   stopwords=["Run", "CAFÉ", "don't"], include_tokens=True), every[:60]),
}
lines = ",\n".join(f'"{name}":[\n' + ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in found) + "\n]"
                   for name, found in golden.items())
(here / "bm25.json").write_text("{" + lines + "}\n", encoding="utf-8")
