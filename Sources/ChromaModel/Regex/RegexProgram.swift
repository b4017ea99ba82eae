/// A pattern as a nondeterministic automaton over UTF-8 bytes (Thompson 1968). Immutable, shared by all matchers.
struct RegexProgram: Sendable {
  enum State: Sendable {
    /// Consumes one byte: the edges `first..<first + count`.
    case bytes(first: UInt32, count: UInt32)
    /// Goes on at each of the targets `first..<first + count` without consuming.
    case split(first: UInt32, count: UInt32)
    /// Goes on where the condition holds.
    case look(Look, next: UInt32)
    case match
  }

  struct Edge: Sendable {
    var low: UInt8
    var high: UInt8
    var target: UInt32
  }

  var states: [State] = []
  var edges: [Edge] = []
  var targets: [UInt32] = []
  var start: UInt32 = 0
  /// The conditions that occur, as `Look.bit`s.
  var looks: UInt32 = 0
  /// Every match begins at the start of the text.
  var isAnchored = false

  /// For each byte, its class: bytes of one class are told apart by no edge. Classes are numbered from 0 without gaps.
  private(set) var byteClasses = [UInt8](repeating: 0, count: 256)
  /// A byte of each class.
  private(set) var representatives: [UInt8] = [0]

  mutating func computeByteClasses() {
    var isBorder = [Bool](repeating: false, count: 257)
    for edge in edges {
      isBorder[Int(edge.low)] = true
      isBorder[Int(edge.high) + 1] = true
    }
    representatives = [0]
    for byte in 1..<256 {
      if isBorder[byte] { representatives.append(UInt8(byte)) }
      byteClasses[byte] = UInt8(representatives.count - 1)
    }
  }
}
