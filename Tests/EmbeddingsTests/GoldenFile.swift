import ChromaModel
import Foundation

/// A file of `Golden/`, where the scripts that made them are too.
enum GoldenFile {
  static func bytes(_ name: String) throws -> [UInt8] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")
    return [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
  }

  static func json(_ name: String) throws -> JSONValue { try JSONValue(parsing: bytes(name)) }
}

extension JSONValue {
  var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }
  var string: String? { if case .string(let text) = self { text } else { nil } }
  var number: Double? {
    switch self {
    case .int(let whole): Double(whole)
    case .double(let number): number
    default: nil
    }
  }
}
