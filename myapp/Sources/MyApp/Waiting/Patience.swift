/// Waiting that ends.
enum Patience {
  struct RanOut: Error {
    var seconds: Int
  }

  /// Hands over one element after another, until `body` returns false.
  ///
  /// - Parameter seconds: most to wait for each element.
  /// - Throws: ``RanOut``; what the sequence and `body` throw.
  static func forEach<Elements: AsyncSequence & Sendable>(
    _ elements: Elements, seconds: Int, _ body: (Elements.Element) async throws -> Bool
  ) async throws where Elements.Element: Sendable {
    // The source runs in a task of its own, so that a wait can be given up.
    let (stream, continuation) = AsyncThrowingStream.makeStream(of: Elements.Element?.self)
    let source = Task {
      do {
        for try await element in elements { continuation.yield(element) }
        continuation.finish()
      } catch {
        continuation.finish(throwing: error)
      }
    }
    defer { source.cancel() }
    let watch = Watch(seconds: seconds) { continuation.finish(throwing: RanOut(seconds: seconds)) }
    defer { watch.cancel() }
    for try await element in stream {
      guard let element else { continue }
      watch.stop()
      guard try await body(element) else { return }
      watch.start()
    }
    try Task.checkCancellation()
  }

  /// Calls once when it has run for its time without being stopped.
  private final class Watch: Sendable {
    private let seconds: Int
    private let action: @Sendable () -> Void
    private let task = TaskBox()

    init(seconds: Int, action: @escaping @Sendable () -> Void) {
      self.seconds = seconds
      self.action = action
      start()
    }

    func start() {
      task.replace(
        Task { [seconds, action] in
          guard (try? await Task.sleep(for: .seconds(seconds))) != nil else { return }
          action()
        })
    }

    func stop() { task.replace(nil) }
    func cancel() { stop() }
  }
}
