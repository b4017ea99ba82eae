import Testing

@testable import ChromaAccess

@Suite("An htpasswd file")
struct PasswordTableTests {
  static let admin = BcryptHashTests.admin
  static let cheap = "$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"

  @Test("names users and their hashes, among blank lines and comments, with either line ending")
  func lines() throws {
    let table = try PasswordTable(
      htpasswd: "# users\r\n\r\nadmin:\(Self.admin)\r\n  \n\tann:\(Self.cheap)  \n#ben:\(Self.cheap)\nü n:\(Self.cheap)"
    )
    #expect(table.hashes.keys.sorted() == ["admin", "ann", "ü n"])
    #expect(table.hashes["admin"]?.text == Self.admin)
    #expect(table.hashes["ann"]?.text == Self.cheap)
  }

  @Test("refuses a user who comes twice, with the line")
  func twice() {
    let error = #expect(throws: AccessError.self) {
      try PasswordTable(htpasswd: "ann:\(Self.admin)\nben:\(Self.admin)\nann:\(Self.cheap)\n")
    }
    #expect(error?.message == "line 3 of the credentials: the user ann comes twice")
  }

  @Test("refuses other hashes with the line and what to write, and never shows them")
  func otherHash() {
    let error = #expect(throws: AccessError.self) {
      try PasswordTable(htpasswd: "\n# x\nann:{SHA}0DPiKuNIrrVmD8IUCuw1hQxNqZc=")
    }
    #expect(error?.message.contains("line 3 ") ?? false)
    #expect(error?.message.contains("htpasswd -nbB user password") ?? false)
    #expect(error?.message.contains("0DPiK") == false)
  }

  @Test("parts a line at its first colon", arguments: ["admin", ":\(admin)", "ann:ben:\(admin)", "ann \(admin)"])
  func noPair(line: String) {
    let error = #expect(throws: AccessError.self) { try PasswordTable(htpasswd: line) }
    #expect(error?.message.contains("line 1 ") ?? false)
    #expect(error?.message.contains(Self.admin.suffix(20)) == false)
  }

  @Test("without users is refused", arguments: ["", "\n\n", "# ann:\(admin)"])
  func empty(text: String) {
    #expect(throws: AccessError.self) { try PasswordTable(htpasswd: text) }
  }

  @Test("has a decoy of the cost that most of its hashes have, and of the higher one where as many have each")
  func decoy() throws {
    let most = try PasswordTable(htpasswd: "a:\(Self.admin)\nb:\(Self.cheap)\nc:\(Self.cheap)")
    #expect(most.decoy.cost == 4)
    let even = try PasswordTable(htpasswd: "a:\(Self.admin)\nb:\(Self.cheap)")
    #expect(even.decoy.cost == 5)
  }
}
