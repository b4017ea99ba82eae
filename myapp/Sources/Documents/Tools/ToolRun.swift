import Dispatch
import Foundation
import Synchronization

/// One run of a program over a file: its output is bounded, and so are its time and memory.
enum ToolRun {
  struct Output {
    var bytes: [UInt8]
    var messages: String
    var status: Int32
  }

  struct Bounds {
    var bytes: Int
    var seconds: Double
    /// Address space, where the system can bound it: a file of a few kilobytes may unpack to anything.
    var kilobytes = 4 << 20
  }

  /// Runs the program until it ends, says too much, takes too long or the task is cancelled; then it is killed.
  ///
  /// - Throws: `.tooLarge`, `.timedOut`, or `.failed` when it cannot be started.
  static func run(
    _ path: String, _ arguments: [String], on file: PrivateFile, bounds: Bounds, what: String
  ) async throws(DocumentError) -> Output {
    let child = Child()
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        // Reading waits for the program, and that no thread of the cooperative pool may do.
        queue.async {
          continuation.resume(
            returning: Result { () throws(DocumentError) in
              try runBlocking(child, path, arguments, on: file, bounds: bounds, what: what)
            })
        }
      }
    } onCancel: {
      child.kill(because: .cancelled)
    }
    return try result.get()
  }

  private static let queue = DispatchQueue(label: "documents.tools", attributes: .concurrent)

  private static func runBlocking(
    _ child: Child, _ path: String, _ arguments: [String], on file: PrivateFile, bounds: Bounds, what: String
  ) throws(DocumentError) -> Output {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    let script = #"ulimit -v "$1" 2>/dev/null; ulimit -c 0 2>/dev/null; shift; exec "$@""#
    process.arguments = ["-c", script, "sh", String(bounds.kilobytes), path] + arguments
    process.environment = ["LC_ALL": "C", "PATH": "/usr/bin:/bin"]
    process.standardInput = FileHandle.nullDevice
    let messages = "messages"
    _ = FileManager.default.createFile(atPath: file.siblingPath(messages), contents: nil)
    process.standardError = FileHandle(forWritingAtPath: file.siblingPath(messages)) ?? FileHandle.nullDevice
    let pipe = Pipe()
    process.standardOutput = pipe
    let (tool, seconds) = (URL(fileURLWithPath: path).lastPathComponent, bounds.seconds)
    do {
      try child.start(process)
    } catch is CancellationError {
      throw .failed(reason: "reading \(what) was cancelled")
    } catch {
      throw .failed(reason: "cannot start \(tool): \(error.localizedDescription)")
    }
    let timer = DispatchSource.makeTimerSource(queue: queue)
    timer.schedule(deadline: .now() + seconds)
    timer.setEventHandler { child.kill(because: .timedOut) }
    timer.resume()
    defer { timer.cancel() }

    var bytes: [UInt8] = []
    while let part = try? pipe.fileHandleForReading.read(upToCount: 1 << 16), !part.isEmpty {
      bytes += part
      if bytes.count > bounds.bytes {
        child.kill(because: .saysTooMuch)
        break
      }
    }
    try? pipe.fileHandleForReading.close()
    process.waitUntilExit()
    switch child.finish() {
    case .timedOut: throw .timedOut(tool: tool, seconds: seconds)
    case .cancelled: throw .failed(reason: "reading \(what) was cancelled")
    case .saysTooMuch: throw .tooLarge(what: "the text in \(what)", limit: bounds.bytes, unit: "bytes")
    case nil: break
    }
    return Output(
      bytes: bytes, messages: file.sibling(messages, limit: 4096),
      status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus)
  }

  /// The process, and why it was killed: at most once, and not after its end, when its number may be another's.
  private final class Child: Sendable {
    enum Reason { case timedOut, cancelled, saysTooMuch }

    private struct State {
      var pid: pid_t?
      var reason: Reason?
    }
    private let state = Mutex(State())

    func start(_ process: Process) throws {
      let isCancelled = state.withLock { $0.reason != nil }
      if isCancelled { throw CancellationError() }
      try process.run()
      let mustEnd = state.withLock { state in
        state.pid = process.processIdentifier
        return state.reason != nil
      }
      if mustEnd { Foundation.kill(process.processIdentifier, SIGKILL) }
    }

    func kill(because reason: Reason) {
      state.withLock { state in
        guard state.reason == nil else { return }
        state.reason = reason
        if let pid = state.pid { Foundation.kill(pid, SIGKILL) }
      }
    }

    func finish() -> Reason? {
      state.withLock { state in
        state.pid = nil
        return state.reason
      }
    }
  }
}
