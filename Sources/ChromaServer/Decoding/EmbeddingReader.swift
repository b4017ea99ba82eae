import ChromaModel

/// Reads vectors into one buffer, whatever form they come in, and remembers what is wrong with their values.
///
/// Values are judged only later: Chroma asks first whether the collection exists.
struct EmbeddingReader {
  /// What may stand in the list.
  struct Form {
    var allowsBase64: Bool
    var allowsNull: Bool
    /// Named in the complaint about anything else; `nil` when each entry is judged for itself.
    var variantName: String?

    static let add = Form(allowsBase64: true, allowsNull: false, variantName: "EmbeddingsPayload")
    static let update = Form(allowsBase64: true, allowsNull: true, variantName: "UpdateEmbeddingsPayload")
    static let query = Form(allowsBase64: false, allowsNull: false, variantName: nil)
  }

  private(set) var values: [Float] = []
  /// For each entry the length of its vector; -1 for null.
  private(set) var lengths: [Int] = []
  /// The first entry that could not be decoded.
  private(set) var decodingProblem: ChromaError?
  private(set) var hasNonFinite = false

  private enum Encoding { case numbers, base64 }
  private var encoding: Encoding?

  mutating func read(_ path: String, _ form: Form, from reader: inout BodyReader) throws(ChromaError) {
    guard reader.cursor.peek() == UInt8(ascii: "[") else {
      guard let name = form.variantName else { throw reader.mismatch(path, expected: "a sequence") }
      throw reader.noVariant(path, of: name)
    }
    var this = self
    try reader.array(path) { (reader, index) throws(ChromaError) in
      let before = reader.remaining
      switch (reader.cursor.peek(), this.encoding) {
      case (UInt8(ascii: "["), nil), (UInt8(ascii: "["), .numbers?):
        this.encoding = .numbers
        try this.readNumbers(path, form, from: &reader)
      case (UInt8(ascii: "\""), nil) where form.allowsBase64, (UInt8(ascii: "\""), .base64?):
        this.encoding = .base64
        try this.readBase64(index, from: &reader)
      case (UInt8(ascii: "n"), _) where form.allowsNull:
        _ = try reader.takeNull()
        this.lengths.append(-1)
      default:
        guard let name = form.variantName else {
          throw reader.mismatch("\(path)[\(index)]", expected: "a sequence")
        }
        throw reader.noVariant(path, of: name)
      }
      if index == 0 { this.reserve(bytes: before - reader.remaining, remaining: reader.remaining) }
    }
    self = this
  }

  /// Makes room for the rest of the list, supposing that it goes on as it began. A number takes two bytes at least.
  private mutating func reserve(bytes: Int, remaining: Int) {
    guard let length = lengths.first, length > 0, bytes > 0 else { return }
    let expected = (remaining / bytes + 2).multipliedReportingOverflow(by: length)
    values.reserveCapacity(min(expected.overflow ? .max : expected.partialValue, remaining / 2 + length))
  }

  private mutating func readNumbers(
    _ path: String, _ form: Form, from reader: inout BodyReader
  ) throws(ChromaError) {
    let start = values.count
    var isNumbers = true
    try reader.json { (cursor) throws(JSONError) in
      try cursor.expect(UInt8(ascii: "["))
      if cursor.take(UInt8(ascii: "]")) { return }
      repeat {
        switch cursor.peek() {
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): values.append(try cursor.float())
        default:
          isNumbers = false
          return
        }
      } while cursor.take(UInt8(ascii: ","))
      try cursor.expect(UInt8(ascii: "]"))
    }
    guard isNumbers else {
      let place = "\(path)[\(lengths.count)][\(values.count - start)]"
      guard let name = form.variantName else { throw reader.mismatch(place, expected: "f32") }
      throw reader.noVariant(path, of: name)
    }
    lengths.append(values.count - start)
    if !values[start...].areFinite { hasNonFinite = true }
  }

  private mutating func readBase64(_ index: Int, from reader: inout BodyReader) throws(ChromaError) {
    let start = values.count
    let problem: Base64Floats.Problem?
    if let text = reader.cursor.plainString() {
      problem = Base64Floats.decode(text, into: &values)
    } else {
      // Escapes: some encoders write `\/`.
      var text = try reader.json { (cursor) throws(JSONError) in try cursor.string() }
      problem = text.withUTF8 { Base64Floats.decode($0, into: &values) }
    }
    lengths.append(values.count - start)
    guard decodingProblem == nil else { return }
    if let problem {
      decodingProblem = .invalid(problem.description)
    } else if !values[start...].areFinite, let bad = values[start...].first(where: { !$0.isFinite }) {
      let name = bad.isNaN ? "NaN" : bad < 0 ? "-inf" : "inf"
      decodingProblem = .invalid("Non-finite float value at embedding index \(index): \(name)")
    }
  }

  /// The one length all vectors have, 0 when there is none; `nil` when they differ.
  var commonLength: Int? {
    var common: Int?
    for length in lengths where length >= 0 {
      guard length == common ?? length else { return nil }
      common = length
    }
    return common ?? 0
  }

  /// The vectors. Meaningful when they have a common length above 0, or there is none.
  func batch() -> EmbeddingBatch {
    guard lengths.contains(-1) else { return EmbeddingBatch(dimension: commonLength ?? 0, values: values) }
    var next = 0
    let slots = lengths.map { length in
      guard length >= 0 else { return -1 }
      defer { next += 1 }
      return next
    }
    return EmbeddingBatch(dimension: commonLength ?? 0, values: values, slots: slots)
  }
}

extension ArraySlice<Float> {
  /// Neither NaN nor infinite, any of them.
  fileprivate var areFinite: Bool {
    withUnsafeBufferPointer { values in
      // The exponent is all ones exactly then; the largest magnitude tells, without a branch a value.
      var largest: UInt32 = 0
      for value in values { largest = Swift.max(largest, value.bitPattern & 0x7fff_ffff) }
      return largest < 0x7f80_0000
    }
  }
}
