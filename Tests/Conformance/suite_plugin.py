"""pytest plugin the runner loads into Chroma's suite: an offline default embedding, and a report by test id.

The suite's default embedding function downloads an ONNX model. Nothing in the suite looks at what the model means,
only that equal texts get equal vectors of 384 floats, so a vector drawn from a hash of the text takes its place.

The report is one JSON line a test, written as soon as the test is over, so that what ran before a kill is known.
"""
import hashlib
import json
import os

import numpy

DIMENSION = 384
# A test is what its worst phase was; `rerun` (pytest-rerunfailures) is not an outcome, a later report follows.
RANK = {"passed": 0, "skipped": 1, "failed": 2, "error": 3}


def unit_vector(text):
    """A unit vector of DIMENSION float32 that depends on `text` alone."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    vector = numpy.random.default_rng(int.from_bytes(digest, "big")).normal(size=DIMENSION)
    return (vector / numpy.linalg.norm(vector)).astype(numpy.float32)


def pytest_configure(config):
    from chromadb.utils.embedding_functions.onnx_mini_lm_l6_v2 import ONNXMiniLM_L6_V2 as Model

    def forward(self, documents, batch_size=32):
        # The check of the providers is behaviour a test asks for, and stands in the method replaced here.
        if not set(self._preferred_providers or []) <= set(self.ort.get_available_providers()):
            raise ValueError("Preferred providers must be subset of available providers")
        return numpy.stack([unit_vector(str(document)) for document in documents])

    Model._download_model_if_not_exists = lambda self: None
    Model._forward = forward
    config.pluginmanager.register(Report(os.environ["SUITE_REPORT"]))


class Report:
    def __init__(self, path):
        self.path = path
        self.worst = {}

    def pytest_runtest_logreport(self, report):
        outcome = report.outcome
        if outcome == "rerun":
            self.worst.pop(report.nodeid, None)
            return
        if outcome == "failed" and report.when != "call":
            outcome = "error"
        before = self.worst.get(report.nodeid, "passed")
        self.worst[report.nodeid] = max(before, outcome, key=RANK.__getitem__)
        if report.when == "teardown":
            self.write(test=report.nodeid, outcome=self.worst.pop(report.nodeid))

    def pytest_collectreport(self, report):
        if report.failed:
            self.write(test=report.nodeid, outcome="error")

    def write(self, **line):
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
