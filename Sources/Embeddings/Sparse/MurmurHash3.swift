/// MurmurHash3, x86, 32 bits, seed 0.
///
/// Source: Austin Appleby, smhasher, MurmurHash3.cpp (public domain).
enum MurmurHash3 {
  static func hash(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var state: UInt32 = 0
    var block: UInt32 = 0
    var count: UInt32 = 0
    for byte in bytes {
      block |= UInt32(byte) << ((count & 3) * 8)
      count &+= 1
      if count & 3 == 0 {
        state = rotate(state ^ scramble(block), by: 13) &* 5 &+ 0xE654_6B64
        block = 0
      }
    }
    // With no byte left over the block is 0, which scrambles to 0.
    state ^= scramble(block) ^ count
    state = (state ^ (state >> 16)) &* 0x85EB_CA6B
    state = (state ^ (state >> 13)) &* 0xC2B2_AE35
    return state ^ (state >> 16)
  }

  private static func scramble(_ block: UInt32) -> UInt32 { rotate(block &* 0xCC9E_2D51, by: 15) &* 0x1B87_3593 }

  private static func rotate(_ value: UInt32, by bits: UInt32) -> UInt32 { value << bits | value >> (32 - bits) }
}
