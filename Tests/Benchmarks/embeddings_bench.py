#!/usr/bin/env python3
"""Embeds the same texts with PyTorch on one core and with embeddings-bench, in turns, and prints the ratio.

  pip install torch==2.13.0 transformers==5.23.0 tokenizers==0.23.3
  CHROMA_FLOORS=engine swift build -c release --scratch-path .build-engine-release --product embeddings-bench
  Tests/Benchmarks/embeddings_bench.py --bench .build-engine-release/release/embeddings-bench --model <directory>

The texts are chunks of this repository's own pages, 128 of about 90 words. PyTorch gets them as ids, padded to the longest of
a batch, and is timed without its tokenizer; ours starts from text. Both by CPU seconds, the best of all turns.
"""
import argparse
import json
import os
import pathlib
import subprocess
import tempfile
import time

import torch
from tokenizers import Tokenizer
from transformers import BertModel

parser = argparse.ArgumentParser()
parser.add_argument("--bench", required=True)
parser.add_argument("--model", required=True)
parser.add_argument("--turns", type=int, default=3)
options = parser.parse_args()

root = pathlib.Path(__file__).resolve().parent.parent.parent
words = " ".join(path.read_text(encoding="utf-8") for path in sorted(root.glob("*.md"))).split()
chunks = [" ".join(words[start:start + 90]) for start in range(0, len(words) - 90, 90)]
chunks = [chunks[index % len(chunks)] for index in range(128)]

torch.set_num_threads(1)
model = BertModel.from_pretrained(options.model, add_pooling_layer=False).eval()
tokenizer = Tokenizer.from_file(options.model + "/tokenizer.json")
tokenizer.enable_truncation(max_length=256)
tokenizer.no_padding()
ids = [tokenizer.encode(chunk).ids for chunk in chunks]


@torch.inference_mode()
def torch_round(size):
    start = time.process_time()
    for first in range(0, len(ids), size):
        batch = ids[first:first + size]
        longest = max(map(len, batch))
        inputs = torch.tensor([row + [0] * (longest - len(row)) for row in batch])
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in batch])
        hidden = model(input_ids=inputs, attention_mask=mask).last_hidden_state
        pooled = (hidden * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True)
        torch.nn.functional.normalize(pooled, dim=1)
    return len(ids) / (time.process_time() - start)


best = {}
with tempfile.TemporaryDirectory() as folder:
    path = folder + "/texts.json"
    pathlib.Path(path).write_text(json.dumps(chunks), encoding="utf-8")
    for turn in range(options.turns):
        for size in [1, 8, 32]:
            best["torch", size] = max(best.get(("torch", size), 0), torch_round(size))
        output = subprocess.run([options.bench, path, "1"], check=True, capture_output=True, text=True,
                                env=dict(os.environ, CHROMA_MODEL_PATH=options.model)).stdout
        for line in output.splitlines():
            name, value = line.split()
            best[name] = max(best.get(name, 0), float(value))

print(f"{best['pieces-per-chunk']:.0f} word pieces a chunk; tokenizer {best['tokenize']:.0f} chunks/s")
for size in [1, 8, 32]:
    ours, theirs = best[f"core-batch-{size}"], best["torch", size]
    print(f"batch {size:2}: {ours:6.1f} chunks/s a core, PyTorch {theirs:6.1f}: {ours / theirs:.2f} times")
print(f"all cores: {best['machine']:.1f} chunks/s")
