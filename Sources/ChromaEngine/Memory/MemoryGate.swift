import ChromaModel
import Dispatch
import Synchronization

/// Whether there is memory to write into. Over its mark writers wait, for a bounded time and with bounded bytes in hand,
/// until there is room again; nobody else ever does.
final class MemoryGate: Sendable {
  private struct State {
    var waiting: [UInt64: Waiting] = [:]
    var next: UInt64 = 0
    var bytes = 0
  }

  private struct Waiting {
    var bytes: Int
    var resume: CheckedContinuation<Bool, Never>
    var timeout: Task<Void, Never>?
  }

  /// `nil` lets everybody through.
  let budget: Int?
  private let measure: @Sendable () -> Int
  private let patience: Duration
  private let state = Mutex(State())
  private let measured = Atomic<Int>(0)
  /// Nanoseconds of the monotonic clock at which what was measured grows old.
  private let validUntil = Atomic<UInt64>(0)

  init(budget: Int?, patience: Duration, measure: @escaping @Sendable () -> Int) {
    self.budget = budget
    self.patience = patience
    self.measure = measure
  }

  /// Anonymous bytes above which caches are dropped and idle collections closed.
  var reliefMark: Int { (budget ?? .max) / 4 * 3 }
  /// Those above which writers wait. The rest of the budget is for what is under way.
  var writeMark: Int { (budget ?? .max) / 8 * 7 }
  /// Bytes that may wait; more is refused at once, since waiting takes memory too.
  private var waitingBytes: Int { (budget ?? .max) / 16 }

  /// Anonymous bytes of the process, measured at most 20 ms ago.
  var anonymous: Int {
    let now = DispatchTime.now().uptimeNanoseconds
    if now >= validUntil.load(ordering: .relaxed) { return measureNow() }
    return measured.load(ordering: .relaxed)
  }

  @discardableResult
  func measureNow() -> Int {
    let bytes = measure()
    measured.store(bytes, ordering: .relaxed)
    validUntil.store(DispatchTime.now().uptimeNanoseconds + 20_000_000, ordering: .relaxed)
    return bytes
  }

  var needsRelief: Bool { budget != nil && anonymous > reliefMark }
  var holdsWriters: Bool { budget != nil && anonymous > writeMark }
  /// Writers that wait.
  var heldCount: Int { state.withLock { $0.waiting.count } }

  /// Lets a write through, at once or when there is room.
  ///
  /// - Parameters:
  ///   - bytes: what the writer holds in memory.
  ///   - relieve: called when there is no room: starts making some.
  /// - Throws: `unavailable` when there was none in time. Nothing is stored then.
  func admit(_ bytes: Int, relieve: () -> Void) async throws(ChromaError) {
    guard holdsWriters else { return }
    let admitted = await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
      let ticket = state.withLock { state -> UInt64? in
        guard state.bytes + bytes <= waitingBytes || state.waiting.isEmpty else { return nil }
        state.next += 1
        state.bytes += bytes
        state.waiting[state.next] = Waiting(bytes: bytes, resume: continuation)
        return state.next
      }
      guard let ticket else { return continuation.resume(returning: false) }
      let timeout = Task { [patience] in
        try? await Task.sleep(for: patience)
        if !Task.isCancelled { self.end(ticket, admitted: false) }
      }
      state.withLock { state in
        if state.waiting[ticket] == nil { timeout.cancel() } else { state.waiting[ticket]?.timeout = timeout }
      }
      relieve()
    }
    guard admitted else { throw refusal }
  }

  /// Lets those who wait through, when there is room.
  func admitWaiting() {
    guard measureNow() <= writeMark else { return }
    for ticket in state.withLock({ Array($0.waiting.keys) }).sorted() { end(ticket, admitted: true) }
  }

  /// Refuses those who wait: nobody will make room any more.
  func close() {
    for ticket in state.withLock({ Array($0.waiting.keys) }) { end(ticket, admitted: false) }
  }

  private func end(_ ticket: UInt64, admitted: Bool) {
    let waiting = state.withLock { state -> Waiting? in
      let waiting = state.waiting.removeValue(forKey: ticket)
      state.bytes -= waiting?.bytes ?? 0
      return waiting
    }
    waiting?.timeout?.cancel()
    waiting?.resume.resume(returning: admitted)
  }

  private var refusal: ChromaError {
    ChromaError(
      .unavailable,
      "The server's memory is used up: \(Self.text(anonymous)) of a budget of \(Self.text(budget ?? 0)); nothing of this "
        + "request was stored, reads go on. Try again; if it stays so, raise --memory-budget")
  }

  static func text(_ bytes: Int) -> String { "\(bytes >> 20) MB" }
}
