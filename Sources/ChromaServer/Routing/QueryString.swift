import ChromaModel

/// The part of a URL behind `?`, with Chroma's complaints about what does not fit.
struct QueryString {
  private var pairs: [(name: String, value: String)] = []

  init(_ text: String?) throws(ChromaError) {
    guard let text, !text.isEmpty else { return }
    for part in text.split(separator: "&") {
      let equals = part.firstIndex(of: "=") ?? part.endIndex
      guard let name = percentDecoded(part[..<equals], plusIsSpace: true),
        let value = percentDecoded(part[equals...].dropFirst(), plusIsSpace: true)
      else { throw Self.bad("invalid utf-8 sequence") }
      pairs.append((name, value))
    }
  }

  /// The value of `name`; `nil` when it is not there.
  ///
  /// - Throws: when it is there twice.
  func value(_ name: String) throws(ChromaError) -> String? {
    var found: String?
    for pair in pairs where pair.name == name {
      guard found == nil else { throw Self.bad("duplicate field `\(name)`") }
      found = pair.value
    }
    return found
  }

  /// A whole number of 32 bits without sign.
  func count(_ name: String) throws(ChromaError) -> Int? {
    guard let text = try value(name) else { return nil }
    guard !text.isEmpty else { throw Self.bad("\(name): cannot parse integer from empty string") }
    let digits = text.hasPrefix("+") ? text.dropFirst() : text[...]
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      throw Self.bad("\(name): invalid digit found in string")
    }
    guard let number = UInt32(digits) else { throw Self.bad("\(name): number too large to fit in target type") }
    return Int(number)
  }

  /// One of `variants`, or `nil` when it is not there.
  func variant(_ name: String, of variants: [String]) throws(ChromaError) {
    guard let text = try value(name), !variants.contains(text) else { return }
    let list = variants.map { "`\($0)`" }.joined(separator: ", ")
    throw Self.bad("\(name): unknown variant `\(text)`, expected one of \(list)")
  }

  private static func bad(_ reason: String) -> ChromaError {
    .invalid("Failed to deserialize query string: \(reason)")
  }
}
