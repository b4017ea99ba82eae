/// Which of a Word file's paragraph styles are headings, and which items of lists.
struct WordStyles {
  /// 0 for the title, 1 to 9 for headings.
  private var levels: [String: Int] = [:]
  private(set) var items: Set<String> = []

  /// - Parameter xml: `word/styles.xml`. Ids are in the language of the Word that made it, names are English.
  init(_ xml: String) {
    var tokens = MarkupTokenizer(xml, language: .xml)
    var id: String?
    var bases: [String: String] = [:]
    while let token = tokens.next() {
      switch token {
      case .start(let name, let attributes, _):
        func value(_ name: String) -> String? { tokens.attribute(name, in: attributes) }
        switch MarkupTokenizer.localName(name) {
        case "style": id = value("w:styleId")
        case "name": if let id, let level = value("w:val").flatMap(Self.level) { levels[id] = level }
        case "outlineLvl":
          if let id, levels[id] == nil, let level = value("w:val").flatMap({ Int($0) }), (0..<9).contains(level) {
            levels[id] = level + 1
          }
        case "numPr": if let id { items.insert(id) }
        case "basedOn": if let id, let base = value("w:val") { bases[id] = base }
        default: break
        }
      case .end(let name): if MarkupTokenizer.localName(name) == "style" { id = nil }
      case .text, .literal: break
      }
    }
    let named = levels
    for style in bases.keys where named[style] == nil {
      // A chain longer than Word makes them may be a circle.
      var base: String? = style
      for _ in 0..<12 {
        guard let next = base.flatMap({ bases[$0] }) else { break }
        if let level = named[next] {
          levels[style] = level
          break
        }
        base = next
      }
    }
  }

  /// The level of the style, by what its file says, else by the id Word gives it in English.
  subscript(id: String) -> Int? { levels[id] ?? Self.level(id) }

  private static func level(_ name: String) -> Int? {
    let name = name.lowercased().filter { !$0.isWhitespace }
    if name == "title" { return 0 }
    guard name.hasPrefix("heading"), let level = Int(name.dropFirst(7)), (1...9).contains(level) else { return nil }
    return level
  }
}

extension MarkupTokenizer {
  /// The name without its namespace's prefix.
  static func localName(_ name: String) -> String {
    name.utf8.lastIndex(of: UInt8(ascii: ":")).map { String(name[$0...].dropFirst()) } ?? name
  }
}
