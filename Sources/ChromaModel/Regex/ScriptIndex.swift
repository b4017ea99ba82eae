/// `UnicodeTables.scripts`, read once.
struct ScriptIndex: Sendable {
  static let shared = ScriptIndex()

  /// Normalised names and aliases to the long name.
  private(set) var names: [String: String] = [:]
  private var script: [String: [ScalarRange]] = [:]
  private var joins: [String: [ScalarRange]] = [:]
  private var leaves: [String: [ScalarRange]] = [:]

  private init() {
    var current = ""
    for line in UnicodeTables.scripts.split(separator: "\n") {
      switch line.first {
      case "=": script[current, default: []] += Self.ranges(line.dropFirst())
      case "+": joins[current, default: []] += Self.ranges(line.dropFirst())
      case "-": leaves[current, default: []] += Self.ranges(line.dropFirst())
      default:
        let aliases = line.split(separator: ":").map(String.init)
        current = aliases.first ?? ""
        for alias in aliases { names[alias.lowercased().filter { $0 != "_" }] = current }
      }
    }
  }

  /// - Parameter extensions: Script_Extensions instead of Script.
  func set(of name: String, extensions: Bool) -> ScalarSet {
    let own = ScalarSet(script[name] ?? [])
    guard extensions else { return own }
    return own.union(ScalarSet(joins[name] ?? [])).subtracting(ScalarSet(leaves[name] ?? []))
  }

  private static func ranges(_ text: Substring) -> [ScalarRange] {
    text.split(separator: " ").compactMap { item in
      let bounds = item.split(separator: "-").compactMap { UInt32($0, radix: 16) }
      guard let low = bounds.first, let high = bounds.last, low <= high else { return nil }
      return ScalarRange(low: low, high: high)
    }
  }
}
