/// Resolves `%41`; what is no escape stays as it is. `nil` when the result is not UTF-8.
///
/// - Parameter plusIsSpace: as in query strings.
func percentDecoded(_ text: Substring, plusIsSpace: Bool = false) -> String? {
  guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || (plusIsSpace && $0 == UInt8(ascii: "+")) }) else {
    return String(text)
  }
  let input = Array(text.utf8)
  var output: [UInt8] = []
  output.reserveCapacity(input.count)
  var index = 0
  while index < input.count {
    let byte = input[index]
    if byte == UInt8(ascii: "%"), index + 2 < input.count, let high = hexDigit(input[index + 1]),
      let low = hexDigit(input[index + 2])
    {
      output.append(high << 4 | low)
      index += 3
    } else {
      output.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      index += 1
    }
  }
  return String(validating: output, as: UTF8.self)
}

private func hexDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
  default: nil
  }
}
