/// One thing the server can be told: where it may be said, and what may be said.
struct Setting: Sendable, Hashable {
  /// Its name in the configuration file, with dots for nesting, and in `chroma config`.
  let key: String
  /// Its name on the command line, such as `--port`.
  var option: String?
  /// Its names in the environment; the first that is set counts.
  var variables: [String] = []
  /// Names in the environment that count only when the file says nothing either.
  var lastVariables: [String] = []
  /// What a value must be, for messages: "a port, 0 to 65535".
  let expects: String
  /// The value when nobody says anything, for people.
  var standard = ""
  /// The value is never shown.
  var isSecret = false
  /// One line for people.
  let summary: String
}

/// A value as it was given, and by whom.
struct GivenValue: Sendable, Hashable {
  enum Source: String, Sendable { case option, environment, file }

  let source: Source
  /// What to call it in a message: `--port`, `CHROMA_PORT`, `config.yaml: port`.
  let name: String
  /// Lists and mappings of a file as JSON.
  let text: String
  /// Whether a file has a list or a mapping here.
  var isStructure = false
  /// All values of an option that was repeated.
  var repeated: [String] = []
}

/// A setting that cannot be understood.
struct SettingsError: Error, Hashable {
  let source: GivenValue.Source
  /// Names the setting, its value and what was expected.
  let message: String

  /// As `sysexits.h` has them: 64 for the command line, 78 for configuration.
  var exitStatus: Int32 { source == .option ? 64 : 78 }
}
