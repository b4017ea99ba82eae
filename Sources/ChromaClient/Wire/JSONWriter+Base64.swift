import ChromaModel

extension JSONWriter {
  /// The numbers as base64 of little-endian Float32, in quotes.
  mutating func writeBase64(_ vector: UnsafeBufferPointer<Float>) {
    #if _endian(big)
      let swapped = vector.map { Float(bitPattern: $0.bitPattern.byteSwapped) }
      swapped.withUnsafeBytes { appendBase64($0) }
    #else
      appendBase64(UnsafeRawBufferPointer(vector))
    #endif
  }

  private mutating func appendBase64(_ input: UnsafeRawBufferPointer) {
    let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    let symbols = alphabet.utf8Start
    let length = (input.count + 2) / 3 * 4 + 2
    bytes.append(
      contentsOf: [UInt8](unsafeUninitializedCapacity: length) { output, count in
        var target = 1
        output[0] = UInt8(ascii: "\"")
        var source = 0
        while source + 3 <= input.count {
          let word = UInt32(input[source]) << 16 | UInt32(input[source + 1]) << 8 | UInt32(input[source + 2])
          output[target] = symbols[Int(word >> 18)]
          output[target + 1] = symbols[Int(word >> 12 & 63)]
          output[target + 2] = symbols[Int(word >> 6 & 63)]
          output[target + 3] = symbols[Int(word & 63)]
          source += 3
          target += 4
        }
        let left = input.count - source
        if left > 0 {
          let word = UInt32(input[source]) << 16 | (left > 1 ? UInt32(input[source + 1]) << 8 : 0)
          output[target] = symbols[Int(word >> 18)]
          output[target + 1] = symbols[Int(word >> 12 & 63)]
          output[target + 2] = left > 1 ? symbols[Int(word >> 6 & 63)] : UInt8(ascii: "=")
          output[target + 3] = UInt8(ascii: "=")
          target += 4
        }
        output[target] = UInt8(ascii: "\"")
        count = target + 1
      })
  }
}
