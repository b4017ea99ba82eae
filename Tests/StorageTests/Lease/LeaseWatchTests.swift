import Testing

@testable import Storage

@Suite("Watching another holder's record")
struct LeaseWatchTests {
  private let second: UInt64 = 1_000_000_000
  private let record = LeaseRecord(holder: "process 1 on a", renewed: 1)

  @Test("A record that stays as it is was left behind after ten seconds, and not before")
  func abandoned() {
    var watch = LeaseWatch()
    #expect(watch.look(at: record, now: 100 * second) == .unknown)
    #expect(watch.look(at: record, now: 110 * second - 1) == .unknown)
    #expect(watch.look(at: record, now: 110 * second) == .abandoned)
  }

  @Test("A record that is renewed is alive, and is watched anew from then on")
  func alive() {
    var watch = LeaseWatch()
    var record = record
    _ = watch.look(at: record, now: 0)
    record.renewed = 2
    #expect(watch.look(at: record, now: 9 * second) == .alive)
    #expect(watch.look(at: record, now: 18 * second) == .unknown)
    #expect(watch.look(at: record, now: 19 * second) == .abandoned)
  }

  @Test("Another holder's record is alive")
  func anotherHolder() {
    var watch = LeaseWatch()
    _ = watch.look(at: record, now: 0)
    #expect(watch.look(at: LeaseRecord(holder: "process 2 on b", renewed: 1), now: 20 * second) == .alive)
  }

  @Test("A record's own time says nothing: the clocks of two machines may differ")
  func clocks() {
    var watch = LeaseWatch()
    let future = LeaseRecord(holder: "process 1 on a", renewed: .max / 2)
    #expect(watch.look(at: future, now: 0) == .unknown)
    #expect(watch.look(at: future, now: 10 * second) == .abandoned)
  }
}
