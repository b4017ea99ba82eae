import ChromaModel

/// Everything said about settings: on the command line, in the environment, in a file. The first that speaks counts.
struct SettingsSources: Sendable {
  /// By option name, as often as it was given; a flag has "true".
  private let options: [String: [String]]
  private let environment: [String: String]
  /// Names of ours that are set to nothing, in order.
  let emptyVariables: [String]
  private let file: SettingsFile?

  /// - Parameter environment: an empty value counts as unset: compose files pass unset variables so.
  init(options: [String: [String]] = [:], environment: [String: String] = [:], file: SettingsFile? = nil) {
    self.options = options
    self.environment = environment.filter { !$0.value.isEmpty }
    emptyVariables = environment.filter { $0.value.isEmpty && $0.key.hasPrefix("CHROMA_") }.keys.sorted()
    self.file = file
  }

  var hasFile: Bool { file != nil }
  /// Keys of the file that are the official server's alone.
  var ignoredKeys: [String] { file?.ignoredKeys ?? [] }
  var emptySecurityKeys: [String] { file?.emptySecurityKeys ?? [] }
  var fileName: String { file?.name ?? "" }
  /// Keys of the file that nobody knows.
  var unknownKeys: [String] { file?.unknownKeys ?? [] }
  /// What is set, in the environment.
  var variables: [String: String] { environment }

  func find(_ setting: Setting) -> GivenValue? {
    if let option = setting.option, let values = options[option], let last = values.last {
      return GivenValue(source: .option, name: option, text: last, repeated: values)
    }
    if let found = variable(in: setting.variables) { return found }
    if let file, let value = file.values[setting.key] {
      return GivenValue(
        source: .file, name: "\(file.name): \(setting.key)", text: value.text, isStructure: value.isStructure)
    }
    return variable(in: setting.lastVariables)
  }

  func variable(in names: [String]) -> GivenValue? {
    for name in names {
      if let text = environment[name] { return GivenValue(source: .environment, name: name, text: text) }
    }
    return nil
  }
}

// MARK: Kinds of values

extension SettingsSources {
  func text(_ setting: Setting) throws(SettingsError) -> String? {
    guard let given = find(setting) else { return nil }
    guard !given.isStructure else { throw setting.error(about: given) }
    return given.text
  }

  func number(_ setting: Setting, in range: ClosedRange<Int>) throws(SettingsError) -> Int? {
    guard let given = find(setting) else { return nil }
    return try setting.number(given, in: range)
  }

  /// A number of bytes, or with K, M, G or T behind it that many times 1024, 1024², …
  func bytes(_ setting: Setting, in range: ClosedRange<Int>) throws(SettingsError) -> Int? {
    guard let given = find(setting) else { return nil }
    guard let count = byteCount(given.text), range.contains(count) else { throw setting.error(about: given) }
    return count
  }

  func flag(_ setting: Setting) throws(SettingsError) -> Bool? {
    guard let given = find(setting) else { return nil }
    switch given.text.lowercased() {
    case "true", "1", "yes", "on", "t", "y": return true
    case "false", "0", "no", "off", "f", "n": return false
    default: throw setting.error(about: given)
    }
  }

  func choice<Value>(_ setting: Setting, _ read: (String) -> Value?) throws(SettingsError) -> Value? {
    guard let given = find(setting) else { return nil }
    guard let value = read(given.text.lowercased()) else { throw setting.error(about: given) }
    return value
  }

  /// A JSON list of strings, the values of a repeated option, or a list in a file.
  func list(_ setting: Setting) throws(SettingsError) -> [String]? {
    guard let given = find(setting) else { return nil }
    if !given.repeated.isEmpty { return given.repeated }
    guard case .array(let elements)? = try? JSONValue(parsing: given.text) else { throw setting.error(about: given) }
    var list: [String] = []
    for element in elements {
      guard case .string(let text) = element else { throw setting.error(about: given) }
      list.append(text)
    }
    return list
  }
}

extension Setting {
  func number(_ given: GivenValue, in range: ClosedRange<Int>) throws(SettingsError) -> Int {
    guard let number = Int(given.text), range.contains(number) else { throw error(about: given) }
    return number
  }

  /// What is wrong with a value, without the value where it is a secret.
  func error(about given: GivenValue) -> SettingsError {
    let value = isSecret ? "" : given.isStructure ? ", not \(given.text)" : ", not \"\(given.text)\""
    return SettingsError(source: given.source, message: "\(given.name) must be \(expects)\(value)")
  }

  /// An error that needs a sentence of its own.
  func error(about given: GivenValue, _ sentence: String) -> SettingsError {
    SettingsError(source: given.source, message: "\(given.name) \(sentence)")
  }
}

/// `1048576`, `1024K`, `1M`, `1MB` or `1MiB`; `nil` for anything else.
func byteCount(_ text: String) -> Int? {
  let digits = text.prefix { $0.isASCII && $0.isNumber }
  let units = ["": 0, "K": 10, "M": 20, "G": 30, "T": 40]
  var unit = text[digits.endIndex...].uppercased()
  for ending in ["IB", "B"] where unit.hasSuffix(ending) && unit.count > ending.count {
    unit.removeLast(ending.count)
    break
  }
  guard let shift = units[unit], let number = Int(digits) else { return nil }
  let product = number.multipliedReportingOverflow(by: 1 << shift)
  return product.overflow ? nil : product.partialValue
}
