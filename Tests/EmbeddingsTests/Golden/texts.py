"""The seeded texts both the tokenizer's and the model's golden files are about."""
import random

SENTENCES = """The committee approved the new budget after a long and heated debate.
Vector databases store embeddings and find the nearest neighbours of a query.
She walked along the river until the lights of the town disappeared.
How do I reset my password if I no longer have access to my e-mail?
Photosynthesis converts sunlight, water and carbon dioxide into glucose and oxygen.
The recipe calls for two cups of flour, a pinch of salt and three eggs.
Error 404: the page you requested could not be found on this server.
In 1969 two astronauts walked on the Moon while a third stayed in orbit.
Interest rates rose by 0.25 % in March, surprising most economists.
func distance(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).map(-).reduce(0) { $0 + $1 * $1 } }
The quarterback threw a touchdown pass with eleven seconds left on the clock.
Antidisestablishmentarianism is a long word; pneumonoultramicroscopicsilicovolcanoconiosis is longer.
Please find attached the invoice no. 2024-0117 (due in 30 days).
Wer reitet so spät durch Nacht und Wind? Der Vater mit seinem müden Kind.
L'été dernier, nous avons visité le château près de la forêt.
El niño soñó con un pingüino que hablaba español.
Příliš žluťoučký kůň úpěl ďábelské ódy.
Zażółć gęślą jaźń. Tiếng Việt có nhiều dấu.
Быстрая коричневая лиса прыгает через ленивую собаку; ёлка, йод.
Η γρήγορη καφέ αλεπού πηδάει πάνω από το τεμπέλικο σκυλί.
השועל החום המהיר קופץ מעל הכלב העצלן.
الثعلب البني السريع يقفز فوق الكلب الكسول، أليس كذلك؟
तेज़ भूरी लोमड़ी आलसी कुत्ते के ऊपर से कूदती है।
เจ้าหมาจิ้งจอกสีน้ำตาลกระโดดข้ามหมาขี้เกียจ
素早い茶色の狐はのろまな犬を飛び越える。カタカナとひらがな、ﾊﾝｶｸも。
敏捷的棕色狐狸跳过了懒狗。繁體字也可以。
빠른 갈색 여우가 게으른 개를 뛰어넘는다.
სწრაფი ყავისფერი მელა; ղեկավար; አማርኛ; தமிழ்; తెలుగు; ಕನ್ನಡ; বাংলা
I 💚 this 👍🏽! Family: 👨‍👩‍👧‍👦, flag: 🇨🇭, keycap: 3️⃣, heart: ❤️
https://example.org/path/to/page.html?query=1&lang=en#fragment user@example.com C:\\Windows\\System32
E = mc², ∑ᵢ xᵢ ≥ ½·√π, a ≠ b, α → β, ℵ₀, ∂f/∂x, 𝔸𝕓𝕔 𝒟ℯ𝒻
SELECT name, count(*) FROM users WHERE age >= 21 GROUP BY name HAVING count(*) > 1;""".split("\n")

EDGES = ["", " ", "\n\t \r", "\0", "a\0b", "\ufffd", "\x01\x02\x7f", "\x0b\x0c\x1c\x85a", "[CLS]", "a[SEP]b [MASK][PAD]", "[sep] [ SEP] [SEP [UNK",
         "[[SEP]]", "\u200b\u200c\u200d\ufeff", "a\u200bb\u00adc\u2060d", "x" * 100, "x" * 101, "é" * 100, "é" * 101, "a" * 100 + "\u0301" * 5,
         "ab" * 49 + "ćd", "\u0301", "e\u0301\u0301", "q\u0323\u0307 q\u0307\u0323", "ﬁ ﬂ ﬀ", "ＡＢＣ　１２３", "ǅ ǈ ß ẞ İ ı ſ K Å Ω", "Ⅳ ⓐ ㎏ ㍿",
         "豈 﨎 你", "\U0002b820 \U0002b920 \U0002ceaf \U000323af", "\U000e0001\U000e007f", "\ue000\U000f0000\U0010fffd", "\u0378\u0530\U0001fbff\U000e1000",
         "각 각 힣 ᄒ", "\u0f43 \u0958 \u2adc \u1d160", "؟،؛ ٪ ۝ ࣢ ।॥", "„a“ ‚b‘ «c» ‹d› ⟨e⟩ 【f】", "…—–‐‑―﹣－", "$ € £ ¥ ₿ + < = > ^ ` | ~ ¬ ×", "\u2028a\u2029b\u3000c\u1680d\u180ee",
         "don't won't it’s rock'n'roll", "1,000,000.00 -5 3.14e-10 0x1F 10:30 24/7", "##ing ## #a", "a.b.c...d!!!?!", "unaffable", "𐐀𐐨 𞤀𞤢 Ꭰꭰ Ა"]

RANGES = [(0x20, 0x7E), (0xA0, 0x24F), (0x250, 0x36F), (0x370, 0x52F), (0x530, 0x6FF), (0x700, 0xDFF), (0xE00, 0x137F), (0x1380, 0x1FFF),
          (0x2000, 0x2BFF), (0x2C00, 0x31FF), (0x3200, 0xABFF), (0xAC00, 0xD7A3), (0xF900, 0xFFFF), (0x10000, 0x1FFFF), (0x20000, 0x3FFFF), (0, 0x9F)]


def scalar(low, high):
    while True:
        value = random.randint(low, high)
        if not 0xD800 <= value < 0xE000:
            return chr(value)


def sentence_mix():
    words = " ".join(random.sample(SENTENCES, random.randint(1, 3))).split(" ")
    if random.random() < 0.5:
        random.shuffle(words)
    if random.random() < 0.3:
        words = [random.choice([str.upper, str.title, str])(word) for word in words]
    return " ".join(words[: random.randint(1, len(words))])


def noise():
    parts = []
    for _ in range(random.randint(1, 10)):
        low, high = random.choice(RANGES)
        parts.append("".join(scalar(low, high) for _ in range(random.randint(1, 7))))
    return random.choice(["", " ", " ", "-", "\u0301", "\u200b"]).join(parts)


def corrupted():
    text = list(sentence_mix())
    for _ in range(random.randint(1, 6)):
        text.insert(random.randint(0, len(text)), random.choice(EDGES[:46]) if random.random() < 0.3 else scalar(*random.choice(RANGES)))
    return "".join(text)


def texts():
    """1,200 texts, each a pair: what to repeat, and how often (long ones are kept short in the file)."""
    random.seed(7)
    found = [(text, 1) for text in SENTENCES + EDGES]
    for text in [SENTENCES[0] + " ", SENTENCES[18] + " ", "数据", "ab ", "\u0301 ", "tokenization\n", "🙂", "é", "x", "[SEP]", "!"]:
        found += [(text, 20), (text, 300), (text, 2000)]
    while len(found) < 1200:
        text = random.choice([sentence_mix, sentence_mix, corrupted, noise])()
        found.append((text, random.choice([1] * 30 + [4, 15])))
    return found
