/// Full stops that do not end a sentence.
enum Abbreviation {
  /// Whether the stop at `stop` belongs to the word before it: an abbreviation, an initial, an item's number.
  ///
  /// - Parameter next: where white space begins behind the stop.
  static func precedes(_ scalars: ArraySlice<Unicode.Scalar>, stop: Int, sentence: Int, next: Int) -> Bool {
    var start = stop
    while start > sentence, stop - start < 20, isPart(scalars[start - 1]) { start -= 1 }
    guard start < stop else { return false }
    let letters = scalars[start..<stop]
    if letters.allSatisfy(\.isASCIIDigit) {
      // The number of an item at the beginning of a sentence.
      return start == sentence && letters.count <= 3
    }
    let word = String(String.UnicodeScalarView(letters)).lowercased()
    if neverLast.contains(word) { return true }
    let following = nextWord(scalars, from: next)
    // "J. Smith", "U.S. Army", "Ph.D. students"; but "vitamin C. The".
    let isInitial = letters.count == 1 && letters.first?.properties.isUppercase == true
    if isInitial || isDotted(letters) { return !starters.contains(following) }
    return beforeNumbers.contains(word) && following.first?.isNumber == true
  }

  /// `U.S`, `a.m`, `Ph.D`; neither `3.5` nor `example.com`.
  private static func isDotted(_ letters: ArraySlice<Unicode.Scalar>) -> Bool {
    let parts = letters.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count > 1
      && parts.allSatisfy { (1...2).contains($0.count) && $0.allSatisfy(\.properties.isAlphabetic) }
  }

  private static func isPart(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "." || scalar.isASCIIDigit || scalar.properties.isAlphabetic
  }

  private static func nextWord(_ scalars: ArraySlice<Unicode.Scalar>, from: Int) -> String {
    let rest = scalars[from...].prefix(200).drop { !isPart($0) }
    return String(String.UnicodeScalarView(rest.prefix { isPart($0) && $0 != "." }.prefix(20)))
  }

  /// Words that something always follows. English, with what is common in German and French.
  private static let neverLast: Set<String> = [
    "mr", "mrs", "ms", "dr", "prof", "st", "mt", "rev", "hon", "gen", "col", "capt", "lt", "sgt", "cmdr", "gov", "sen",
    "rep", "pres", "vs", "e.g", "i.e", "cf", "viz", "al", "approx", "ca", "resp", "incl", "esp", "mme", "mlle",
    "messrs",
    "z.b", "d.h", "u.a", "bzw", "bspw", "evtl", "ggf", "vgl", "hr", "fr",
  ]

  /// Words that a number follows, and that are words when none does.
  private static let beforeNumbers: Set<String> = [
    "no", "nos", "p", "pp", "vol", "vols", "fig", "figs", "eq", "eqs", "sec", "sect", "ch", "chap", "art", "par", "ref",
    "refs", "tab", "nr", "abb", "abs", "kap", "bd", "op", "ver", "v", "jan", "feb", "mar", "apr", "jun", "jul", "aug",
    "sep", "sept", "oct", "nov", "dec",
  ]

  /// Words that seldom follow a name's initial and often begin a sentence.
  private static let starters: Set<String> = [
    "The", "A", "An", "In", "It", "Its", "He", "She", "They", "We", "You", "I", "This", "That", "These", "Those",
    "There",
    "But", "And", "Or", "So", "If", "When", "While", "However", "As", "At", "On", "For", "From", "By", "To", "With",
    "After", "Before", "Then", "Our", "Their", "His", "Her", "No", "Not", "Some", "Many", "Most", "All", "Each", "Both",
    "What", "Who", "Why", "How", "Where", "Der", "Die", "Das", "Ein", "Eine", "Es", "Er", "Sie", "Wir", "Und", "Le",
    "La", "Les", "Il", "Elle", "Un", "Une", "El", "Los", "Las",
  ]
}
