extension JSONCursor {
  /// A JSON number: `.int` when written without fraction and exponent and within 64 bits, else `.double`.
  mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    let isWhole = try scanNumber()
    let digits = UnsafeBufferPointer(start: start, count: position - start)
    let text = String(decoding: digits, as: UTF8.self)
    // "-0" is the float -0.0 in Chroma, since an integer has no negative zero.
    if isWhole, text != "-0", let whole = Int64(text) { return .int(whole) }
    guard let value = Double(text), value.isFinite else { throw failure("number out of range") }
    return .double(value)
  }

  /// Steps over a number by JSON's grammar.
  /// - Returns: whether it has neither fraction nor exponent.
  private mutating func scanNumber() throws(JSONError) -> Bool {
    func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 <= 9 }
    if position[0] == UInt8(ascii: "-") { position += 1 }
    guard isDigit(position[0]) else { throw failure("invalid number") }
    if position[0] == UInt8(ascii: "0") {
      position += 1
      guard !isDigit(position[0]) else { throw failure("invalid number") }
    } else {
      while isDigit(position[0]) { position += 1 }
    }
    var isWhole = true
    if position[0] == UInt8(ascii: ".") {
      isWhole = false
      position += 1
      guard isDigit(position[0]) else { throw failure("invalid number") }
      while isDigit(position[0]) { position += 1 }
    }
    if position[0] | 0x20 == UInt8(ascii: "e") {
      isWhole = false
      position += 1
      if position[0] == UInt8(ascii: "+") || position[0] == UInt8(ascii: "-") { position += 1 }
      guard isDigit(position[0]) else { throw failure("invalid number") }
      while isDigit(position[0]) { position += 1 }
    }
    return isWhole
  }

  /// A JSON number rounded to the nearest Float32; a number too large for Float32 gives an infinity, one too large
  /// for Float64 is an error, as in Chroma's server.
  ///
  /// Up to 19 digits and powers of ten up to 22 are exact in one Double operation (Clinger, "How to read floating
  /// point numbers accurately", 1990); the Double then rounds to Float unless it lies next to a halfway point, in
  /// which case the text is parsed again in full.
  @inline(__always)
  public mutating func float() throws(JSONError) -> Float {
    let start = position
    var p = position
    let isNegative = p[0] == UInt8(ascii: "-")
    if isNegative { p += 1 }
    var mantissa: UInt64 = 0
    var digits = 0
    var exponent = 0
    var digit = p[0] &- 0x30
    if digit == 0 {
      p += 1
      guard p[0] &- 0x30 > 9 else { throw failure("invalid number") }
    } else {
      guard digit <= 9 else { throw failure("expected a number") }
      repeat {
        mantissa = mantissa &* 10 &+ UInt64(digit)
        digits &+= 1
        p += 1
        digit = p[0] &- 0x30
      } while digit <= 9
    }
    if p[0] == UInt8(ascii: ".") {
      p += 1
      let fraction = p
      if mantissa == 0 { while p[0] == 0x30 { p += 1 } }
      let significant = p
      while p + 8 <= limit, digits &+ (p - significant) <= 11 {
        let word = UnsafeRawPointer(p).loadUnaligned(as: UInt64.self)
        guard Self.isEightDigits(word) else { break }
        mantissa = mantissa &* 100_000_000 &+ Self.eightDigits(word)
        p += 8
      }
      digit = p[0] &- 0x30
      while digit <= 9 {
        mantissa = mantissa &* 10 &+ UInt64(digit)
        p += 1
        digit = p[0] &- 0x30
      }
      guard p > fraction else { throw failure("invalid number") }
      digits &+= p - significant
      exponent = fraction - p
    }
    if p[0] | 0x20 == UInt8(ascii: "e") {
      p += 1
      let isNegativeExponent = p[0] == UInt8(ascii: "-")
      if isNegativeExponent || p[0] == UInt8(ascii: "+") { p += 1 }
      guard p[0] &- 0x30 <= 9 else { throw failure("invalid number") }
      var power = 0
      while p[0] &- 0x30 <= 9 {
        if power < 10_000 { power = power * 10 + Int(p[0] - 0x30) }
        p += 1
      }
      exponent += isNegativeExponent ? -power : power
    }
    position = p
    if digits <= 19, exponent >= -22, exponent <= 22 {
      if mantissa == 0 { return isNegative ? -0.0 : 0 }
      let magnitude =
        exponent < 0
        ? Double(mantissa) / Self.powersOfTen[-exponent] : Double(mantissa) * Self.powersOfTen[exponent]
      // The 29 bits that Float drops: next to their middle, two roundings could differ from one.
      let dropped = Int(truncatingIfNeeded: magnitude.bitPattern & 0x1fff_ffff) &- 0x1000_0000
      if dropped > 4 || dropped < -4, magnitude > 1e-37, magnitude < 3.4e38 {
        return isNegative ? -Float(magnitude) : Float(magnitude)
      }
    }
    return try slowFloat(from: start)
  }

  private func slowFloat(from start: UnsafePointer<UInt8>) throws(JSONError) -> Float {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: position - start), as: UTF8.self)
    guard let wide = Double(text), wide.isFinite else { throw failure("number out of range") }
    return Float(text) ?? (wide < 0 ? -.infinity : .infinity)
  }

  @inline(__always)
  private static func isEightDigits(_ word: UInt64) -> Bool {
    ((word & 0xf0f0_f0f0_f0f0_f0f0) | (((word &+ 0x0606_0606_0606_0606) & 0xf0f0_f0f0_f0f0_f0f0) >> 4))
      == 0x3333_3333_3333_3333
  }

  /// Eight ASCII digits to their number with three multiplications (Lemire, "Quickly parsing eight digits", 2018).
  @inline(__always)
  private static func eightDigits(_ word: UInt64) -> UInt64 {
    var value = word &- 0x3030_3030_3030_3030
    value = (value &* 10) &+ (value >> 8)
    let mask: UInt64 = 0x0000_00ff_0000_00ff
    let high = (value & mask) &* 0x000f_4240_0000_0064
    let low = ((value >> 16) & mask) &* 0x0000_2710_0000_0001
    return (high &+ low) >> 32
  }

  private static let powersOfTen: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]
}
