import Logging

/// Writes each event as one line: for people, or as JSON for machines.
struct LineLogHandler: LogHandler {
  enum Format: Sendable { case human, json }

  let label: String
  let format: Format
  let sink: LogSink
  var now: @Sendable () -> Timestamp = { .now }

  var logLevel = Logger.Level.info
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?

  init(label: String, format: Format, sink: LogSink, now: @escaping @Sendable () -> Timestamp = { .now }) {
    self.label = label
    self.format = format
    self.sink = sink
    self.now = now
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var all = metadata
    all.merge(metadataProvider?.get() ?? [:]) { _, new in new }
    all.merge(event.metadata ?? [:]) { _, new in new }
    if let error = event.error { all["error"] = "\(error)" }
    let fields = all.sorted { $0.key < $1.key }
    switch format {
    case .human: sink.write(humanLine(now(), event.level, event.message.description, fields))
    case .json: sink.write(jsonLine(now(), label, event.level, event.message.description, fields))
    }
  }
}

extension Logger {
  /// The program's logger, as its settings ask.
  static func toStandardError(_ settings: Settings) -> Logger {
    let format: LineLogHandler.Format =
      switch settings.logFormat {
      case .human: .human
      case .json: .json
      case .auto: standardErrorIsTerminal ? .human : .json
      }
    var logger = Logger(label: "chroma") { LineLogHandler(label: $0, format: format, sink: .standardError) }
    logger.logLevel = settings.logLevel
    return logger
  }
}
