import Foundation
import Synchronization

/// How far a long work is, on standard error: a bar that is drawn over where there is a terminal, else a line for every tenth.
package final class ProgressBar: Sendable {
  private struct State {
    var name = ""
    var tenth = -1
    var drawn: ContinuousClock.Instant?
  }

  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let isSilentElsewhere: Bool
  private let state = Mutex(State())

  /// - Parameter isSilentElsewhere: nothing is said where there is no terminal: cron would send it as mail.
  package init(isSilentElsewhere: Bool = false) { self.isSilentElsewhere = isSilentElsewhere }

  /// - Parameters: bytes, and how many there will be; `nil` when that is not known.
  package func show(name: String, done: Int, total: Int?) {
    if !isTerminal, isSilentElsewhere { return }
    let line = state.withLock { state in isTerminal ? bar(&state, name, done, total) : tenth(&state, name, done, total)
    }
    if let line { write(line) }
  }

  /// Leaves the line.
  package func end() {
    if isTerminal, state.withLock({ $0.drawn != nil }) { write("\n") }
  }

  private func bar(_ state: inout State, _ name: String, _ done: Int, _ total: Int?) -> String? {
    let now = ContinuousClock.now
    if let drawn = state.drawn, now - drawn < .milliseconds(100), done != total { return nil }
    let isNext = !state.name.isEmpty && state.name != name
    state.name = name
    state.drawn = now
    guard let total, total > 0 else { return (isNext ? "\n" : "") + "\r\u{1B}[K\(name) …" }
    let filled = min(30 * done / total, 30)
    let drawn = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
    return (isNext ? "\n" : "") + "\r\u{1B}[K\(name) \(drawn) \(Self.megabytes(done)) of \(Self.megabytes(total)) MB"
  }

  private func tenth(_ state: inout State, _ name: String, _ done: Int, _ total: Int?) -> String? {
    let tenth = total.map { $0 > 0 ? 10 * done / $0 : 0 } ?? 0
    guard state.name != name || state.tenth != tenth else { return nil }
    state.name = name
    state.tenth = tenth
    guard let total else { return "\(name) …\n" }
    return "\(name) \(10 * tenth) % of \(Self.megabytes(total)) MB\n"
  }

  private static func megabytes(_ bytes: Int) -> String { String(format: "%.1f", Double(bytes) / 1e6) }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
