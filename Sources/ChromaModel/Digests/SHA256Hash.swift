/// SHA-256 (FIPS 180-4), for telling whether a file is what it was; not for secrets.
///
/// Feed it pieces of any length; 64 bytes of state and one block are all it keeps.
package struct SHA256Hash: Sendable {
  private typealias Words = (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32)

  private static let blockBytes = 64
  private var state: Words = (
    0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19
  )
  /// The start of a block that is not whole yet.
  private var pending: [UInt8] = []
  private var length: UInt64 = 0

  package init() { pending.reserveCapacity(Self.blockBytes) }

  /// In lower-case hexadecimal.
  package static func digest(of bytes: [UInt8]) -> String {
    var hash = SHA256Hash()
    hash.update(bytes)
    return hash.finish()
  }

  package mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

  /// - Complexity: O(*n*), some hundred megabytes a second.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    length &+= UInt64(bytes.count)
    var rest = bytes
    if !pending.isEmpty {
      let taken = min(rest.count, Self.blockBytes - pending.count)
      pending.append(contentsOf: rest[..<taken])
      rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
      guard pending.count == Self.blockBytes else { return }
      pending.withUnsafeBytes { Self.compress($0, into: &state) }
      pending.removeAll(keepingCapacity: true)
    }
    let whole = rest.count & ~(Self.blockBytes - 1)
    Self.compress(UnsafeRawBufferPointer(rebasing: rest[..<whole]), into: &state)
    pending.append(contentsOf: rest[whole...])
  }

  /// The digest in lower-case hexadecimal.
  package consuming func finish() -> String {
    let bits = length &* 8
    var padding: [UInt8] = [0x80]
    while (pending.count + padding.count) % Self.blockBytes != 56 { padding.append(0) }
    for shift in stride(from: 56, through: 0, by: -8) { padding.append(UInt8(truncatingIfNeeded: bits >> shift)) }
    update(padding)
    let words = [state.0, state.1, state.2, state.3, state.4, state.5, state.6, state.7]
    return words.map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
  }

  /// - Parameter blocks: a whole number of blocks, since every load below relies on it.
  private static func compress(_ blocks: UnsafeRawBufferPointer, into state: inout Words) {
    precondition(blocks.count % blockBytes == 0)
    guard let base = blocks.baseAddress else { return }
    constants.withUnsafeBufferPointer { constants in
      guard let k = constants.baseAddress else { return }
      withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { schedule in
        guard let w = schedule.baseAddress else { return }
        for start in stride(from: 0, to: blocks.count, by: blockBytes) {
          expand(base + start, into: w, adding: k)
          mix(w, into: &state)
        }
      }
    }
  }

  /// The message schedule of one block, each word with its round's constant.
  @inline(__always)
  private static func expand(
    _ block: UnsafeRawPointer, into w: UnsafeMutablePointer<UInt32>, adding k: UnsafePointer<UInt32>
  ) {
    for i in 0..<16 { w[i] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: 4 * i, as: UInt32.self)) }
    for i in 16..<64 {
      let (x, y) = (w[i - 15], w[i - 2])
      let s0 = rotate(x, 7) ^ rotate(x, 18) ^ x >> 3
      let s1 = rotate(y, 17) ^ rotate(y, 19) ^ y >> 10
      w[i] = s0 &+ w[i - 16] &+ s1 &+ w[i - 7]
    }
    for i in 0..<64 { w[i] &+= k[i] }
  }

  /// 64 rounds, eight at a time with the variables' names turned instead of their values.
  @inline(__always)
  private static func mix(_ w: UnsafeMutablePointer<UInt32>, into state: inout Words) {
    var (a, b, c, d, e, f, g, h) = state
    for i in stride(from: 0, to: 64, by: 8) {
      round(a, b, c, &d, e, f, g, &h, w[i])
      round(h, a, b, &c, d, e, f, &g, w[i + 1])
      round(g, h, a, &b, c, d, e, &f, w[i + 2])
      round(f, g, h, &a, b, c, d, &e, w[i + 3])
      round(e, f, g, &h, a, b, c, &d, w[i + 4])
      round(d, e, f, &g, h, a, b, &c, w[i + 5])
      round(c, d, e, &f, g, h, a, &b, w[i + 6])
      round(b, c, d, &e, f, g, h, &a, w[i + 7])
    }
    state = (
      state.0 &+ a, state.1 &+ b, state.2 &+ c, state.3 &+ d, state.4 &+ e, state.5 &+ f, state.6 &+ g, state.7 &+ h
    )
  }

  @inline(__always)
  private static func round(
    _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32, _ e: UInt32, _ f: UInt32, _ g: UInt32, _ h: inout UInt32,
    _ word: UInt32
  ) {
    let t1 = h &+ (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) &+ (g ^ (e & (f ^ g))) &+ word
    d = d &+ t1
    h = t1 &+ (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) &+ ((a & b) | (c & (a | b)))
  }

  @inline(__always)
  private static func rotate(_ value: UInt32, _ bits: UInt32) -> UInt32 { value &>> bits | value &<< (32 &- bits) }

  /// The first 32 bits of the fractions of the cube roots of the first 64 primes.
  private static let constants: [UInt32] = [
    0x428A_2F98, 0x7137_4491, 0xB5C0_FBCF, 0xE9B5_DBA5, 0x3956_C25B, 0x59F1_11F1, 0x923F_82A4, 0xAB1C_5ED5,
    0xD807_AA98, 0x1283_5B01, 0x2431_85BE, 0x550C_7DC3, 0x72BE_5D74, 0x80DE_B1FE, 0x9BDC_06A7, 0xC19B_F174,
    0xE49B_69C1, 0xEFBE_4786, 0x0FC1_9DC6, 0x240C_A1CC, 0x2DE9_2C6F, 0x4A74_84AA, 0x5CB0_A9DC, 0x76F9_88DA,
    0x983E_5152, 0xA831_C66D, 0xB003_27C8, 0xBF59_7FC7, 0xC6E0_0BF3, 0xD5A7_9147, 0x06CA_6351, 0x1429_2967,
    0x27B7_0A85, 0x2E1B_2138, 0x4D2C_6DFC, 0x5338_0D13, 0x650A_7354, 0x766A_0ABB, 0x81C2_C92E, 0x9272_2C85,
    0xA2BF_E8A1, 0xA81A_664B, 0xC24B_8B70, 0xC76C_51A3, 0xD192_E819, 0xD699_0624, 0xF40E_3585, 0x106A_A070,
    0x19A4_C116, 0x1E37_6C08, 0x2748_774C, 0x34B0_BCB5, 0x391C_0CB3, 0x4ED8_AA4A, 0x5B9C_CA4F, 0x682E_6FF3,
    0x748F_82EE, 0x78A5_636F, 0x84C8_7814, 0x8CC7_0208, 0x90BE_FFFA, 0xA450_6CEB, 0xBEF9_A3F7, 0xC671_78F2,
  ]
}
