import CCrypt

#if canImport(Glibc)
  import Glibc
#endif

/// A bcrypt hash in the format of crypt(5): `$2y$10$` and 53 characters of salt and digest (Provos and Mazières 1999).
struct BcryptHash: Sendable, Hashable {
  let text: String
  /// Binary logarithm of the number of rounds.
  let cost: Int

  /// At 16 a login already takes three seconds, and twice that for each step up.
  static let costs = 4...16

  /// - Throws: for what is not a bcrypt hash, cannot be one of any password, or is of a cost not in ``costs``.
  init(_ text: String) throws(AccessError) {
    let bytes = Array(text.utf8)
    guard bytes.count == 60, bytes.starts(with: "$2".utf8), "aby".utf8.contains(bytes[2]), bytes[3] == Self.dollar,
      let tens = Self.digit(bytes[4]), let ones = Self.digit(bytes[5]), bytes[6] == Self.dollar,
      bytes[7...].allSatisfy(Self.isBase64)
    else { throw AccessError("the hash is not bcrypt; make one with: htpasswd -nbB user password") }
    cost = tens * 10 + ones
    guard Self.costs.contains(cost) else {
      throw AccessError(
        "the hash has a cost of \(cost), and \(Self.costs.lowerBound) to \(Self.costs.upperBound) are accepted: "
          + "a login would take minutes; make one of 10 with: htpasswd -nbB -C 10 user password")
    }
    // 128 bits of salt and 184 of digest do not fill their last characters: other bits there match no password.
    guard ".Oeu".utf8.contains(bytes[28]), ".CGKOSWaeimquy26".utf8.contains(bytes[59]) else {
      throw AccessError("the hash is damaged: no password matches it; make one with: htpasswd -nbB user password")
    }
    self.text = text
  }

  private static let dollar = UInt8(ascii: "$")

  private static func digit(_ byte: UInt8) -> Int? {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? Int(byte) - 0x30 : nil
  }

  /// `./A-Za-z0-9`
  private static func isBase64(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x2e...0x39, 0x41...0x5a, 0x61...0x7a: true
    default: false
    }
  }

  /// Whether `password` is the one behind this hash. Blocks for as long as the cost asks: 45 ms at 10, twice that at 11.
  ///
  /// A password with a zero byte is never right: libcrypt would not see what stands behind it. Of the rest bcrypt
  /// itself reads 72 bytes.
  func verify(_ password: String) -> Bool {
    guard !password.utf8.contains(0) else { return false }
    // 32 KB, which hold the password's key schedule: zero before and after.
    let size = MemoryLayout<crypt_data>.stride
    let data = UnsafeMutablePointer<crypt_data>.allocate(capacity: 1)
    memset(data, 0, size)
    defer {
      explicit_bzero(data, size)
      data.deallocate()
    }
    // A failure comes as `*0` or `*1`, which no hash begins with.
    guard let result = crypt_r(password, text, data) else { return false }
    let found = UnsafeRawBufferPointer(start: result, count: strlen(result))
    return Self.areEqual(Array(found), Array(text.utf8))
  }

  /// Compares in a time that depends on the lengths alone.
  private static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
