#!/usr/bin/env python3
"""Writes wordpiece.json and wordpiece-scalars.txt: what Hugging Face's tokenizers library gives for BERT uncased.

  pip install tokenizers==0.23.3
  Tests/EmbeddingsTests/Golden/make_wordpiece_golden.py <directory with tokenizer.json>

wordpiece.json: each text with its ids as Chroma's default embedding function cuts them (256 with [CLS] and [SEP]), and
for every fourth the place of each uncut piece in UTF-8 bytes, as start and end in turn.

wordpiece-scalars.txt: the words of "a" + scalar + "b", for every scalar but Hangul syllables: a range, then the words with
"*" for the scalar itself. What is not listed stays in its word ("a*b").
"""
import json
import pathlib
import sys

from tokenizers import Tokenizer

from texts import texts

here = pathlib.Path(__file__).resolve().parent
tokenizer = Tokenizer.from_file(sys.argv[1] + "/tokenizer.json")
tokenizer.no_padding()


def utf8_places(text, offsets):
    places, position = [0], 0
    for character in text:
        position += len(character.encode())
        places.append(position)
    return [places[edge] for pair in offsets for edge in pair]


lines = []
for index, (text, repeat) in enumerate(texts()):
    whole = text * repeat
    tokenizer.enable_truncation(max_length=256)
    row = {"text": text, "ids": tokenizer.encode(whole).ids}
    if repeat != 1:
        row["repeat"] = repeat
    tokenizer.no_truncation()
    encoded = tokenizer.encode(whole, add_special_tokens=False)
    row["count"] = len(encoded.ids)
    if index % 4 == 0 and repeat == 1:
        row["places"] = utf8_places(whole, encoded.offsets)
    lines.append(json.dumps(row, ensure_ascii=False, separators=(",", ":")))
(here / "wordpiece.json").write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")

ranges = []
for value in range(0x110000):
    if 0xD800 <= value < 0xE000 or 0xAC00 <= value <= 0xD7A3:
        continue
    scalar = chr(value)
    normal = tokenizer.normalizer.normalize_str("a" + scalar + "b")
    words = " ".join(word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normal))
    if scalar not in "ab ":
        words = words.replace(scalar, "*")
    if words == "a*b":
        continue
    if ranges and ranges[-1][1] == value - 1 and ranges[-1][2] == words:
        ranges[-1][1] = value
    else:
        ranges.append([value, value, words])
(here / "wordpiece-scalars.txt").write_text("".join(f"{a:X} {b:X} {words}\n" for a, b, words in ranges), encoding="utf-8")
