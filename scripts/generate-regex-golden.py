#!/usr/bin/env python3
"""Writes Tests/ChromaModelTests/Regex/RegexGolden.swift: patterns, texts and what the Rust crate `regex` says of them.

The crate is asked through polars (pip install polars; the file states the version used), whose `str.contains` is
`Regex::new(pattern)?.is_match(text)`. Half of the cases are written by hand, row by row of the dialect; half are seeded
random ones. Usage: scripts/generate-regex-golden.py
"""
import json
import pathlib
import random

import polars

target = pathlib.Path(__file__).resolve().parent.parent / "Tests/ChromaModelTests/Regex/RegexGolden.swift"

# Pattern and texts to try; the texts of `everywhere` are tried too.
everywhere = ["", "a", "ab", "foo bar", "x\ny", "Ünïcödé", "42"]
written = [
    ("abc", ["xabcx", "ab c"]), ("", []), ("a.c", ["abc", "a\nc", "aéc", "a😀c", "a\rc"]), ("(?s)a.c", ["a\nc"]),
    ("(?R)a.c", ["a\rc", "a\nc"]), ("(?sR)a.c", ["a\rc"]), ("^foo", ["foo", "x\nfoo"]), ("foo$", ["foo\n", "a foo", "foo\r\n"]),
    ("(?m)^foo$", ["x\nfoo\ny", "x\rfoo\ry", "foo", "x\nfoo\r\n"]), ("(?mR)^foo$", ["x\r\nfoo\r\ny", "x\rfoo\ry", "foo\n"]),
    ("(?mR)\\r$", ["\r\n", "a\r"]), ("(?mR)^\\n", ["\r\n", "\n"]), ("(?mR)^$", ["a\r\nb", "a\r\n\r\nb", "a\r\rb"]),
    ("\\Afoo\\z", ["foo", "foo\n"]), ("(?m)\\Afoo", ["x\nfoo"]), ("^", []), ("$", []), ("^$", []), ("(?m)^$", ["a\n\nb"]),
    ("a^b", []), ("(^|x)a", ["ba", "bxa"]), ("(^a|b)c", ["ac", "xac", "xbc"]), ("(?:^)+a", ["ba"]), ("^*a", ["ba"]), ("^?ab", ["cab"]),
    ("\\bfoo\\b", ["a foo b", "afoo", "foo_", "foo-", "éfoo", "foo\u0301", "fooé", "日foo"]), ("\\Boo", ["foo", "oo"]), ("\\b", ["é", "-", "😀"]),
    ("\\B", ["é", "-", "😀", "éé", "a"]), ("é\\b", ["é", "éa", "é "]), ("\\bé", ["aé", " é"]), ("\\b{start}foo", ["foo", "afoo"]),
    ("foo\\b{end}", ["foo", "fooa"]), ("\\b{start-half}o", ["o", "fo", " o"]), ("o\\b{end-half}", ["o", "of", "o "]), ("\\<foo\\>", ["a foo", "foob"]),
    ("\\b{start-half}", ["a"]), ("\\b{end}", ["--"]), ("(?-u)\\bé", ["aé", " é"]), ("(?-u:\\b)a", ["éa"]), ("(?-u:\\B)é", ["é"]), ("\\b{2}", ["a"]), ("\\b{2,}a", []),
    ("[a-z]+", ["ABC"]), ("[^a-z]", ["abc", "abC"]), ("[a-z&&[^aeiou]]", ["e", "b"]), ("[a-z--aeiou]", ["e", "b"]), ("[a-c~~b-d]", ["b", "d", "a"]),
    ("[a-z&&b-y--c]", ["a", "b", "c"]), ("[a&&b]", []), ("[&&a]", []), ("[a&&]", []), ("[^\\s\\S]", []), ("[[:alpha:]]", ["1", "é"]), ("[[:^alpha:]]", ["a", "1"]),
    ("[[:alpha]", []), ("[[:foo:]]", []), ("[[:word:]&&[^_]]", ["_", "-"]), ("[]a]", ["]"]), ("[^]a]", ["]", "b"]), ("[-a]", ["-"]), ("[a-]", ["-"]), ("[a--]", []),
    ("[---]", ["-"]), ("[--a]", ["-"]), ("[a&b]", ["&"]), ("[a~b]", ["~"]), ("[\\d\\-x]", ["-", "x"]), ("[\\]]", ["]"]), ("[[a]b]", ["[", "b"]), ("[^[a]b]", ["a"]),
    ("[a-zé-ü]", ["ê"]), ("[\\x{1F600}-\\x{1F64F}]", ["😀", "🚀"]), ("[\\n\\t]", ["\t"]), ("[.]", ["."]), ("[$^]", ["^"]),
    ("[[:blank:]]", ["\t"]), ("[[:cntrl:]]", ["\x7f"]), ("[[:graph:]]", [" ", "!"]), ("[[:print:]]", [" ", "\n"]), ("[[:punct:]]", ["_", "a"]), ("[[:xdigit:]]+z", ["fz"]),
    ("[[:space:]]", ["\x0b"]), ("[[:upper:]]", ["A"]), ("[[:lower:]]", ["A"]), ("[[:ascii:]]", ["é"]), ("[[:digit:]]", ["٣"]), ("[[:alnum:]]", ["_"]),
    ("\\d", ["٣", "²", "x"]), ("\\D", ["٣", "12"]), ("\\w", ["é", "_", "-", "\u200d", "日"]), ("\\W", ["é", "-"]), ("\\s", ["\u00a0", "\u2003", "\u0085", "\u200b"]), ("\\S", [" "]),
    ("\\p{L}", ["1", "日"]), ("\\pL", ["1", "é"]), ("\\PL", ["1", "é"]), ("\\p{^L}", []), ("\\p{Greek}", ["α", "a"]), ("\\P{Greek}", ["α"]), ("\\p{Lu}", ["É"]),
    ("\\p{Letter}", ["1"]), ("\\p{gc=Nd}", ["5"]), ("\\p{gc!=Nd}", ["5"]), ("\\p{script=Han}", ["日"]), ("\\p{sc:Cyrillic}", ["ж"]), ("\\p{scx=Deva}", ["\u0951", "\u0964"]), ("\\p{sc=Deva}", ["\u0964", "\u0905"]),
    ("\\p{scx=Zyyy}", ["\u0964", "."]), ("\\p{scx=Inherited}", ["\u0951", "\u034f"]), ("\\p{Hiragana}", ["あ", "ー"]), ("\\p{scx=Kana}", ["ー"]), ("\\p{Alphabetic}", ["ⅷ"]), ("\\p{White_Space}", [" "]),
    ("\\p{is alpha}", []), ("\\p{Emoji}", ["😀", "5"]), ("\\p{Cased}", []), ("\\p{any}", []), ("\\p{ascii}", ["é"]), ("\\p{assigned}", ["\U000e0fff"]), ("\\p{Cn}", ["\U000e0fff", "a"]), ("\\p{cf}", ["\u200d"]), ("\\p{sc}", ["$"]), ("\\p{lc}", ["A"]),
    ("\\p{Punctuation}", ["!"]), ("\\p{Currency_Symbol}", ["€"]), ("\\p{age=3.0}", ["€", "😀"]), ("\\p{age:v6_0}", ["😀"]), ("\\p{age=9.9}", []), ("\\p{foo}", []), ("\\p{sc=foo}", []), ("\\p{foo=bar}", []), ("\\p{}", []),
    ("\\p", []), ("\\p{", []), ("\\p{L", []), ("\\p\\", []), ("\\pX", []), ("\\p{Uppercase}", []), ("\\p{ID_Start}", []), ("\\p{XIDC}", ["-"]), ("\\p{Math}", ["+"]), ("\\p{Ideographic}", ["日"]), ("\\p{Radical}", []), ("\\p{Me}", []), ("\\p{Cs}", []), ("\\p{Co}", ["\ue000"]),
    ("(?i)\\p{Lu}", ["é", "1"]), ("(?i)\\P{Lu}", []), ("(?i)[^k]", ["K", "\u212a", "x"]), ("(?i)[[:upper:]]", ["a"]), ("(?i)[a-z&&k]", ["\u212a"]), ("(?i)[x--X]", []),
    ("a*", []), ("a+b?", []), ("a{2}", ["aa"]), ("a{2,}", ["aaa"]), ("^a{2,3}$", ["a", "aa", "aaa", "aaaa"]), ("a*?b", []), ("a{2}?", ["aa"]), ("a++", []), ("a**", []), ("a{2}{3}", ["aaaaa", "aaaaaa"]),
    ("a{0}", []), ("a{0}b", []), ("^a{0,0}$", []), ("a{ 2 }", ["aa"]), ("a{2 , 3}", ["aa"]), ("a{3,2}", []), ("a{", []), ("a{2", []), ("a{2,", []), ("a{,2}", []), ("a{,}", []), ("a{}", []), ("a{x}", []), ("{", []), ("}", ["}"]), ("]", ["]"]),
    ("a{99999999999}", []), ("*", []), ("+a", []), ("a|*", []), ("(*)", []), ("(?i)*", []), ("()*", []), ("(|a)+", []), ("(?:)", []), ("x{5}y{2", []), ("\\d{3,5}", ["12", "123"]), ("(a|b){3}c", ["abac", "abc"]), ("(?:ab){2,}", ["abab"]),
    ("(a)(b)", []), ("(?:ab)", []), ("(?P<n>a)", []), ("(?<n>a)b", []), ("(?P<n>a)(?P<n>b)", []), ("(?<é>a)", []), ("(?<1>a)", []), ("(?<a1.[]>a)", []), ("(?<>a)", []), ("(?<n", []), ("(?P<", []), ("(?P=n)", []), ("(?P>n)", []), ("(?<a-b>a)", []),
    ("a|b|", []), ("^(a|ab)$", ["b"]), ("(foo|bar)baz", ["barbaz"]), ("|", []), ("a|b", []), ("foo|", []), ("(", []), (")", []), ("a)b", []), ("(a", []), ("((a)", []), ("(a))", []), ("(?", []), ("(?i", []), ("(?i:", []), ("(?)", []), ("(?:a", []),
    ("(?i)ABC", ["abc", "aBc"]), ("a(?i)B", ["aB", "AB"]), ("(?i:a)B", ["AB", "Ab"]), ("(?i)a(?-i)B", ["AB", "Ab"]), ("a(?i)b|c", ["aB", "C", "AB"]), ("((?i)a)B", ["AB", "Ab"]), ("(?i)straße", ["STRASSE", "STRAẞE", "Straße"]), ("(?i)σ", ["ς", "Σ"]), ("(?i)k", ["\u212a"]),
    ("(?i)é", ["É"]), ("(?i)ǆ", ["ǅ", "Ǆ"]), ("(?i)ı", ["I", "i"]), ("(?i)İ", ["i"]), ("(?i)ſ", ["s", "S"]), ("(?i)\u0345", ["ι", "Ι"]), ("(?i)Ꭰ", ["ꭰ"]), ("(?i)ꭰ", ["Ꭰ"]), ("(?i)𐐀", ["𐐨"]), ("(?x) a b # comment\n c", ["abc", "a b c"]), ("(?x)a\\ b", ["a b"]), ("(?x)[ a b ]", [" ", "b"]), ("(?x)a {2}", ["aa"]), ("(?x)a { 2 , 3 } ?", ["aa"]),
    ("(?x)( ?i)a", []), ("(?x)(?# c)", []), ("(?x)\\x 41", []), ("(?x)[a - c]", ["b"]), ("(?x)[a -]", ["-"]), ("(?U)a+?", []), ("(?U)a*b", []), ("(?ims)^a.B$", ["x\nA\nb"]), ("(?i-s)a", []), ("(?-i)a", ["A"]), ("(?-)", []), ("(?i-)", []), ("(?--i)", []), ("(?ii)", []), ("(?i-i)", []), ("(?y)", []), ("(?i-s:A)", []), ("(?imsxUR)a", []),
    ("\\n\\r\\t\\f\\v\\a", ["\n\r\t\f\v\a"]), ("\\x41", ["A"]), ("\\x{1F600}", ["😀"]), ("\\x{10FFFF}", ["\U0010ffff"]), ("\\u00e9", ["é"]), ("\\u{e9}", ["é"]), ("\\U0001F600", ["😀"]), ("\\U{e9}", ["é"]), ("\\x{}", []), ("\\x{110000}", []), ("\\x{D800}", []), ("\\xZZ", []), ("\\x4", []), ("\\x", []), ("\\u12", []), ("\\x{41", []), ("\\x{4G}", []), ("\\uD800", []), ("\\x{FFFFFFFFFF}", []),
    ("\\/ \\- \\_", ["/ - _"]), ("\\.\\+\\*\\?\\(\\)\\|\\[\\]\\{\\}\\^\\$\\#\\&\\~", [".+*?()|[]{}^$#&~"]), ("\\!\\\"\\'\\,\\:\\;\\=\\@\\`\\%\\ ", ["!\"',:;=@`% "]), ("\\\\", ["\\"]), ("\\0", []), ("\\1", []), ("\\9", []), ("(a)\\1", []), ("\\", []), ("a\\", []), ("\\é", []),
    ("\\Z", []), ("\\h", []), ("\\K", []), ("\\Q", []), ("\\R", []), ("\\X", []), ("\\C", []), ("\\e", []), ("\\cA", []), ("\\G", []), ("\\y", []), ("\\N", []), ("\\E", []), ("\\o", []),
    ("(?=a)", []), ("(?!a)", []), ("(?<=a)b", []), ("(?<!a)b", []), ("(?>a)", []), ("(?#c)", []), ("(?'n'a)", []), ("(?|a)", []), ("(?(1)a|b)", []), ("(?&n)", []), ("(?1)", []), ("(?R)", []), ("x(?=y)z", []),
    ("[", []), ("[a", []), ("[a-", []), ("[^", []), ("[]", []), ("[[a]", []), ("[z-a]", []), ("[a-\\d]", []), ("[\\d-a]", []), ("[\\b]", []), ("[\\A]", []), ("[\\1]", []), ("[\\Q]", []), ("[a&&", []), ("[a-\\pL]", []), ("x[y", []), ("[[:alpha:]", []), ("[a\\]", []), ("[\\w-z]", []), ("[\\w-]", ["-"]),
    ("\\b{foo}", []), ("\\b{start", []), ("\\b{", []), ("\\b{start_half}", []), ("\\b{ 2}", ["a"]), ("\\b{START}", []), ("\\b{3", []), ("ab\\B{start}", []),
    ("(?-u).", []), ("(?-u)[^a]", []), ("(?-u)\\W", []), ("(?-u)\\pL", []), ("(?-u)\\xFF", []), ("(?-u)a", []), ("(?-u)\\x41", ["A"]), ("(?-u)é", ["é"]), ("(?u)é", ["é"]),
    ("a\nb(", []), ("x\n\ny[", []), ("é(", []), ("日本{3,2}", []), ("a\n*\n(", []), ("\n{", []), ("a|b\n|(c", []), ("(?P<x>a)\n(?P<x>b)", []),
    ("\x00", ["a\x00b"]), ("a\tb", ["a\tb"]), ("日本", ["日本語", "日 本"]), ("日.語", ["日本語"]), ("^.$", ["é", "😀", "e\u0301", "日本"]), ("^..$", ["e\u0301", "é"]), ("[é]", ["é", "è"]), ("[^é]", ["é"]), (".*日.*本$", ["x日y本"]),
    ("(a*)*b", []), ("(a|a)*c", []), ("(a*)+$", []), ("(.*){5}x", ["abx"]), ("(x+x+)+y", ["xxxxxy"]), ("((a?){3}){3}b", []), ("(?:a?){20}a{20}", ["a" * 20, "a" * 19]),
    ("\\w+@\\w+\\.\\w{2,}", ["mail me@example.org now", "me@example"]), ("\\d{4}-\\d{2}-\\d{2}", ["on 2024-01-31", "24-1-3"]), ("(?i)\\berror\\b.*\\btimeout\\b", ["An ERROR: read timeout.", "errors timeout"]), ("https?://[^\\s/$.?#].[^\\s]*", ["see https://a.b/c", "ftp://x"]),
    ("(" * 249 + "a" + ")" * 249, []), ("(" * 250 + "a" + ")" * 250, []), ("(" * 251 + "a" + ")" * 251, []), ("a" + "*" * 250, []), ("a" + "*" * 251, []), ("[" * 249 + "a" + "]" * 249, []), ("\\w{100}", ["a" * 99, "a" * 100]), ("\\w{1000}", []), ("(?:a{1000}){1000}", []), ("\\pL{5}$", ["ab日é日"]),
]


def random_pattern(source, depth=3):
    choice = source.random()
    if depth == 0 or choice < 0.35:
        return source.choice(["a", "b", "c", "é", "日", ".", "\\w", "\\d", "\\s", "[ab]", "[^a]", "[a-cé]", "[^\\w]", "\\pL", "k", " ", "_", "1", "\\n", "A", "\\W"])
    if choice < 0.45:
        return source.choice(["^", "$", "\\b", "\\B", "(?m:^)", "(?m:$)", "\\b{start}", "\\b{end}", "\\A", "\\z", "\\b{start-half}", "\\b{end-half}", "(?mR:^)", "(?mR:$)", "(?-u:\\b)"])
    if choice < 0.65:
        return "".join(random_pattern(source, depth - 1) for _ in range(source.randint(2, 3)))
    if choice < 0.78:
        return "(" + "|".join(random_pattern(source, depth - 1) for _ in range(2)) + ")"
    if choice < 0.95:
        return "(?:" + random_pattern(source, depth - 1) + ")" + source.choice(["*", "+", "?", "{2}", "{0,2}", "{1,}", "*?"])
    return "(?i:" + random_pattern(source, depth - 1) + ")"


def answers(pattern, texts):
    try:
        found = polars.Series(texts, dtype=polars.String).str.contains(pattern, literal=False, strict=True).to_list()
        return [[pattern, text, answer] for text, answer in zip(texts, found)]
    except polars.exceptions.ComputeError as error:
        message = str(error).removeprefix("regex error: ").split("\n\nThis error occurred")[0]
        return [[pattern, None, message]]


cases = []
for pattern, texts in written:
    cases += answers(pattern, list(dict.fromkeys(texts + everywhere)))
hand = len(cases)
source = random.Random(20261121)
for _ in range(700):
    texts = ["".join(source.choice("aabbcAKk1_ é日\n\r\u212a-") for _ in range(source.randint(0, 7))) for _ in range(4)]
    cases += answers(random_pattern(source), texts)

lines = [json.dumps(case).replace("###", "\\u0023##") for case in cases]
text = f'''// Generated by scripts/generate-regex-golden.py from polars {polars.__version__}; do not edit.

/// One JSON array a line: pattern, text, whether it matches; or pattern, null, the error of the Rust crate `regex`.
let regexGolden = ###"""
'''
target.write_text(text + "\n".join("  " + line for line in lines) + '\n  """###\n', encoding="utf-8")
print(len(cases), "cases,", hand, "by hand,", sum(case[1] is None for case in cases), "refusals,", target.stat().st_size, "bytes")
