import Testing

@testable import ChromaAccess

@Suite("A bcrypt hash")
struct BcryptHashTests {
  /// Of the password `admin`, as htpasswd made it.
  static let admin = "$2y$05$e5sRb6NCcSH3YfbIxe1AGu2h5K7OOd982OXKmd8WyQ3DRQ4MvpnZS"

  @Test(
    "knows its password, under each prefix",
    arguments: [
      (admin, "admin"),
      ("$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", "correct horse"),
      ("$2b$04$ABCDEFGHIJKLMNOPQRSTUuY6iEsPwTVWE67No4zk5tmg5EhdNYRhm", "räuber:x"),
      ("$2y$04$abcdefghijklmnopqrstuubyCG3zY1GIXMyxfivm.ClDiInHzxjiq", ""),
      ("$2a$04$012345678901234567890uydJq55j67EtdPksopGMnhmoI3F/lxU2", String(repeating: "a", count: 72)),
    ])
  func right(text: String, password: String) throws {
    let hash = try BcryptHash(text)
    #expect(hash.verify(password))
    #expect(!hash.verify("b" + password))
  }

  @Test("knows no other password", arguments: ["", "Admin", "admin ", "admi", "admin\n", admin])
  func wrong(password: String) throws {
    #expect(try !BcryptHash(Self.admin).verify(password))
  }

  @Test("is not taken in by a zero byte, behind which libcrypt sees nothing")
  func zeroByte() throws {
    #expect(try !BcryptHash(Self.admin).verify("admin\0"))
    #expect(try !BcryptHash(Self.admin).verify("admin\0more"))
    #expect(try !BcryptHash(Self.admin).verify("\0"))
  }

  @Test("is of 72 bytes of the password and no more")
  func longPassword() throws {
    let hash = try BcryptHash("$2a$04$012345678901234567890uydJq55j67EtdPksopGMnhmoI3F/lxU2")
    #expect(hash.verify(String(repeating: "a", count: 72) + "whatever"))
    #expect(!hash.verify(String(repeating: "a", count: 71)))
  }

  @Test("has a cost")
  func cost() throws {
    #expect(try BcryptHash(Self.admin).cost == 5)
    #expect(try BcryptHash(Self.admin.replacingCost(with: "16")).cost == 16)
  }

  @Test("is refused with a sentence where logins would take minutes", arguments: ["17", "31", "99", "03", "00"])
  func absurdCost(digits: String) throws {
    let text = Self.admin.replacingCost(with: digits)
    let error = #expect(throws: AccessError.self) { try BcryptHash(text) }
    #expect(error?.message.contains("a cost of \(Int(digits) ?? 0)") ?? false)
    #expect(error?.message.contains("e5sRb6") == false)
  }

  @Test(
    "is nothing else",
    arguments: [
      "", "admin", "{SHA}0DPiKuNIrrVmD8IUCuw1hQxNqZc=", "$apr1$lZL6V/ci$eIMz/iKDkbtys/uU7LEK00", "rOO6bPXmRhN3Y",
      "$6$saltsalt$" + String(repeating: "a", count: 86), admin.replacing("$2y$", with: "$2x$"), admin + "S",
      String(admin.dropLast()), admin.replacingCost(with: "5x"), admin.replacing("e5s", with: "e:s"),
      admin.replacing("e5s", with: "e\u{7f}s"), admin.replacing("e5s", with: "és"), "*0", "*1",
      String(repeating: "$2y$05$", count: 9).prefix(60).description,
    ])
  func otherFormats(text: String) {
    #expect(throws: AccessError.self) { try BcryptHash(text) }
  }

  @Test("whose last bits match no password is refused, rather than never matched")
  func damaged() throws {
    #expect(throws: AccessError.self) { try BcryptHash(Self.admin.replacing("1AGu2", with: "1AGv2")) }
    #expect(throws: AccessError.self) { try BcryptHash(Self.admin.dropLast() + "T") }
  }
}

extension String {
  fileprivate func replacingCost(with digits: String) -> String { replacing("$05$", with: "$\(digits)$") }
}
