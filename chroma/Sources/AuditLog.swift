import ChromaModel
import ChromaServer
import Foundation
import Synchronization

/// Appends audit entries to a file, or to standard error: one line of JSON each, with the time in front.
///
/// The file is opened for appending and made for its owner alone; a log rotation that copies and truncates works.
final class AuditLog: Sendable {
  private let descriptor: Int32
  private let hasFailed = Atomic<Bool>(false)

  /// - Parameter path: `-` for standard error.
  /// - Throws: when the file cannot be written.
  init(path: String) throws(SettingsError) {
    guard path != "-" else {
      descriptor = STDERR_FILENO
      return
    }
    descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      let reason = String(cString: strerror(errno))
      throw SettingsError(source: .environment, message: "the audit log \(path) cannot be written: \(reason)")
    }
  }

  deinit { if descriptor != STDERR_FILENO { close(descriptor) } }

  func write(_ entry: AuditEntry) {
    var line = JSONWriter()
    line.raw("{\"time\":")
    line.write(Timestamp.now.text)
    guard case .object(let members) = entry.json else { return }
    for (key, value) in members.sorted(by: { $0.key < $1.key }) {
      line.key(key)
      line.write(value)
    }
    line.raw("}\n")
    let problem = line.bytes.withUnsafeBytes { writeAll($0, to: descriptor) }
    // Said once each time it begins: a full disk would else fill the log, too.
    if !hasFailed.exchange(problem != 0, ordering: .relaxed), problem != 0 {
      printError("the audit log cannot be written: \(String(cString: strerror(problem)))")
    }
  }
}
