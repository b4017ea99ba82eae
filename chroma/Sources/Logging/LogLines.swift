import ChromaModel
import Foundation
import Logging

var standardErrorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

/// `2026-11-21T07:15:00.123Z WARNING Something happened  key=value other="two words"`
func humanLine(
  _ time: Timestamp, _ level: Logger.Level, _ message: String, _ fields: [(key: String, value: Logger.MetadataValue)]
) -> String {
  var line = "\(time.text) \(level.rawValue.uppercased()) \(printable(message))"
  for (index, field) in fields.enumerated() {
    let text = field.value.description
    let quoted = text.isEmpty || text.contains { $0 == " " || $0 == "\"" || $0 == "=" }
    line += index == 0 ? "  " : " "
    line += "\(printable(field.key))=" + (quoted ? JSONValue.string(text).text : printable(text))
  }
  return line + "\n"
}

/// `{"time":…,"level":…,"logger":…,"message":…,"key":…}`; a field named as one of the first four gets a `_` in front.
func jsonLine(
  _ time: Timestamp, _ label: String, _ level: Logger.Level, _ message: String,
  _ fields: [(key: String, value: Logger.MetadataValue)]
) -> String {
  let own = ["time": time.text, "level": level.rawValue, "logger": label, "message": message]
  var writer = JSONWriter()
  writer.raw("{")
  for name in ["time", "level", "logger", "message"] {
    writer.key(name)
    writer.write(own[name] ?? "")
  }
  for (name, value) in fields {
    writer.key(own[name] == nil ? name : "_" + name)
    writer.write(value.json)
  }
  writer.raw("}\n")
  return String(decoding: writer.bytes, as: UTF8.self)
}

/// Without control characters, which could forge a line.
private func printable(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return text }
  var clean = ""
  for scalar in text.unicodeScalars {
    if scalar.properties.generalCategory == .control {
      clean += "\\u{\(String(scalar.value, radix: 16))}"
    } else {
      clean.unicodeScalars.append(scalar)
    }
  }
  return clean
}

extension Logger.MetadataValue {
  fileprivate var json: JSONValue {
    switch self {
    case .string(let text): .string(text)
    case .stringConvertible(let value): .string(value.description)
    case .array(let values): .array(values.map(\.json))
    case .dictionary(let values): .object(values.mapValues(\.json))
    }
  }
}
