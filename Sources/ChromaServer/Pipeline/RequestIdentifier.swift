import HTTPTypes
import Hummingbird

/// Names one request in logs and in the answer: the client's own `x-request-id`, or a new one.
struct RequestIdentifier: Sendable {
  let text: String

  /// The client's is taken when it is 1 to 128 visible ASCII characters: it goes into logs.
  init(_ request: Request) {
    if let given = request.headers[.requestID], (1...128).contains(given.utf8.count),
      given.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
    {
      text = given
    } else {
      text = Self.random()
    }
  }

  /// 16 hexadecimal digits.
  private static func random() -> String {
    let number = UInt64.random(in: .min ... .max)
    return String(unsafeUninitializedCapacity: 16) { bytes in
      for index in 0..<16 {
        let nibble = UInt8(truncatingIfNeeded: number >> UInt64(60 - 4 * index)) & 15
        bytes[index] = nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
      }
      return 16
    }
  }
}
