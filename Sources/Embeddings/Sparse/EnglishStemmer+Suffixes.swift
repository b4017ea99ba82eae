extension EnglishStemmer {
  /// What a step does with a suffix it found.
  enum Action: Hashable {
    case replace([Unicode.Scalar])
    case delete
    /// Keep or cut by a condition of the step's own.
    case shorten
    case keep
  }

  /// The suffixes a step looks for. Of those a word ends in, the longest counts, even if the step then does nothing.
  struct SuffixTable {
    private let entries: [(suffix: [Unicode.Scalar], action: Action)]

    /// - Parameter lines: words, the first of each line the replacement ("-" deletes, "?" shortens, "=" keeps).
    init(_ lines: String) {
      var entries: [(suffix: [Unicode.Scalar], action: Action)] = []
      for line in lines.split(separator: "\n") {
        let words = line.split(separator: " ")
        guard let first = words.first else { continue }
        let action: Action =
          switch first {
          case "-": .delete
          case "?": .shorten
          case "=": .keep
          default: .replace(Array(first.unicodeScalars))
          }
        for word in words.dropFirst() { entries.append((Array(word.unicodeScalars), action)) }
      }
      self.entries = entries.sorted { $0.suffix.count > $1.suffix.count }
    }

    func longest(of word: [Unicode.Scalar]) -> (suffix: [Unicode.Scalar], action: Action)? {
      entries.first { entry in
        entry.suffix.count <= word.count && word.suffix(entry.suffix.count).elementsEqual(entry.suffix)
      }
    }
  }

  enum Suffixes {
    static let possessives = SuffixTable("- ' 's 's'")
    static let plurals = SuffixTable("ss sses\n? ied ies\n- s\n= us ss")
    static let pastAndGerund = SuffixTable("ee eed eedly\n- ed edly ingly\n? ing")
    static let long = SuffixTable(
      """
      tion tional
      ence enci
      ance anci
      able abli
      ent entli
      ize izer ization
      ate ational ation ator
      al alism aliti alli
      ful fulness fulli
      ous ousli ousness
      ive iveness iviti
      ble biliti bli
      og ogi ogist
      less lessli
      - li
      """)
    static let shorter = SuffixTable("tion tional\nate ational\nal alize\nic icate iciti ical\n- ful ness\n? ative")
    static let removable = SuffixTable(
      "- al ance ence er ic able ible ant ement ment ent ism ate iti ous ive ize\n? ion")

    static let ogi = scalars("ogi")
    static let past = scalars("past")
    static let doubled = Set(scalars("bdfgmnprt"))
    static let beforeLi = Set(scalars("cdeghkmnrt"))
    static let endsThatTakeE = set("at bl iz")
    static let stemsBeforeEed = set("succ proc exc")
    static let stemsBeforeIng = set("even cann inn earr herr out")
    /// Beginnings behind which R1 starts.
    static let prefixes = words("arsen commun emerg gener inter later organ past univers")
    /// Words that have a stem of their own, or none.
    static let wholeWords: [[Unicode.Scalar]: [Unicode.Scalar]] = {
      var stems: [[Unicode.Scalar]: [Unicode.Scalar]] = [:]
      for word in words("andes atlas bias cosmos howe news sky") { stems[word] = word }
      let changed = words("skis ski skies sky idly idl gently gentl ugly ugli early earli only onli singly singl")
      for index in stride(from: 0, to: changed.count - 1, by: 2) { stems[changed[index]] = changed[index + 1] }
      return stems
    }()

    private static func scalars(_ text: some StringProtocol) -> [Unicode.Scalar] { Array(text.unicodeScalars) }
    private static func words(_ text: String) -> [[Unicode.Scalar]] { text.split(separator: " ").map { scalars($0) } }
    private static func set(_ text: String) -> Set<[Unicode.Scalar]> { Set(words(text)) }
  }
}
