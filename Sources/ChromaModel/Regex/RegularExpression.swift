public struct RegularExpressionError: Error { public var message: String }
public struct RegularExpression: Sendable, Hashable {
  public let pattern: String
  public init(_ pattern: String) throws(RegularExpressionError) { self.pattern = pattern }
  public func matches(_ text: String) -> Bool { false }
}
