import CCrypt

#if canImport(Glibc)
  import Glibc
#endif

/// A bcrypt hash in the format of crypt(5): `$2y$10$` and 53 characters of salt and digest (Provos and Mazières 1999).
struct BcryptHash: Sendable, Hashable {
  let text: String
  /// Binary logarithm of the number of rounds.
  let cost: Int

  /// What an account may cost at most: at 16 one login takes seconds.
  static let costs = 4...16

  /// - Returns: `nil` for what is not a bcrypt hash, or one of a cost not in ``costs``.
  init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 60, bytes.starts(with: "$2".utf8), [0x61, 0x62, 0x79].contains(bytes[2]), bytes[3] == 0x24,
      let tens = Self.digit(bytes[4]), let ones = Self.digit(bytes[5]), bytes[6] == 0x24,
      bytes[7...].allSatisfy(Self.isBase64)
    else { return nil }
    cost = tens * 10 + ones
    guard Self.costs.contains(cost) else { return nil }
    self.text = text
  }

  private static func digit(_ byte: UInt8) -> Int? { (0x30...0x39).contains(byte) ? Int(byte) - 0x30 : nil }

  /// `./A-Za-z0-9`
  private static func isBase64(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x2e...0x39, 0x41...0x5a, 0x61...0x7a: true
    default: false
    }
  }

  /// Whether `password` is the one behind this hash. Blocks for as long as the cost asks: 45 ms at 10, twice that at 11.
  ///
  /// A password with a zero byte is never right: libcrypt would not see what stands behind it. Beyond 72 bytes bcrypt itself reads nothing.
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
    guard let result = crypt_r(password, text, data) else { return false }
    return constantTimeEqual(
      Array(UnsafeBufferPointer(start: result, count: strlen(result)).map(UInt8.init(bitPattern:))), Array(text.utf8))
  }
}

/// Compares in a time that depends on the lengths alone.
func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
  guard left.count == right.count else { return false }
  var difference: UInt8 = 0
  for index in left.indices { difference |= left[index] ^ right[index] }
  return difference == 0
}
