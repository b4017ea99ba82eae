import ChromaAccess
import Foundation

/// What the formats mean, said a second time and as slowly as need be.
enum Reference {
  static func header(_ text: String) -> AuthorizationHeader? {
    let bytes = trimmed(Array(text.utf8))
    guard let end = bytes.firstIndex(where: { $0 == 0x20 || $0 == 0x09 }) else { return nil }
    let value = trimmed(Array(bytes[end...]))
    guard !value.isEmpty else { return nil }
    switch String(decoding: bytes[..<end], as: UTF8.self).lowercased() {
    case "bearer": return .bearer(String(decoding: value, as: UTF8.self))
    case "basic":
      guard let pair = Data(base64Encoded: Data(value)), pair.base64EncodedData() == Data(value),
        let colon = pair.firstIndex(of: 0x3a), let user = String(bytes: pair[..<colon], encoding: .utf8),
        let password = String(bytes: pair[(colon + 1)...], encoding: .utf8)
      else { return nil }
      return .basic(user: user, password: password)
    default: return nil
    }
  }

  /// The token that a request shows, where tokens may come in both headers.
  static func token(authorization: String?, chromaToken: String?) -> String? {
    if let chromaToken {
      if case .bearer(let token)? = header(chromaToken) { return token }
      return String(decoding: trimmed(Array(chromaToken.utf8)), as: UTF8.self)
    }
    guard let authorization, case .bearer(let token)? = header(authorization) else { return nil }
    return token
  }

  /// Whether a text is an htpasswd file of bcrypt hashes that could be somebody's.
  static func isPasswordFile(_ text: String) -> Bool {
    let pattern = /[^:]+:\$2[aby]\$(0[4-9]|1[0-6])\$[.\/A-Za-z0-9]{21}[.Oeu][.\/A-Za-z0-9]{30}[.CGKOSWaeimquy26]/
      .matchingSemantics(.unicodeScalar)
    var users: Set<String> = []
    for line in text.split(whereSeparator: \.isNewline) {
      let line = String(decoding: trimmed(Array(line.utf8)), as: UTF8.self)
      if line.isEmpty || line.hasPrefix("#") { continue }
      guard line.wholeMatch(of: pattern) != nil, let user = line.unicodeScalars.split(separator: ":").first,
        users.insert(String(user)).inserted
      else { return false }
    }
    return !users.isEmpty
  }

  static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
    let blanks: Set<UInt8> = [0x20, 0x09, 0x0a, 0x0d]
    return Array(bytes.drop(while: blanks.contains).reversed().drop(while: blanks.contains).reversed())
  }
}
