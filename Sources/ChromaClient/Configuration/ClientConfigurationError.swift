/// A setting that cannot be used.
public struct ClientConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The variable, or the argument, that is wrong.
  public var name: String
  /// One sentence that begins with ``name`` and shows the value, except a token's.
  public var message: String

  public init(name: String, message: String) {
    self.name = name
    self.message = message
  }

  public var description: String { message }

  static func wrong(_ name: String, expected: String, given: String) -> ClientConfigurationError {
    ClientConfigurationError(name: name, message: "\(name) must be \(expected), not \"\(given)\"")
  }
}
