/// The pieces a WordPiece model knows, as a trie over UTF-8 bytes: a lookup allocates nothing.
///
/// Edges are one open-addressed table from (node, byte) to node. Pieces that continue a word (`##ing`) hang below a
/// root of their own, without their `##`.
struct Vocabulary: Sendable {
  /// Pieces, and so the first number that is no id.
  let count: Int
  let unknown: Int32
  let start: Int32
  let end: Int32
  /// Pieces that are matched in the text as they stand, before anything else is done to it.
  let special: [(text: [UInt8], id: Int32)]

  private let keys: [UInt32]
  private let targets: [UInt32]
  private let shift: UInt32
  /// For each node the piece that ends there, or -1.
  private let ids: [Int32]

  static let wordRoot: UInt32 = 1
  private let continuationRoot: UInt32
  private static let maximumNodes = 1 << 23

  /// - Parameter lines: `vocab.txt`: one piece a line, ids by line from 0.
  /// - Throws: `.malformed` when a special piece is missing, or the text is far larger than any such model's.
  init(lines: [UInt8], path: String) throws(EmbeddingError) {
    var edges: [UInt32: UInt32] = [:]
    var ids: [Int32] = [-1, -1]
    func insert(_ piece: ArraySlice<UInt8>, below root: UInt32) throws(EmbeddingError) -> UInt32 {
      var node = root
      for byte in piece {
        let key = node << 8 | UInt32(byte)
        if let next = edges[key] {
          node = next
        } else {
          guard ids.count < Self.maximumNodes else {
            throw .malformed(path: path, reason: "more than \(Self.maximumNodes) distinct beginnings of pieces")
          }
          node = UInt32(ids.count)
          ids.append(-1)
          edges[key] = node
        }
      }
      return node
    }
    let marker = Array("##".utf8)
    continuationRoot = try insert(marker[...], below: Self.wordRoot)

    var id: Int32 = 0
    var named: [[UInt8]: Int32] = [:]
    let names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].map { Array($0.utf8) }
    for var line in lines.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      if line.last == UInt8(ascii: "\r") { line.removeLast() }
      if !line.isEmpty {
        ids[Int(try insert(line, below: Self.wordRoot))] = id
        if names.contains(Array(line)) { named[Array(line)] = id }
      }
      id += 1
    }
    // A text that ends in a line break has no line behind it.
    count = Int(id) - (lines.last == UInt8(ascii: "\n") || lines.isEmpty ? 1 : 0)
    func special(_ name: String) throws(EmbeddingError) -> Int32 {
      guard let id = named[Array(name.utf8)] else { throw .malformed(path: path, reason: "it has no \(name)") }
      return id
    }
    unknown = try special("[UNK]")
    start = try special("[CLS]")
    end = try special("[SEP]")
    self.special = names.compactMap { name in named[name].map { (name, $0) } }
    self.ids = ids

    var bits: UInt32 = 4
    while edges.count * 2 > 1 << bits { bits += 1 }
    shift = 32 - bits
    var keys = [UInt32](repeating: 0, count: 1 << bits)
    var targets = keys
    for (key, target) in edges {
      var slot = Int((key &* 0x9E37_79B1) >> shift)
      while keys[slot] != 0 { slot = (slot + 1) & (keys.count - 1) }
      keys[slot] = key
      targets[slot] = target
    }
    self.keys = keys
    self.targets = targets
  }

  private func next(_ node: UInt32, _ byte: UInt8) -> UInt32? {
    let key = node << 8 | UInt32(byte)
    var slot = Int((key &* 0x9E37_79B1) >> shift)
    while keys[slot] != key {
      if keys[slot] == 0 { return nil }
      slot = (slot + 1) & (keys.count - 1)
    }
    return targets[slot]
  }

  /// The longest piece at `start` of `word`, and where it ends; `nil` when there is none.
  ///
  /// At 0 a piece that begins a word, behind it one that continues it.
  func longestPiece(in word: [UInt8], from start: Int) -> (id: Int32, end: Int)? {
    var node = start == 0 ? Self.wordRoot : continuationRoot
    var best: (id: Int32, end: Int)?
    var position = start
    while position < word.count, let following = next(node, word[position]) {
      node = following
      position += 1
      let id = ids[Int(node)]
      if id >= 0 { best = (id, position) }
    }
    return best
  }
}
