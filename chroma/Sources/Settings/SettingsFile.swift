import Foundation
import Yams

/// A configuration file in the official server's YAML.
struct SettingsFile: Hashable, Sendable {
  var port: Int?
  var listenAddress: String?
  var persistPath: String?
  var maxPayloadSizeBytes: Int?
  var corsAllowOrigins: [String]?
  var allowReset: Bool?
  /// Keys that mean nothing here, in order.
  var ignoredKeys: [String] = []

  init() {}

  init(at path: String) throws(SettingsError) {
    let text: String
    do {
      text = try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw SettingsError(source: .file, message: "cannot read the configuration file \(path)")
    }
    try self.init(yaml: text, name: path)
  }

  /// - Parameter name: stands in messages.
  init(yaml text: String, name: String) throws(SettingsError) {
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch {
      throw SettingsError(source: .file, message: "\(name) is not YAML: \(error)")
    }
    guard let root, root.null == nil else { return }
    guard case .mapping(let mapping) = root else {
      throw SettingsError(source: .file, message: "\(name): expected keys and values at the top")
    }
    for (key, value) in mapping {
      guard let key = key.string else { continue }
      guard value.null == nil else { continue }
      func expected(_ what: String) -> SettingsError {
        SettingsError(source: .file, message: "\(name): \(key) must be \(what)")
      }
      switch key {
      case "port":
        guard let number = value.int, (0...65_535).contains(number) else { throw expected("a port, 0 to 65535") }
        port = number
      case "listen_address":
        guard let text = value.string else { throw expected("text") }
        listenAddress = text
      case "persist_path":
        guard let text = value.string else { throw expected("text") }
        persistPath = text
      case "max_payload_size_bytes":
        guard let number = value.int, Settings.bodySizes.contains(number) else {
          throw expected("a number of bytes, 1 to \(Settings.bodySizes.upperBound)")
        }
        maxPayloadSizeBytes = number
      case "cors_allow_origins":
        guard let sequence = value.sequence else { throw expected("a list of origins") }
        let origins = sequence.compactMap(\.string)
        guard origins.count == sequence.count else { throw expected("a list of origins") }
        corsAllowOrigins = origins
      case "allow_reset":
        guard let flag = value.bool else { throw expected("true or false") }
        allowReset = flag
      default: ignoredKeys.append(key)
      }
    }
  }
}
