/// The `Authorization` header of a request (RFC 9110, section 11.6.2).
package enum AuthorizationHeader: Sendable, Hashable {
  /// RFC 7617: base64 of `user:password` in UTF-8; the first colon parts them.
  case basic(user: String, password: String)
  /// RFC 6750, section 2.1.
  case bearer(String)

  /// - Returns: `nil` for another scheme, and for what breaks the rules of its own.
  package init?(_ header: String) {
    let text = header.trimmed
    if let token = Self.bearer(text) {
      self = .bearer(token)
      return
    }
    guard let encoded = Self.rest(of: text, after: "basic"), let bytes = base64Decoded(encoded.utf8),
      let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
      let user = String(validating: bytes[..<colon], as: UTF8.self),
      let password = String(validating: bytes[(colon + 1)...], as: UTF8.self)
    else { return nil }
    self = .basic(user: user, password: password)
  }

  /// What follows `Bearer`; `nil` where that is not the scheme.
  static func bearer(_ text: String) -> String? { rest(of: text, after: "bearer") }

  /// - Parameter scheme: in lower case.
  private static func rest(of text: String, after scheme: String) -> String? {
    let bytes = Array(text.utf8)
    let length = scheme.utf8.count
    guard bytes.count > length, bytes.prefix(length).map(lowercased).elementsEqual(scheme.utf8),
      bytes[length] == UInt8(ascii: " ") || bytes[length] == UInt8(ascii: "\t")
    else { return nil }
    let value = String(decoding: bytes[length...], as: UTF8.self).trimmed
    return value.isEmpty ? nil : value
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}
