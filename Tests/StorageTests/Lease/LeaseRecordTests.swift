import Testing

@testable import Storage

@Suite("The record of a lease")
struct LeaseRecordTests {
  @Test("A record that was written is read")
  func roundTrip() {
    let record = LeaseRecord(holder: "process 12 on db1", renewed: 1_790_000_000_123)
    #expect(LeaseRecord(record.text) == record)
    #expect(record.text.hasPrefix(record.head))
  }

  @Test("Renewing changes no length")
  func sameLength() {
    var record = LeaseRecord(holder: "process 12 on db1", renewed: 9)
    let before = record.text
    record.renewed = 1_790_000_000_123
    #expect(record.text.utf8.count == before.utf8.count)
  }

  @Test("Two holders never have the same identifier")
  func identifiers() {
    let identifiers = Set((0..<1000).map { _ in LeaseRecord(holder: "", renewed: 0).identifier })
    #expect(identifiers.count == 1000)
    #expect(identifiers.allSatisfy { $0.utf8.count == 32 })
  }

  @Test(
    "Anything else is no record",
    arguments: ["", "process 12 on db1", "lease abc\n", "lease abc\nrenewed\nx", "lease abc\nrenewed 1x\nx"])
  func noRecord(text: String) {
    #expect(LeaseRecord(text) == nil)
  }

  @Test("What cannot be read is somebody's; an empty file is nobody's")
  func unread() {
    #expect(LeaseRecord.found("") == nil)
    #expect(LeaseRecord.found("of a later version")?.holder == "another process")
    #expect(LeaseRecord.found("a") != LeaseRecord.found("b"))
  }
}
