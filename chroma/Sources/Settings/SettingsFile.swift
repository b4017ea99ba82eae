import ChromaModel
import Foundation
import Yams

/// A configuration file in the official server's YAML, read but not yet understood.
struct SettingsFile: Hashable, Sendable {
  struct Value: Hashable, Sendable {
    /// A scalar as it is written, lists and mappings as JSON.
    let text: String
    let isStructure: Bool
  }

  /// What to call it in messages.
  var name = ""
  /// By dotted key. Keys set to null are not there.
  var values: [String: Value] = [:]
  /// Keys of the official server that mean nothing here, in order.
  var ignoredKeys: [String] = []
  /// Keys of authentication or TLS without a value, in order.
  var emptySecurityKeys: [String] = []
  /// Keys nobody knows, in order.
  var unknownKeys: [String] = []

  init(at path: String) throws(SettingsError) {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw SettingsError(source: .file, message: "cannot read the configuration file \(path)")
    }
    try self.init(yaml: text, name: path)
  }

  /// - Parameter name: stands in messages.
  init(yaml text: String, name: String) throws(SettingsError) {
    self.name = name
    let root: JSONValue
    do {
      root = try JSONValue(yaml: text)
    } catch {
      throw SettingsError(source: .file, message: "\(name) is not YAML: \(error.reason)")
    }
    guard !root.isNull else { return }
    guard case .object(let members) = root else {
      throw SettingsError(source: .file, message: "\(name): expected keys and values at the top")
    }
    take(members, under: "")
  }

  private mutating func take(_ members: [String: JSONValue], under prefix: String) {
    for (name, value) in members.sorted(by: { $0.key < $1.key }) {
      let key = prefix + name
      if value.isNull {
        if SecurityVariables.looksLikeOne(key) { emptySecurityKeys.append(key) }
        continue
      }
      if Self.known.contains(key) {
        values[key] = Value(value)
      } else if case .object(let inner) = value, Self.sections.contains(key) {
        take(inner, under: key + ".")
      } else if prefix.isEmpty, Self.official.contains(key) {
        ignoredKeys.append(key)
      } else {
        unknownKeys.append(key)
      }
    }
  }

  private static let known = Set(Setting.all.map(\.key))
  /// `auth`, `auth.jwt`, `tls`, `limits`.
  private static let sections = Set(
    known.flatMap { key in
      let parts = key.split(separator: ".")
      return (1..<max(parts.count, 1)).map { parts[..<$0].joined(separator: ".") }
    })
  /// What Chroma's server reads and this one has no use for.
  private static let official: Set<String> = [
    "sqlite_filename", "open_telemetry", "stdout_tracing", "sqlitedb", "sysdb", "segment_manager",
    "default_knn_index", "enable_schema", "circuit_breaker", "scorecard_enabled", "scorecard",
    "enable_span_indexing", "region", "tenants_to_migrate_immediately", "tenants_to_migrate_immediately_threshold",
    "enable_transactions", "enable_log_scouting", "executor", "log", "mcmr_sysdb",
    "collections_with_segments_provider",
  ]
}

extension SettingsFile.Value {
  fileprivate init(_ value: JSONValue) {
    switch value {
    case .string(let text): self.init(text: text, isStructure: false)
    case .array, .object: self.init(text: value.text, isStructure: true)
    default: self.init(text: value.text, isStructure: false)
    }
  }
}
