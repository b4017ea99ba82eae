#!/usr/bin/env python3
"""Writes minilm.bin: the vectors of the first 1,000 texts of texts.py.

  pip install torch==2.13.0 transformers==5.23.0 tokenizers==0.23.3 numpy
  Tests/EmbeddingsTests/Golden/make_minilm_golden.py <directory with the model's files>

The golden vectors are those of PyTorch on the CPU in float32: the library transformers' BertModel on one text at a time, mean
over its tokens, length 1, as Sentence Transformers and Chroma's default embedding function do it. Printed besides, as a
second check that is not written: how far they are from the same computation in float64.

The weights are sentence-transformers/all-MiniLM-L6-v2, under the Apache License 2.0 (https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2);
the vectors are computed from them and from texts of our own.

Format, little-endian: 100 vectors of 384 float32; then for each of the other 900 a float32 s and 384 int16 q, where
the vector is s * q within s / 2.
"""
import pathlib
import sys

import numpy
import torch
from tokenizers import Tokenizer
from transformers import BertModel

from texts import texts

here = pathlib.Path(__file__).resolve().parent
tokenizer = Tokenizer.from_file(sys.argv[1] + "/tokenizer.json")
tokenizer.no_padding()
tokenizer.enable_truncation(max_length=256)


@torch.no_grad()
def vectors(model):
    rows = []
    for text, repeat in texts()[:1000]:
        ids = torch.tensor([tokenizer.encode(text * repeat).ids])
        hidden = model(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state[0]
        rows.append(torch.nn.functional.normalize(hidden.mean(0), dim=0).numpy())
    return numpy.stack(rows)


torch.set_num_threads(1)
model = BertModel.from_pretrained(sys.argv[1], add_pooling_layer=False).eval()
golden = vectors(model)
assert golden.dtype == numpy.float32
print("float32 against float64:", numpy.abs(golden - vectors(model.double())).max())
with open(here / "minilm.bin", "wb") as file:
    file.write(golden[:100].astype("<f4").tobytes())
    for row in golden[100:]:
        step = numpy.float32(numpy.abs(row).max() / 32767)
        file.write(step.astype("<f4").tobytes())
        file.write(numpy.rint(row.astype(numpy.float64) / float(step)).astype("<i2").tobytes())
