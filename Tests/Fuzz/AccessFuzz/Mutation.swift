import ChromaModel
import ChromaTestSupport

/// Changes valid inputs into ones that are nearly valid.
struct Mutator {
  var random: SeededGenerator
  /// Bytes worth inserting: what the formats are made of, and what breaks them.
  let dictionary: [[UInt8]] =
    [
      ":", "\n", "\r\n", "#", " ", "\t", "=", ".", "..", "\0", "$2y$", "$2a$31$", "Bearer ", "basic ", "Basic", "*",
      "-", "_",
      "sha256:", "\u{e9}", "e\u{301}", "\u{a0}", "\u{feff}", "eyJhbGciOiJub25lIn0", "{}", "[", "]", "\"", "null",
      "\u{1f600}",
    ].map { Array($0.utf8) } + [[0xff], [0xc3], [0xed, 0xa0, 0x80]]

  mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<max(1, one), using: &random) == 0 }

  mutating func pick<Element>(_ elements: [Element]) -> Element? { elements.randomElement(using: &random) }

  /// One of the texts, as it is or with up to four changes.
  mutating func text(from corpus: [String]) -> String {
    var bytes = Array((pick(corpus) ?? "").utf8)
    for _ in 0..<(chance(8) ? 0 : Int.random(in: 1...4, using: &random)) { change(&bytes, corpus) }
    return String(decoding: bytes, as: UTF8.self)
  }

  private mutating func change(_ bytes: inout [UInt8], _ corpus: [String]) {
    let place = Int.random(in: 0...bytes.count, using: &random)
    let end = min(bytes.count, place + Int.random(in: 0...8, using: &random))
    switch Int.random(in: 0..<8, using: &random) {
    case 0: if place < bytes.count { bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
    case 1: if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &random) }
    case 2: bytes.insert(UInt8.random(in: 0x20...0x7e, using: &random), at: place)
    case 3: bytes.removeSubrange(place..<end)
    case 4: bytes.insert(contentsOf: bytes[place..<end], at: place)
    case 5: bytes.insert(contentsOf: pick(dictionary) ?? [], at: place)
    case 6:
      let other = Array((pick(corpus) ?? "").utf8)
      bytes.replaceSubrange(place..., with: other.dropFirst(Int.random(in: 0...other.count, using: &random)))
    default: if chance(40) { bytes += Array(repeating: bytes.last ?? 0x61, count: 20_000) }
    }
  }

  /// One of the values, as it is or with up to four changes.
  mutating func value(from corpus: [JSONValue], words: [String]) -> JSONValue {
    var value = pick(corpus) ?? .null
    for _ in 0..<(chance(8) ? 0 : Int.random(in: 1...4, using: &random)) { value = changed(value, words) }
    return value
  }

  private mutating func changed(_ value: JSONValue, _ words: [String]) -> JSONValue {
    switch value {
    case .object(var members) where !members.isEmpty && !chance(6):
      guard let key = members.keys.sorted().randomElement(using: &random) else { return value }
      switch Int.random(in: 0..<8, using: &random) {
      case 0: members[key] = nil
      case 1: members[pick(words) ?? "x"] = members[key]
      case 2: members[pick(words) ?? "x"] = anything(words, depth: 2)
      default: members[key] = members[key].map { changed($0, words) }
      }
      return .object(members)
    case .array(var elements) where !elements.isEmpty && !chance(6):
      let index = Int.random(in: 0..<elements.count, using: &random)
      switch Int.random(in: 0..<8, using: &random) {
      case 0: elements.remove(at: index)
      case 1: elements.append(elements[index])
      case 2: elements.append(anything(words, depth: 2))
      default: elements[index] = changed(elements[index], words)
      }
      return .array(elements)
    case .string(let text) where !chance(3): return .string(self.text(from: [text] + words))
    default: return anything(words, depth: 3)
    }
  }

  private mutating func anything(_ words: [String], depth: Int) -> JSONValue {
    switch Int.random(in: 0..<(depth > 0 ? 9 : 7), using: &random) {
    case 0: .null
    case 1: .bool(Bool.random(using: &random))
    case 2: .int(Int64.random(in: .min ... .max, using: &random))
    case 3: .double(Double.random(in: -1e6...1e6, using: &random))
    case 4, 5, 6: .string(text(from: words))
    case 7: .array((0..<Int.random(in: 0...3, using: &random)).map { _ in anything(words, depth: depth - 1) })
    default:
      .object(
        Dictionary(
          (0..<Int.random(in: 0...3, using: &random)).map { _ in (pick(words) ?? "x", anything(words, depth: depth - 1))
          },
          uniquingKeysWith: { first, _ in first }))
    }
  }
}
