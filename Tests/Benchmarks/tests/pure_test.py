#!/usr/bin/env python3
"""The pure parts of the benchmark: python3 Tests/Benchmarks/tests/pure_test.py (needs no package beyond Python's own)."""

import ast
import random
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "Crash")]

import curves  # noqa: E402
import goals  # noqa: E402
import report  # noqa: E402
from load import percentile, resident  # noqa: E402
from sets import passages, prose  # noqa: E402

SEED = 20


class Curves(unittest.TestCase):
    points = [{"recall": 0.9, "qps": 1000.0}, {"recall": 0.99, "qps": 100.0}, {"recall": 0.95, "qps": 90.0}]

    def test_a_measured_point_is_given_back(self):
        self.assertAlmostEqual(curves.speed_at(self.points, 0.99), 100)

    def test_between_two_points_the_speed_is_between_theirs(self):
        # Half way between 0.1 and 0.01 on a logarithmic axis.
        self.assertAlmostEqual(curves.speed_at(self.points, 1 - 0.1**1.5), 1000**0.5 * 100**0.5, places=3)

    def test_a_recall_that_no_point_reaches_has_no_speed(self):
        self.assertIsNone(curves.speed_at(self.points, 0.995))

    def test_nothing_is_guessed_below_the_first_point(self):
        self.assertEqual(curves.speed_at(self.points, 0.5), 1000)

    def test_a_point_that_is_slower_and_less_exact_does_not_count(self):
        self.assertEqual([point["recall"] for point in curves.best_below(self.points)], [0.9, 0.99])

    def test_curves_are_compared_at_a_recall_that_both_were_measured_at(self):
        other = [{"recall": 0.98, "qps": 500.0}, {"recall": 0.99, "qps": 50.0}]
        common, mine, theirs = curves.at_equal_recall(self.points, other, 0.95)
        self.assertEqual((common, theirs), (0.98, 500))
        self.assertTrue(100 < mine < 1000)
        common, mine, theirs = curves.at_equal_recall(self.points, other, 0.985)
        self.assertEqual(common, 0.985)
        self.assertTrue(50 < theirs < 500 and 100 < mine < 1000)

    def test_a_perfect_recall_can_be_interpolated(self):
        points = [{"recall": 0.99, "qps": 10.0}, {"recall": 1.0, "qps": 1.0}]
        self.assertTrue(1 < curves.speed_at(points, 0.995) < 10)


class Percentiles(unittest.TestCase):
    def test_of_a_hundred_times(self):
        self.assertEqual(percentile.of(range(1, 101)), {"p50": 50, "p99": 99})

    def test_requests_without_an_answer_took_for_ever(self):
        self.assertEqual(percentile.of(range(1, 99), failed=2), {"p50": 50, "p99": None})

    def test_nothing_answered(self):
        self.assertEqual(percentile.of([]), {"p50": None, "p99": None})


class Passages(unittest.TestCase):
    def test_all_have_the_wanted_lengths_and_nothing_is_repeated(self):
        source = random.Random(SEED)
        text = [
            " ".join(f"Sentence {source.randrange(10**6)} of paragraph {n} is here." for _ in range(source.randrange(1, 60)))
            for n in range(200)
        ]
        found = list(passages.cut(text, lambda: source.randrange(200, 900)))
        self.assertGreater(len(found), 100, f"seed {SEED}")
        for passage in found:
            self.assertTrue(200 <= len(passage) <= 1200, f"{len(passage)}, seed {SEED}")
        self.assertEqual(len(found), len(set(found)))

    def test_a_long_paragraph_is_cut_between_sentences(self):
        paragraph = " ".join(f"This is the sentence with number {n}." for n in range(60))
        found = list(passages.cut([paragraph], lambda: 200))
        self.assertEqual(len(found), 2)
        self.assertTrue(all(part.startswith("This") and part.endswith(".") for part in found))
        self.assertEqual(" ".join(found), paragraph)

    def test_a_single_endless_sentence_is_dropped(self):
        self.assertEqual(list(passages.cut(["word " * 500], lambda: 200)), [])

    def test_short_paragraphs_are_joined(self):
        self.assertEqual(list(passages.cut(["a" * 150, "b" * 150], lambda: 200)), ["a" * 150 + " " + "b" * 150])

    def test_tables_and_other_languages_are_no_english_prose(self):
        english = "The server writes all of the rows to a log, and it is read again when the server is started with the same path, so "
        self.assertTrue(passages.is_english_prose(english * 2))
        self.assertFalse(passages.is_english_prose("0x1f 12.5 | 77 | -- 0x20 " * 12))
        self.assertFalse(passages.is_english_prose("Der Server schreibt alle Zeilen in ein Protokoll und liest es wieder ein. " * 4))

    def test_texts_that_differ_in_numbers_only_have_one_fingerprint(self):
        self.assertEqual(passages.fingerprint("Version 1.2, see below."), passages.fingerprint("version 3: See below"))

    def test_a_question_is_a_sentence_of_its_passage(self):
        passage = "Short. This sentence has more than forty characters in it, surely. End."
        self.assertEqual(passages.question(passage), "This sentence has more than forty characters in it, surely.")


class Prose(unittest.TestCase):
    def test_paragraphs_without_code_menus_and_headings(self):
        page = """<html><head><title>No</title></head><body><div class="navheader">Next page, last page, and all the others</div>
          <h1>A heading that is long enough to be a paragraph</h1><p>The first <em>paragraph</em> is
          here, and long enough.</p><pre>int main(void) { return 0; } /* code is not prose */</pre>
          <div class="protocols"><p>The second one is in a div, and is long as well.</div></body></html>"""
        self.assertEqual(
            prose.paragraphs(page),
            ["The first paragraph is here, and long enough.", "The second one is in a div, and is long as well."],
        )


class Lines(unittest.TestCase):
    def row(self, value, sense=">=", goal=10, floor=6):
        return goals.line("name", "set", "text", value, sense, goal, floor)

    def test_verdicts(self):
        self.assertEqual(goals.verdict(self.row(10)), "")
        self.assertEqual(goals.verdict(self.row(7)), "below the goal")
        self.assertEqual(goals.verdict(self.row(5.9)), "below the floor")
        self.assertEqual(goals.verdict(self.row(0.6, "<=", 0.5, 0.7)), "below the goal")
        self.assertEqual(goals.verdict(self.row(0.8, "<=", 0.5, 0.7)), "below the floor")

    def test_what_never_ended_is_below_every_floor(self):
        self.assertEqual(goals.verdict(self.row(None)), "below the floor")
        self.assertEqual(goals.verdict(self.row(None, floor=None)), "below the goal")

    def test_medians_go_through_turns_and_repeats(self):
        runs = [{"a": 1, "b": [{"c": 1}, {"c": 3}]}, {"a": 3, "b": [{"c": 5}, {"c": 7}]}]
        self.assertEqual(goals.medians(runs), {"a": 2, "b": {"c": 4}})
        self.assertIsNone(goals.medians([{"a": None}, {"a": 1}])["a"])

    def test_the_better_peer_is_the_one_compared_with(self):
        def flat(speed):
            return {"curve": [{"ef": 1, "recall": 0.999, "qps": speed}], "build": {"1": speed, "2": 2 * speed}}

        lines = goals.of_index("text", {"ours": flat(30.0), "hnswlib": flat(10.0), "usearch f32": flat(15.0)})
        found = {line["name"]: line["value"] for line in lines}
        self.assertEqual(found["index alone at recall 0.99"], 2)
        self.assertEqual(found["index build, 1 thread"], 3)

    def test_who_ends_below_where_ours_begins_still_counts(self):
        build = {"1": 1.0}
        ours = {"curve": [{"recall": 0.995, "qps": 10.0}], "build": build}
        theirs = {"curve": [{"recall": 0.96, "qps": 20.0}], "build": build}
        lines = goals.of_index("text", {"ours": ours, "hnswlib": theirs})
        self.assertEqual({line["name"]: line["value"] for line in lines}["index alone at recall 0.95"], 0.5)


class Pages(unittest.TestCase):
    def test_text_goes_between_its_markers_only(self):
        page = "a\n<!-- bench:one -->\nold\n<!-- /bench:one -->\nb\n<!-- bench:two -->\nkept\n<!-- /bench:two -->\n"
        written = report.into(page, "one", r"new \1")
        self.assertIn("<!-- bench:one -->\n\nnew \\1\n\n<!-- /bench:one -->", written)
        self.assertIn("kept", written)
        self.assertNotIn("old", written)
        self.assertEqual(report.into(written, "one", r"new \1"), written)

    def test_missing_markers_are_an_error(self):
        self.assertRaises(KeyError, report.into, "nothing", "one", "new")

    def test_memory_out_of_smaps(self):
        text = "55d0-7ffe ---p 00000000 00:00 0 [rollup]\nRss:  100 kB\nPss: 7 kB\nAnonymous:   60 kB\n"
        self.assertEqual(resident.parse(text), {"rss": 102_400, "anonymous": 61_440})


class Claims(unittest.TestCase):
    line = goals.line("$contains", "text", "1 ms, official 10", 10.0, ">=", 10)

    def test_a_claim_leads_to_its_line(self):
        claims, table = report.claims([self.line], "PAGE.md"), report.markdown([self.line])
        self.assertIn("[10.00 ×](PAGE.md#text-contains)", claims)
        self.assertIn('<a id="text-contains"></a>', table)

    def test_what_was_not_measured_is_not_claimed(self):
        self.assertEqual(report.claims([dict(self.line, value=None)], "PAGE.md"), "")
        self.assertEqual(report.claims([dict(self.line, set="clustered")], "PAGE.md"), "")

    def test_no_two_lines_have_one_place(self):
        names = [(data, name) for _, data, name, _ in report.CLAIMS]
        places = {report.anchor({"set": data, "name": name}) for data, name in names}
        self.assertEqual(len(places), len(names))


class Imports(unittest.TestCase):
    folders = [HERE.parent, HERE.parents[1] / "Crash"]

    def test_what_is_imported_of_our_own_is_there(self):
        wrong = []
        for script in HERE.parent.rglob("*.py"):
            for node in ast.walk(ast.parse(script.read_text())):
                if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] not in sys.stdlib_module_names:
                    wrong += [f"{script.name}: {node.module}.{name.name}" for name in node.names if not self.has(node, name)]
        self.assertEqual(wrong, [])

    def has(self, node, name):
        """Packages from elsewhere have all that is wanted of them, as far as can be told without them."""
        place = node.module.replace(".", "/")
        ours = [folder / f"{place}.py" for folder in self.folders if (folder / f"{place}.py").exists()]
        if ours:
            return any(name.name in ours_names(path) for path in ours)
        if any((folder / place).is_dir() for folder in self.folders):
            return any((folder / place / f"{name.name}.py").exists() for folder in self.folders)
        return node.module.split(".")[0] in ELSEWHERE


ELSEWHERE = {"matplotlib", "pyarrow", "tokenizers", "transformers", "usearch"}


def ours_names(path):
    """What a file defines or imports."""
    found = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {name.asname or name.name for name in node.names}
        elif isinstance(node, ast.Assign):
            found |= {name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)}
    return found


if __name__ == "__main__":
    unittest.main()
