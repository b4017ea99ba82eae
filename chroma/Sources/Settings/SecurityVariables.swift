/// Variables that look as if they protected something.
///
/// Chroma's server has passed such variables over in silence since 1.0, and its users believed they were protected. Here whoever sets one that is not
/// understood is told so, and the server does not start.
enum SecurityVariables {
  /// - Returns: a sentence for the first variable, by name, that looks like one and is none.
  static func problem(in environment: [String: String]) -> String? {
    for name in environment.keys.sorted() {
      let upper = name.uppercased()
      guard upper.hasPrefix("CHROMA"), words.contains(where: upper.contains) else { continue }
      if known.contains(name) || clients.contains(upper) { continue }
      if known.contains(upper) { return "\(name) has no effect in lower case: write \(upper)" }
      if let instead = renamed[upper] { return "\(name) is not a setting of this server: write \(instead)" }
      let nearest = known.min { ($0.editDistance(to: upper), $0) < ($1.editDistance(to: upper), $1) } ?? ""
      return
        "\(name) looks like a security setting, and this server has none of that name: perhaps you mean \(nearest); "
        + "\"chroma config keys\" lists all"
    }
    return nil
  }

  /// Whether a key of a configuration file is meant to protect something.
  static func looksLikeOne(_ key: String) -> Bool { words.contains(where: key.uppercased().contains) }

  /// Those that belong to a client that shares this environment, and are passed over.
  static func clientVariables(in environment: [String: String]) -> [String] {
    environment.keys.filter { clients.contains($0.uppercased()) }.sorted()
  }

  private static let words = [
    "AUTH", "TOKEN", "RBAC", "JWT", "JWKS", "OIDC", "CREDENTIAL", "PASSW", "API_KEY", "APIKEY", "SECRET", "SSL", "TLS",
    "CERT",
  ]
  private static let known = Set(Setting.all.flatMap { $0.variables + $0.lastVariables })
  private static let clients: Set<String> = [
    "CHROMA_CLIENT_AUTH_PROVIDER", "CHROMA_CLIENT_AUTH_CREDENTIALS", "CHROMA_CLIENT_AUTH_CREDENTIALS_PROVIDER",
    "CHROMA_CLIENT_AUTH_CREDENTIALS_FILE", "CHROMA_CLIENT_AUTH_PROTOCOL_ADAPTER",
    "CHROMA_CLIENT_AUTH_TOKEN_TRANSPORT_HEADER", "CHROMA_API_KEY", "CHROMA_SSL", "CHROMA_SERVER_SSL_ENABLED",
    "CHROMA_SERVER_SSL_VERIFY",
  ]
  private static let renamed = [
    "CHROMA_TOKEN": "CHROMA_AUTH_TOKEN", "CHROMA_SERVER_TOKEN": "CHROMA_AUTH_TOKEN",
    "CHROMA_SERVER_AUTH_TOKEN": "CHROMA_AUTH_TOKEN",
    "CHROMA_SERVER_SSL_CERTFILE": "CHROMA_SSL_CERTFILE", "CHROMA_SERVER_SSL_KEYFILE": "CHROMA_SSL_KEYFILE",
    "CHROMA_TLS_CERT": "CHROMA_SSL_CERTFILE", "CHROMA_TLS_KEY": "CHROMA_SSL_KEYFILE",
  ]
}

extension String {
  /// Single insertions, deletions and replacements between two texts (Levenshtein 1966). O(n·m).
  func editDistance(to other: String) -> Int {
    let (left, right) = (Array(utf8), Array(other.utf8))
    var row = Array(0...right.count)
    for (i, byte) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, target) in right.enumerated() {
        let above = row[j + 1]
        row[j + 1] = Swift.min(above + 1, row[j] + 1, diagonal + (byte == target ? 0 : 1))
        diagonal = above
      }
    }
    return row[right.count]
  }
}
