/// The variables of an environment that a client reads; one that is set to nothing counts as unset.
struct ClientVariables {
  private let environment: [String: String]

  init(_ environment: [String: String]) { self.environment = environment }

  static let aPort = "a port, 1 to 65535"

  subscript(name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

  func port() throws(ClientConfigurationError) -> Int? {
    guard let text = self["CHROMA_PORT"] else { return nil }
    guard let port = Int(text), (1...65_535).contains(port) else {
      throw .wrong("CHROMA_PORT", expected: Self.aPort, given: text)
    }
    return port
  }

  /// Spelt as the server's own settings.
  func flag(_ name: String) throws(ClientConfigurationError) -> Bool? {
    guard let text = self[name] else { return nil }
    switch text.lowercased() {
    case "true", "1", "yes", "on", "t", "y": return true
    case "false", "0", "no", "off", "f", "n": return false
    default: throw .wrong(name, expected: "true or false", given: text)
    }
  }

  func tokenHeader() throws(ClientConfigurationError) -> TokenHeader? {
    let name = "CHROMA_AUTH_TOKEN_TRANSPORT_HEADER"
    guard let text = self[name] else { return nil }
    guard let header = TokenHeader(text) else {
      throw .wrong(name, expected: "Authorization or X-Chroma-Token", given: text)
    }
    return header
  }
}
