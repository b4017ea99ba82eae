package import ChromaModel

/// Draws records and filters from a small world, so that ids collide, keys change type and filters hit.
package struct RandomRecords {
  package var generator: SeededGenerator
  package let dimension: Int
  package let idCount: Int

  package init(seed: UInt64, dimension: Int, idCount: Int) {
    generator = SeededGenerator(seed: seed)
    self.dimension = dimension
    self.idCount = idCount
  }

  package mutating func int(_ range: Range<Int>) -> Int { Int.random(in: range, using: &generator) }
  package mutating func chance(_ percent: Int) -> Bool { int(0..<100) < percent }

  private static let words = [
    "alpha", "Beta", "gamma", "δέλτα", "эхо", "狐", "日本語", "naïve", "e\u{301}t\u{e9}", "🦊", "x", "xy", "100%", "a_b",
    "\\",
  ]

  package mutating func id() -> String {
    let number = int(0..<idCount)
    return number % 7 == 0 ? "🦊/\(number)" : "id-\(number)"
  }

  package mutating func vector() -> [Float] {
    (0..<dimension).map { _ in Float(Int.random(in: -64...64, using: &generator)) / 16 }
  }

  package mutating func text() -> String {
    (0..<int(0..<6)).map { _ in Self.words[int(0..<Self.words.count)] }.joined(separator: " ")
  }

  package mutating func value() -> MetadataValue {
    switch int(0..<9) {
    case 0: .bool(chance(50))
    case 1, 2: .int(Int64(int(-4..<5)))
    case 3: .float(Double(int(-8..<9)) / 2)
    case 4, 5: .string(Self.words[int(0..<Self.words.count)])
    case 6: .ints((0..<int(0..<4)).map { _ in Int64(int(0..<5)) })
    case 7: .strings((0..<int(1..<4)).map { _ in Self.words[int(0..<Self.words.count)] })
    default: .floats([Double(int(0..<4)), 0.5])
    }
  }

  package mutating func key() -> String { ["a", "b", "c", "ключ", "deep key"][int(0..<5)] }

  package mutating func update() -> MetadataUpdate? {
    guard chance(80) else { return nil }
    var update: MetadataUpdate = [:]
    for _ in 0..<int(0..<4) { update[key()] = .some(chance(15) ? nil : value()) }
    return update
  }

  /// - Parameter partial: for an update, where embeddings may be left out.
  package mutating func batch(count: Int, partial: Bool = false) -> RecordBatch {
    var batch = RecordBatch(ids: (0..<count).map { _ in id() })
    let embedded = (0..<count).map { _ in partial ? chance(50) : true }
    var values: [Float] = []
    var slots: [Int] = []
    for has in embedded {
      slots.append(has ? values.count / dimension : -1)
      if has { values += vector() }
    }
    if !partial || chance(70) {
      batch.embeddings = EmbeddingBatch(dimension: dimension, values: values, slots: partial ? slots : nil)
    }
    if chance(80) { batch.documents = (0..<count).map { _ in chance(75) ? text() : nil } }
    if chance(30) { batch.uris = (0..<count).map { _ in chance(50) ? "file:///\(int(0..<9))" : nil } }
    if chance(85) { batch.metadatas = (0..<count).map { _ in update() } }
    return batch
  }

  package mutating func scalar() -> Scalar {
    switch int(0..<4) {
    case 0: .bool(chance(50))
    case 1: .int(Int64(int(-4..<5)))
    case 2: .float(Double(int(-8..<9)) / 2)
    default: .string(Self.words[int(0..<Self.words.count)])
    }
  }

  package mutating func predicate(depth: Int = 2) -> Where {
    switch depth > 0 ? int(0..<10) : int(2..<10) {
    case 0: return .and((0..<int(0..<3)).map { _ in predicate(depth: depth - 1) })
    case 1: return .or((0..<int(0..<3)).map { _ in predicate(depth: depth - 1) })
    case 2: return .metadata(key: key(), .equal(scalar()))
    case 3: return .metadata(key: key(), .notEqual(scalar()))
    case 4:
      let orders: [Comparison.Order] = [.less, .lessOrEqual, .greater, .greaterOrEqual]
      let bound: Scalar = chance(50) ? .int(Int64(int(-4..<5))) : .float(Double(int(-8..<9)) / 2)
      return .metadata(key: key(), .ordered(orders[int(0..<4)], bound))
    case 5:
      let scalars = (0..<int(1..<4)).map { _ in Scalar.string(Self.words[int(0..<Self.words.count)]) }
      return .metadata(key: key(), chance(50) ? .in(scalars) : .notIn(scalars))
    case 6: return .metadata(key: key(), chance(50) ? .contains(scalar()) : .notContains(scalar()))
    default:
      let word = Self.words[int(0..<Self.words.count)]
      let part = String(word.unicodeScalars.prefix(int(0..<4)).map(Character.init))
      return .document(chance(60) ? .contains(part) : .notContains(part))
    }
  }

  package mutating func filter() -> RecordFilter {
    RecordFilter(
      ids: chance(25) ? (0..<int(0..<6)).map { _ in id() } : nil, predicate: chance(60) ? predicate() : nil)
  }
}
