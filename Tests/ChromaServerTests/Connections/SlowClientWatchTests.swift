import Testing

@testable import ChromaServer

@Suite struct SlowClientWatchTests {
  private func watch() -> SlowClientWatch {
    SlowClientWatch(bounds: .init(head: 20_000, bodyGrace: 30_000, bodyBytesPerSecond: 1000, stuckAnswer: 60_000))
  }

  @Test("An idle connection is nobody's concern here")
  func idle() {
    var watch = watch()
    watch.serverAsksForBytes(at: 0)
    #expect(watch.verdict(at: 1_000_000) == .nothingToWatch)
  }

  @Test("A head must be complete in time, however its bytes drip")
  func head() {
    var watch = watch()
    watch.serverAsksForBytes(at: 0)
    watch.bytesArrived(1, at: 100)
    #expect(watch.verdict(at: 100) == .look(at: 20_100))
    for time in stride(from: Int64(1000), to: 20_000, by: 1000) {
      watch.serverAsksForBytes(at: time)
      watch.bytesArrived(1, at: time)
    }
    #expect(watch.verdict(at: 20_099) == .look(at: 20_100))
    #expect(watch.verdict(at: 20_100) == .close)
    watch.headIsComplete(at: 20_100)
    watch.requestIsComplete()
    #expect(watch.verdict(at: 20_101) == .nothingToWatch)
  }

  @Test("A body may wait for its grace and as long as its bytes have earned")
  func body() {
    var watch = watch()
    watch.bytesArrived(100, at: 0)
    watch.headIsComplete(at: 0)
    watch.serverAsksForBytes(at: 1000)
    #expect(watch.verdict(at: 1000) == .look(at: 31_000))
    // A byte earns a millionth of a second… in this clock 1,000,000 ticks.
    watch.bytesArrived(1, at: 20_000)
    watch.serverAsksForBytes(at: 20_000)
    #expect(watch.verdict(at: 20_000) == .look(at: 20_000 + 30_000 + 1_000_000 - 19_000))
    #expect(watch.verdict(at: 1_031_000) == .close)
  }

  @Test("Time in which the server does not ask for bytes is not held against a client")
  func backPressure() {
    var watch = watch()
    watch.bytesArrived(100, at: 0)
    watch.headIsComplete(at: 0)
    #expect(watch.verdict(at: 10_000_000) == .nothingToWatch)
    watch.serverAsksForBytes(at: 10_000_000)
    #expect(watch.verdict(at: 10_000_000) == .look(at: 10_030_000))
  }

  @Test("An answer that is not taken ends the connection, one that moves does not")
  func stuckAnswer() {
    var watch = watch()
    watch.answerIsStuck(at: 0)
    watch.answerIsStuck(at: 50_000)
    #expect(watch.verdict(at: 59_999) == .look(at: 60_000))
    #expect(watch.verdict(at: 60_000) == .close)
    watch.answerMoves()
    #expect(watch.verdict(at: 60_000) == .nothingToWatch)
  }

  @Test("Without a rate a body may take for ever")
  func noRate() {
    var watch = SlowClientWatch(
      bounds: .init(head: 20_000, bodyGrace: 30_000, bodyBytesPerSecond: 0, stuckAnswer: 60_000))
    watch.bytesArrived(1, at: 0)
    watch.headIsComplete(at: 0)
    watch.serverAsksForBytes(at: 0)
    #expect(watch.verdict(at: .max / 2) == .nothingToWatch)
  }
}
