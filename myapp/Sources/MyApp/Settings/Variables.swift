import Foundation

/// Environment variables; an empty one is unset.
struct Variables: Sendable {
  private let values: [String: String]

  init(_ environment: [String: String]) {
    values = environment.filter { !$0.value.trimmingCharacters(in: .whitespaces).isEmpty }
  }

  subscript(name: String) -> String? { values[name]?.trimmingCharacters(in: .whitespaces) }

  func number(_ name: String, in range: ClosedRange<Int>) throws(SettingsError) -> Int? {
    guard let text = self[name] else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw SettingsError("\(name) is \"\(text)\", not a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func flag(_ name: String) throws(SettingsError) -> Bool? {
    guard let text = self[name] else { return nil }
    switch text.lowercased() {
    case "1", "true", "yes", "on": return true
    case "0", "false", "no", "off": return false
    default: throw SettingsError("\(name) is \"\(text)\", neither true nor false")
    }
  }

  /// Without a slash at its end.
  func webAddress(_ name: String) throws(SettingsError) -> String? {
    guard let text = self[name] else { return nil }
    guard let address = URL(string: text), let scheme = address.scheme, ["http", "https"].contains(scheme),
      address.host?.isEmpty == false
    else { throw SettingsError("\(name) is \"\(text)\", not an address that begins with http:// or https://") }
    return text.hasSuffix("/") ? String(text.dropLast()) : text
  }
}

/// A setting that cannot be understood.
struct SettingsError: Error, Hashable, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}
