import ChromaModel
import Foundation

/// What Upsun and Platform.sh tell an app of those it is connected to, or a tunnel a developer's machine.
enum PlatformRelationships {
  static let variable = "PLATFORM_RELATIONSHIPS"

  /// The first endpoint of a relationship.
  struct Endpoint: Sendable, Hashable {
    var host: String
    var port: Int?
    var isSecure: Bool
  }

  /// The endpoint of relationship `name`; `nil` when there is no such relationship.
  ///
  /// - Parameter base64: of a JSON object from relationship to a list of endpoints. Line breaks in the base64 do not
  ///   matter, a port may be a number or text, and a lone endpoint may stand for its list.
  static func endpoint(_ name: String, in base64: String) throws(ClientConfigurationError) -> Endpoint? {
    guard let data = Data(base64Encoded: base64, options: .ignoreUnknownCharacters), !data.isEmpty,
      case .object(let relationships)? = try? JSONValue(parsing: Array(data))
    else { throw wrong("cannot be read: it must be base64 of a JSON object") }
    let endpoint: JSONValue
    switch relationships[name] {
    case nil, .null?, .array([])?: return nil
    case .array(let endpoints)?: endpoint = endpoints[0]
    case let single?: endpoint = single
    }
    guard case .string(let given)? = endpoint["host"], let host = ServerAddress.host(given) else {
      throw wrong("has no usable host for the relationship \"\(name)\": \(endpoint["host"]?.text ?? "none")")
    }
    return Endpoint(
      host: host, port: try port(endpoint["port"], of: name), isSecure: try isSecure(endpoint["scheme"], of: name))
  }

  private static func port(_ json: JSONValue?, of name: String) throws(ClientConfigurationError) -> Int? {
    let port: Int?
    switch json {
    case nil, .null?, .string("")?: return nil
    case .int(let whole)?: port = Int(exactly: whole)
    case .double(let number)?: port = Int(exactly: number)
    case .string(let text)?: port = Int(text)
    default: port = nil
    }
    guard let port, (1...65_535).contains(port) else {
      throw wrong("has no usable port for the relationship \"\(name)\": \(json?.text ?? "none")")
    }
    return port
  }

  private static func isSecure(_ json: JSONValue?, of name: String) throws(ClientConfigurationError) -> Bool {
    switch json {
    case nil, .null?, .string("")?: return false
    case .string(let scheme)? where scheme.lowercased() == "http": return false
    case .string(let scheme)? where scheme.lowercased() == "https": return true
    default:
      throw wrong("has no usable scheme for the relationship \"\(name)\", http or https: \(json?.text ?? "none")")
    }
  }

  private static func wrong(_ what: String) -> ClientConfigurationError {
    ClientConfigurationError(name: variable, message: "\(variable) \(what)")
  }
}
