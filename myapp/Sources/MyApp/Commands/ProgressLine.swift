import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One line of a terminal that is written over as work goes on; where there is no terminal, only its end.
struct ProgressLine {
  let prefix: String
  private let isTerminal = isatty(STDERR_FILENO) == 1

  func show(_ progress: IngestProgress) {
    guard isTerminal else { return }
    write("\r\u{1B}[K\(prefix): \(progress.stage.rawValue) \(progress.done)/\(progress.total)")
  }

  func end(_ result: IngestResult) {
    let counts =
      "\(result.passages) \(result.passages == 1 ? "passage" : "passages"), \(result.characters) characters"
      + (result.pages.map { ", \($0) pages" } ?? "")
    let rest = result.reason.map { " (\($0))" } ?? ": " + counts
    write("\(isTerminal ? "\r\u{1B}[K" : "")\(prefix): \(result.status.rawValue)\(rest)\n")
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
