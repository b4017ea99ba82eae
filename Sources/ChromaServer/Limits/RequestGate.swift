import ChromaModel
import Synchronization

/// Counts the requests at work and the bytes of their bodies, and turns away what would be too much.
final class RequestGate: Sendable {
  private let maxRequests: Int
  private let maxBytes: Int
  private let requests = Atomic<Int>(0)
  private let bytes = Atomic<Int>(0)
  private let isShortOfMemory: @Sendable () -> Bool

  /// - Parameter isShortOfMemory: asked for each part of a body: half the bytes have to do while it is so.
  init(maxRequests: Int, maxBytes: Int, isShortOfMemory: @escaping @Sendable () -> Bool = { false }) {
    self.maxRequests = maxRequests
    self.maxBytes = maxBytes
    self.isShortOfMemory = isShortOfMemory
  }

  /// Bytes taken at this moment.
  var bytesInFlight: Int { bytes.load(ordering: .relaxed) }

  /// - Throws: `unavailable` when too many requests are at work. Pair with ``leave()``.
  func enter() throws(ChromaError) {
    guard requests.add(1, ordering: .relaxed).newValue <= maxRequests else {
      leave()
      throw ChromaError(.unavailable, "The server is working on \(maxRequests) requests already; try again")
    }
  }

  func leave() { requests.subtract(1, ordering: .relaxed) }

  /// Takes `count` bytes of the budget for bodies.
  ///
  /// - Throws: `unavailable` when they are not there. Pair with ``release(_:)``.
  func reserve(_ count: Int) throws(ChromaError) {
    let taken = bytes.wrappingAdd(count, ordering: .relaxed).newValue
    let most = taken > maxBytes / 2 && isShortOfMemory() ? maxBytes / 2 : maxBytes
    guard taken <= most else {
      release(count)
      throw ChromaError(.unavailable, "The server is receiving \(most) bytes of requests already; try again")
    }
  }

  func release(_ count: Int) { bytes.wrappingSubtract(count, ordering: .relaxed) }
}
