/// The Snowball stemmer for English, also called Porter2, as of Snowball 3.1.
///
/// Words are lower case. Letters outside a–z count as consonants. Regions and suffixes have the names of the
/// description: R1 is what follows the first consonant behind a vowel, R2 the same within R1.
///
/// Source: https://snowballstem.org/algorithms/english/stemmer.html
struct EnglishStemmer {
  private var word: [Unicode.Scalar] = []
  private var startOfR1 = 0
  private var startOfR2 = 0

  mutating func stem(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    if let exception = Suffixes.wholeWords[text] { return exception }
    guard text.count >= 3 else { return text }
    word = text
    markConsonantY()
    markRegions()
    removePossessiveAndPlural()
    removePastAndGerund()
    replaceFinalY()
    replaceLongSuffix()
    replaceShorterSuffix()
    removeSuffix()
    removeFinalEOrL()
    return word.map { $0 == "Y" ? "y" : $0 }
  }

  // MARK: Preparation

  /// A y at the start or behind a vowel is a consonant; it is written Y until the end.
  private mutating func markConsonantY() {
    if word.first == "'" { word.removeFirst() }
    if word.first == "y" { word[0] = "Y" }
    for index in word.indices.dropFirst() where word[index] == "y" && isVowel(index - 1) { word[index] = "Y" }
  }

  private mutating func markRegions() {
    startOfR1 = word.count
    startOfR2 = word.count
    if let prefix = Suffixes.prefixes.first(where: { word.starts(with: $0) }) {
      startOfR1 = prefix.count
    } else {
      guard let start = regionStart(from: 0) else { return }
      startOfR1 = start
    }
    startOfR2 = regionStart(from: startOfR1) ?? word.count
  }

  /// Behind the first consonant that follows a vowel.
  private func regionStart(from start: Int) -> Int? {
    guard let vowel = (start..<word.count).first(where: isVowel),
      let consonant = (vowel + 1..<word.count).first(where: { !isVowel($0) })
    else { return nil }
    return consonant + 1
  }

  // MARK: Steps

  /// Step 0 and 1a.
  private mutating func removePossessiveAndPlural() {
    if let possessive = Suffixes.possessives.longest(of: word) { word.removeLast(possessive.suffix.count) }
    guard let match = Suffixes.plurals.longest(of: word) else { return }
    let stem = word.count - match.suffix.count
    switch match.action {
    case .replace(let new): replace(from: stem, with: new)
    case .shorten: replace(from: stem, with: stem >= 2 ? ["i"] : ["i", "e"])
    case .delete:
      // A vowel must come before the letter before the s.
      if stem >= 1, containsVowel(before: stem - 1) { word.removeLast() }
    case .keep: return
    }
  }

  /// Step 1b: eed, ed, ing and their adverbs.
  private mutating func removePastAndGerund() {
    guard let match = Suffixes.pastAndGerund.longest(of: word) else { return }
    let stem = word.count - match.suffix.count
    switch match.action {
    case .replace(let new):
      // proceed, succeed and exceed stay.
      if stem >= startOfR1, !Suffixes.stemsBeforeEed.contains(Array(word[..<stem])) { replace(from: stem, with: new) }
      return
    case .shorten:
      if stem == 2, word[1] == "y", !isVowel(0) { return replace(from: 1, with: ["i", "e"]) }
      if Suffixes.stemsBeforeIng.contains(Array(word[..<stem])) { return }
    case .delete, .keep: break
    }
    guard containsVowel(before: stem) else { return }
    word.removeLast(match.suffix.count)
    let end = word.suffix(2)
    if Suffixes.endsThatTakeE.contains(Array(end)) {
      word.append("e")
    } else if let last = end.last, end.count == 2, end.first == last, Suffixes.doubled.contains(last) {
      if word.count == 3, ["a", "e", "o"].contains(word[0]) { return }
      word.removeLast()
    } else if word.count == startOfR1, endsInShortSyllable(word.count) {
      word.append("e")
    }
  }

  /// Step 1c: y behind a consonant that is not the first letter.
  private mutating func replaceFinalY() {
    let last = word.count - 1
    guard last >= 2, word[last] == "y" || word[last] == "Y", !isVowel(last - 1) else { return }
    word[last] = "i"
  }

  /// Step 2.
  private mutating func replaceLongSuffix() {
    guard let match = Suffixes.long.longest(of: word) else { return }
    let stem = word.count - match.suffix.count
    guard stem >= startOfR1 else { return }
    switch match.action {
    case .replace(let new):
      // ogi becomes og only behind an l.
      if match.suffix == Suffixes.ogi, stem == 0 || word[stem - 1] != "l" { return }
      replace(from: stem, with: new)
    case .delete:
      if stem >= 1, Suffixes.beforeLi.contains(word[stem - 1]) { word.removeLast(match.suffix.count) }
    case .shorten, .keep: return
    }
  }

  /// Step 3.
  private mutating func replaceShorterSuffix() {
    guard let match = Suffixes.shorter.longest(of: word) else { return }
    let stem = word.count - match.suffix.count
    guard stem >= startOfR1 else { return }
    switch match.action {
    case .replace(let new): replace(from: stem, with: new)
    case .delete: word.removeLast(match.suffix.count)
    case .shorten:
      if stem >= startOfR2 { word.removeLast(match.suffix.count) }
    case .keep: return
    }
  }

  /// Step 4.
  private mutating func removeSuffix() {
    guard let match = Suffixes.removable.longest(of: word) else { return }
    let stem = word.count - match.suffix.count
    guard stem >= startOfR2 else { return }
    if match.action == .shorten {
      guard stem >= 1, word[stem - 1] == "s" || word[stem - 1] == "t" else { return }
    }
    word.removeLast(match.suffix.count)
  }

  /// Step 5.
  private mutating func removeFinalEOrL() {
    let last = word.count - 1
    guard last >= 0 else { return }
    if word[last] == "e" {
      if last >= startOfR2 || last >= startOfR1 && !endsInShortSyllable(last) { word.removeLast() }
    } else if word[last] == "l", last >= startOfR2, last >= 1, word[last - 1] == "l" {
      word.removeLast()
    }
  }

  // MARK: Letters

  private func isVowel(_ index: Int) -> Bool {
    switch word[index] {
    case "a", "e", "i", "o", "u", "y": true
    default: false
    }
  }

  private func containsVowel(before end: Int) -> Bool { (0..<end).contains(where: isVowel) }

  private mutating func replace(from start: Int, with new: [Unicode.Scalar]) {
    word.replaceSubrange(start..., with: new)
  }

  /// Whether the first `end` letters end in a short syllable: consonant, vowel, consonant other than w, x and Y; or
  /// the two of them are a vowel and a consonant; or they end in "past".
  private func endsInShortSyllable(_ end: Int) -> Bool {
    if end >= 3, !isVowel(end - 1), !["w", "x", "Y"].contains(word[end - 1]), isVowel(end - 2), !isVowel(end - 3) {
      return true
    }
    if end == 2, !isVowel(1), isVowel(0) { return true }
    return word[..<end].suffix(4).elementsEqual(Suffixes.past)
  }
}
