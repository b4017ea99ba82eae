import Foundation

/// The parameters of a request's query, decoded as forms encode them.
struct QueryItems: Sendable, Hashable {
  private var values: [String: String] = [:]

  /// Of a parameter given twice the first counts.
  init(_ query: String?) {
    for part in (query ?? "").split(separator: "&") {
      let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = Self.decode(halves[0])
      if values[name] == nil { values[name] = halves.count > 1 ? Self.decode(halves[1]) : "" }
    }
  }

  /// `nil` when it is absent or empty.
  subscript(name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

  /// - Throws: ``WebError`` naming the parameter.
  func required(_ name: String) throws(WebError) -> String {
    guard let value = self[name] else { throw .badRequest("The parameter \(name) is missing") }
    return value
  }

  func number(_ name: String, in range: ClosedRange<Int>, default value: Int) throws(WebError) -> Int {
    guard let text = self[name] else { return value }
    guard let number = Int(text), range.contains(number) else {
      throw .badRequest("\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  private static func decode(_ text: Substring) -> String {
    let spaced = text.replacing("+", with: " ")
    return spaced.removingPercentEncoding ?? String(spaced)
  }
}
