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

  @Test("A claim counts when it has stood for two seconds")
  func claimStands() {
    var watch = LeaseWatch()
    let claim = LeaseRecord(holder: "process 3 on c", renewed: 5)
    watch.note(claim: claim, now: 20 * second)
    #expect(watch.look(at: claim, now: 22 * second - 1) == .unknown)
    #expect(watch.look(at: claim, now: 22 * second) == .ours)
  }

  @Test("Of two that claim the same record the later one has it")
  func claimIsOverwritten() {
    var (first, second) = (LeaseWatch(), LeaseWatch())
    let claims = [LeaseRecord(holder: "process 3 on c", renewed: 5), LeaseRecord(holder: "process 4 on d", renewed: 5)]
    first.note(claim: claims[0], now: 0)
    second.note(claim: claims[1], now: 1)
    // The file holds what was written last.
    #expect(first.look(at: claims[1], now: 2 * self.second) == .alive)
    #expect(second.look(at: claims[1], now: 2 * self.second + 1) == .ours)
  }
}
