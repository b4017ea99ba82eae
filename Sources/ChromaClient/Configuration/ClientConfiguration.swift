public import ChromaModel
public import Foundation

/// Which Chroma a ``Client`` talks to, and how.
///
/// Each setting is taken from the first that has it: an argument, a variable of the environment, the relationship of an
/// Upsun project. When nobody names a server, the engine runs in this process.
///
/// | variable | |
/// | --- | --- |
/// | `CHROMA_HOST` | a name or an address, without scheme and port |
/// | `CHROMA_PORT` | 80 when unset and the host ends in `.internal`, else 8000 |
/// | `CHROMA_SSL` | `true` or `false`, the default |
/// | `CHROMA_AUTH_TOKEN` | sent with every request |
/// | `CHROMA_AUTH_TOKEN_TRANSPORT_HEADER` | `Authorization`, the default, or `X-Chroma-Token` |
/// | `CHROMA_TENANT`, `CHROMA_DATABASE` | `default_tenant`, `default_database` |
/// | `PLATFORM_RELATIONSHIPS` | host, port and scheme of a relationship, as Upsun or a tunnel to it sets them |
/// | `CHROMA_PERSIST_PATH`, `PERSIST_DIRECTORY` | the engine's directory, `./chroma_data` |
///
/// A variable that is set to nothing counts as unset.
public struct ClientConfiguration: Sendable, Hashable {
  public enum Place: Sendable, Hashable {
    case server(ServerAddress)
    case inProcess(directory: String)
  }

  public var place: Place
  public var path: DatabasePath
  /// Never shown by ``description`` or a dump.
  public var token: String?
  public var tokenHeader: TokenHeader
  public var retry = RetryPolicy()
  public var timeouts = ClientTimeouts()
  /// Longest answer that is taken from a server, in bytes, decompressed; a longer one is `payloadTooLarge`.
  public var maxAnswerBytes = 1 << 30

  public init(
    place: Place, path: DatabasePath = DatabasePath(), token: String? = nil, tokenHeader: TokenHeader = .authorization
  ) {
    self.place = place
    self.path = path
    self.token = token
    self.tokenHeader = tokenHeader
  }

  /// Reads the environment. The same arguments and the same environment give the same configuration.
  ///
  /// - Parameters:
  ///   - directory: where the engine keeps its files when no server is named; it does not choose the engine by itself.
  ///   - relationship: its name in the project's configuration.
  /// - Throws: when a value cannot be used, and on Upsun, where `PLATFORM_APPLICATION` is set, when no server is named:
  ///   an app there that lost its relationship must not begin an empty database of its own.
  public init(
    host: String? = nil, port: Int? = nil, ssl: Bool? = nil, token: String? = nil, tokenHeader: TokenHeader? = nil,
    tenant: String? = nil, database: String? = nil, directory: String? = nil, relationship: String = "chroma",
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(ClientConfigurationError) {
    let variables = ClientVariables(environment)
    let endpoint = try Self.endpoint(host: host, relationship, variables)
    let givenPort = try port == nil ? variables.port() : Self.checked(port)
    let givenSSL = try ssl == nil ? variables.flag("CHROMA_SSL") : ssl
    if let endpoint {
      place = .server(
        ServerAddress(
          host: endpoint.host, port: givenPort ?? endpoint.port ?? ServerAddress.standardPort(of: endpoint.host),
          isSecure: givenSSL ?? endpoint.isSecure))
    } else if variables["PLATFORM_APPLICATION"] != nil {
      throw ClientConfigurationError(
        name: PlatformRelationships.variable,
        message:
          "\(PlatformRelationships.variable) has no relationship \"\(relationship)\", and CHROMA_HOST is not set: "
          + "add the relationship to this app in .upsun/config.yaml")
    } else if let givenPort {
      // Somebody means a server, and this machine's is the one that needs no name.
      place = .server(ServerAddress(host: "localhost", port: givenPort, isSecure: givenSSL ?? false))
    } else {
      place = .inProcess(
        directory: directory ?? variables["CHROMA_PERSIST_PATH"] ?? variables["PERSIST_DIRECTORY"] ?? "./chroma_data")
    }
    path = DatabasePath(
      tenant: tenant ?? variables["CHROMA_TENANT"] ?? Tenant.defaultName,
      database: database ?? variables["CHROMA_DATABASE"] ?? Database.defaultName)
    self.token =
      try token == nil
      ? Self.checked(variables["CHROMA_AUTH_TOKEN"], "CHROMA_AUTH_TOKEN") : Self.checked(token, "token")
    let givenHeader = try tokenHeader == nil ? variables.tokenHeader() : tokenHeader
    self.tokenHeader = givenHeader ?? .authorization
  }

  /// Where the argument, the variable or the relationship says the server is; `nil` when none does.
  private static func endpoint(
    host: String?, _ relationship: String, _ variables: ClientVariables
  ) throws(ClientConfigurationError) -> PlatformRelationships.Endpoint? {
    for (name, text) in [("host", host), ("CHROMA_HOST", variables["CHROMA_HOST"])] {
      guard let text else { continue }
      guard let host = ServerAddress.host(text) else {
        throw .wrong(name, expected: "a host's name or address, without scheme and port", given: text)
      }
      return PlatformRelationships.Endpoint(host: host, port: nil, isSecure: false)
    }
    guard let text = variables[PlatformRelationships.variable] else { return nil }
    return try PlatformRelationships.endpoint(relationship, in: text)
  }

  private static func checked(_ port: Int?) throws(ClientConfigurationError) -> Int? {
    guard let port else { return nil }
    guard (1...65_535).contains(port) else { throw .wrong("port", expected: ClientVariables.aPort, given: "\(port)") }
    return port
  }

  /// A token that can stand in a header, without the line break a file ends with.
  private static func checked(_ token: String?, _ name: String) throws(ClientConfigurationError) -> String? {
    guard var token = token.map({ Substring($0) }) else { return nil }
    while let last = token.last, last.isWhitespace { token.removeLast() }
    guard !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw ClientConfigurationError(
        name: name, message: "\(name) must be ASCII letters, digits and punctuation, without spaces and line breaks")
    }
    return String(token)
  }
}

extension ClientConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The place, the tenant and database, and whether there is a token; never the token.
  public var description: String {
    let place =
      switch place {
      case .server(let address): address.url
      case .inProcess(let directory): "in process, \(directory)"
      }
    return "\(place) (\(path.tenant)/\(path.database)\(token == nil ? "" : ", with a token"))"
  }

  public var debugDescription: String { description }

  public var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}
