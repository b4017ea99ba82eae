/// Variables that look as if they protected something.
///
/// Chroma's server has passed such variables over in silence since 1.0, and its users believed they were protected.
/// Here whoever sets one that is not
/// understood is told so, and the server does not start.
enum SecurityVariables {
  /// - Returns: a sentence for the first variable, by name, that looks like one and is none.
  static func problem(in environment: [String: String]) -> String? {
    // Upsun's marker of variables that describe another service.
    let isRelationship = environment["CHROMA_REL"] != nil
    for name in environment.keys.sorted() {
      let upper = name.uppercased()
      if known.contains(name) || clients.contains(upper) || others.contains(where: upper.hasPrefix) { continue }
      if isRelationship, relationship.contains(upper) { continue }
      if let meant = misspelt(upper) { return "\(name) is not a setting of this server: write \(meant)" }
      guard upper.hasPrefix("CHROMA"), words.contains(where: upper.contains) else { continue }
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

  /// The name of ours that somebody may have meant: one or two letters away, but not one of another program.
  private static func misspelt(_ name: String) -> String? {
    // Short names are near to too many others: CHROMA_HOST to CHROMA_PORT.
    guard name.hasPrefix("CHROMA_") || name.hasPrefix("CHORMA_"), name.utf8.count >= 16, !known.contains(name) else {
      return nil
    }
    let nearest = known.filter { $0.hasPrefix("CHROMA_") }.map { (distance: $0.editDistance(to: name), name: $0) }
      .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
    return nearest.flatMap { $0.distance <= 2 ? $0.name : nil }
  }

  /// Of telemetry, of clients and of Kubernetes' service links, whatever follows.
  private static let others = [
    "CHROMA_OTEL_", "CHROMA_HTTP_", "CHROMA_CLIENT_", "CHROMA_SERVICE_", "CHROMA_PORT_", "CHROMA_HOST_",
  ]
  private static let relationship: Set<String> = ["CHROMA_USERNAME", "CHROMA_PASSWORD", "CHROMA_PUBLIC"]
  private static let words = [
    "AUTH", "TOKEN", "RBAC", "JWT", "JWKS", "OIDC", "CREDENTIAL", "PASSW", "API_KEY", "APIKEY", "SECRET", "SSL", "TLS",
    "CERT", "REQUIRE", "PROTECT", "LOGIN", "ROLE", "USER", "ADMIN", "ACCESS", "PUBLIC", "TRUSTED", "AUDIT",
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
