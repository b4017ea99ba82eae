"""Paragraphs of prose into passages of 200 to 1,200 characters. Pure functions."""

import re

SHORTEST, LONGEST = 200, 1200
# A full stop, question or exclamation mark, perhaps with a quote or bracket, before a capital.
SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[]?[A-Z])")
STOP_WORDS = frozenset("the of to and a in is that for it you be as with this are on by or can not if an from".split())


def sentences(paragraph):
    return [part for part in SENTENCE_END.split(paragraph) if part]


def cut(paragraphs, lengths):
    """Yields passages. Short paragraphs are joined with the ones behind them; long ones are cut between sentences.

    Joined until they have a length drawn by `lengths()`, so that not all are as short as allowed. What stays too
    short, or has a sentence longer than a passage may be, is dropped.
    """
    held, wanted = "", lengths()
    for paragraph in paragraphs:
        if len(held) + 1 + len(paragraph) > LONGEST:
            if len(held) >= SHORTEST:
                yield held
            held = ""
        if len(paragraph) > LONGEST:
            yield from cut_between_sentences(paragraph)
            continue
        held = f"{held} {paragraph}" if held else paragraph
        if len(held) >= wanted:
            yield held
            held, wanted = "", lengths()
    if len(held) >= SHORTEST:
        yield held


def cut_between_sentences(paragraph):
    """Parts of about the same length, as few as the longest allowed length permits."""
    parts = -(-len(paragraph) // LONGEST)
    wanted = len(paragraph) / parts
    held = ""
    for sentence in sentences(paragraph):
        if held and len(held) + 1 + len(sentence) > LONGEST:
            if len(held) >= SHORTEST:
                yield held
            held = ""
        held = f"{held} {sentence}" if held else sentence
        if len(held) > LONGEST:
            held = ""
        elif len(held) >= wanted:
            yield held
            held = ""
    if SHORTEST <= len(held) <= LONGEST:
        yield held


def is_english_prose(text):
    """Not a table, a list of symbols, or another language: letters for the most part, and common English words."""
    if "\u00a9" in text:
        return False
    words = text.lower().split()
    letters = sum(letter.isascii() and (letter.isalpha() or letter == " ") for letter in text)
    common = sum(word in STOP_WORDS for word in words)
    return letters >= 0.85 * len(text) and common >= max(5, 0.15 * len(words)) and len(words) >= 25


def fingerprint(text):
    """Equal for texts that differ only in case, numbers, spaces and punctuation."""
    return re.sub(r"[^a-z]+", "", text.lower())


def question(passage):
    """What to ask for: a sentence of the passage where it has one of 40 to 250 characters, else the passage."""
    fitting = [sentence for sentence in sentences(passage) if 40 <= len(sentence) <= 250]
    return fitting[len(passage) % len(fitting)] if fitting else passage
