/// The bytes of a base64 text (RFC 4648, section 4; or 5, for URLs, where padding may be left out).
///
/// - Returns: `nil` for what is none. Bits left over must be zero.
func base64Decoded(_ text: some Sequence<UInt8>, isURL: Bool = false) -> [UInt8]? {
  var bytes: [UInt8] = []
  var bits: UInt32 = 0
  var count = 0
  var digits = 0
  var padding = 0
  for byte in text {
    if byte == UInt8(ascii: "=") {
      padding += 1
      continue
    }
    guard padding == 0, let value = base64Value(byte, isURL) else { return nil }
    bits = bits << 6 | UInt32(value)
    count += 6
    digits += 1
    if count >= 8 {
      count -= 8
      bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      bits &= (1 << UInt32(count)) - 1
    }
  }
  guard count < 6, bits == 0 else { return nil }
  let missing = (4 - digits % 4) % 4
  guard padding == missing || (isURL && padding == 0) else { return nil }
  return bytes
}

private func base64Value(_ byte: UInt8, _ isURL: Bool) -> UInt8? {
  switch byte {
  case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
  case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
  case UInt8(ascii: "+"): isURL ? nil : 62
  case UInt8(ascii: "/"): isURL ? nil : 63
  case UInt8(ascii: "-"): isURL ? 62 : nil
  case UInt8(ascii: "_"): isURL ? 63 : nil
  default: nil
  }
}
