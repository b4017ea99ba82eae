import Synchronization

/// The classes a pattern can name: `\d \s \w` and `\p{…}`.
///
/// General categories and binary properties are those of the Swift standard library, scripts those of `UnicodeTables`.
/// A class is computed on first use (some milliseconds) and kept for the life of the process.
enum UnicodeClass {
  enum Failure: Error { case propertyNotFound, valueNotFound }

  private static let cache = Mutex<[String: ScalarSet]>([:])

  private static func cached(_ key: String, _ make: () -> ScalarSet) -> ScalarSet {
    if let known = cache.withLock({ $0[key] }) { return known }
    // Computed outside the lock: two threads may do the same work once, but none waits for another's class.
    let set = make()
    cache.withLock { $0[key] = set }
    return set
  }

  static var digit: ScalarSet { cached("gc=Nd") { ScalarSet { $0.properties.generalCategory == .decimalNumber } } }
  static var space: ScalarSet { cached("p=whitespace") { ScalarSet(where: \.properties.isWhitespace) } }

  /// `\w` (Unicode Technical Standard 18, annex C): alphabetic, marks, decimal digits, connectors, join controls.
  static var word: ScalarSet {
    cached("word") {
      ScalarSet { scalar in
        let properties = scalar.properties
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: return true
        default: return properties.isAlphabetic || properties.isJoinControl
        }
      }
    }
  }

  /// One bit per scalar, set for members of `word`.
  static let wordBitmap: [UInt64] = {
    var words = [UInt64](repeating: 0, count: Int(ScalarSet.last) / 64 + 1)
    for range in word.ranges {
      for value in range.low...range.high { words[Int(value >> 6)] |= 1 << UInt64(value & 63) }
    }
    return words
  }()

  /// The class of `\p{name}`: a binary property, a general category or a script, in this order.
  static func named(_ name: String) throws(Failure) -> ScalarSet {
    let key = normalized(name)
    // `cf`, `sc` and `lc` are also short names of properties; the categories win.
    if !["cf", "sc", "lc"].contains(key), let property = binaryProperties[key] {
      return cached("p=" + (property.name)) { ScalarSet { $0.properties[keyPath: property.path] } }
    }
    if let set = generalCategory(key) { return set }
    if let script = ScriptIndex.shared.names[key] {
      return cached("sc=" + script) { ScriptIndex.shared.set(of: script, extensions: false) }
    }
    // Surrogates are no scalars; the crate knows the category and has no table for it.
    throw key == "cs" || key == "surrogate" ? .valueNotFound : .propertyNotFound
  }

  /// The class of `\p{property=value}`.
  static func named(_ property: String, value: String) throws(Failure) -> ScalarSet {
    let key = normalized(value)
    switch normalized(property) {
    case "gc", "generalcategory":
      guard let set = generalCategory(key) else { throw .valueNotFound }
      return set
    case "sc", "script":
      guard let script = ScriptIndex.shared.names[key] else { throw .valueNotFound }
      return cached("sc=" + script) { ScriptIndex.shared.set(of: script, extensions: false) }
    case "scx", "scriptextensions":
      guard let script = ScriptIndex.shared.names[key] else { throw .valueNotFound }
      return cached("scx=" + script) { ScriptIndex.shared.set(of: script, extensions: true) }
    case "age":
      let numbers = key.drop { $0 == "v" }.split(whereSeparator: { $0 == "." }).compactMap { UInt8($0) }
      let packed = Array(key.drop { $0 == "v" })
      let (major, minor): (UInt8, UInt8)
      if numbers.count == 2 {
        (major, minor) = (numbers[0], numbers[1])
      } else if packed.count >= 2, let m = UInt8(String(packed.dropLast())), let n = UInt8(String(packed.suffix(1))) {
        (major, minor) = (m, n)
      } else {
        throw .valueNotFound
      }
      guard knownAges.contains(Int(major) * 10 + Int(minor)) else { throw .valueNotFound }
      return cached("age=\(major).\(minor)") {
        ScalarSet { scalar in
          guard let age = scalar.properties.age else { return false }
          return (age.major, age.minor) <= (Int(major), Int(minor))
        }
      }
    default:
      throw .propertyNotFound
    }
  }

  /// Major version times ten plus minor.
  private static let knownAges: Set<Int> = [
    11, 20, 21, 30, 31, 32, 40, 41, 50, 51, 52, 60, 61, 62, 63, 70, 80, 90, 100, 110, 120, 121, 130, 140, 150, 151, 160,
    170,
  ]

  /// Loose matching (UAX 44, LM3): case, spaces, `_`, `-` and a leading "is" do not count.
  private static func normalized(_ name: String) -> String {
    var text = String(scalars: name.lowercased().unicodeScalars.filter { !($0 == " " || $0 == "_" || $0 == "-") })
    if text.hasPrefix("is"), text != "isc" { text.removeFirst(2) }
    return text
  }

  private static func generalCategory(_ key: String) -> ScalarSet? {
    switch key {
    case "any": return .all
    case "ascii": return ScalarSet([ScalarRange(low: 0, high: 0x7F)])
    case "assigned": return generalCategory("cn")?.inverted
    default:
      guard let short = categoryAliases[key], let members = categories[short] else { return nil }
      return cached("gc=" + short) {
        let wanted = Set(members)
        return ScalarSet { wanted.contains($0.properties.generalCategory) }
      }
    }
  }
}
