/// An IP address or a network of them: `10.0.0.0/8`, `2001:db8::/32`, `127.0.0.1`.
package struct AddressRange: Sendable, Hashable {
  private let bytes: [UInt8]
  private let prefixLength: Int

  /// - Returns: `nil` for what is neither address nor network.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let first = parts.first, let bytes = IPAddress.bytes(String(first)) else { return nil }
    var length = bytes.count * 8
    if parts.count == 2 {
      guard let given = Int(parts[1]), (0...length).contains(given) else { return nil }
      length = given
    }
    self.bytes = bytes
    prefixLength = length
  }

  func contains(_ address: String) -> Bool {
    guard let other = IPAddress.bytes(address), other.count == bytes.count else { return false }
    for index in 0..<bytes.count {
      let bits = min(8, max(0, prefixLength - index * 8))
      let mask = UInt8(truncatingIfNeeded: 0xff00 >> bits)
      guard bytes[index] & mask == other[index] & mask else { return false }
    }
    return true
  }
}

enum IPAddress {
  /// 4 or 16 bytes in network order; an IPv4 address within IPv6 is IPv4. `nil` for what is no address.
  static func bytes(_ text: String) -> [UInt8]? {
    if let four = ipv4(text[...]) { return four }
    guard let sixteen = ipv6(text) else { return nil }
    let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
    return Array(sixteen.prefix(12)) == mapped ? Array(sixteen.suffix(4)) : sixteen
  }

  private static func ipv4(_ text: Substring) -> [UInt8]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var bytes: [UInt8] = []
    for part in parts {
      guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (48...57).contains($0) }),
        let byte = UInt8(part)
      else { return nil }
      bytes.append(byte)
    }
    return bytes
  }

  /// RFC 4291, section 2.2, with or without a zone.
  private static func ipv6(_ text: String) -> [UInt8]? {
    let body = text.prefix { $0 != "%" }
    let halves = body.split(separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
    guard (1...2).contains(halves.count) else { return nil }
    guard let head = groups(halves[0]), let tail = halves.count == 2 ? groups(halves[1]) : [] else { return nil }
    let missing = 16 - head.count - tail.count
    guard halves.count == 2 ? missing >= 2 : missing == 0 else { return nil }
    return head + Array(repeating: 0, count: missing) + tail
  }

  private static func groups(_ text: Substring) -> [UInt8]? {
    guard !text.isEmpty else { return [] }
    var bytes: [UInt8] = []
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if index == parts.count - 1, part.contains(".") {
        guard let four = ipv4(part) else { return nil }
        bytes += four
      } else {
        guard (1...4).contains(part.utf8.count), let group = UInt16(part, radix: 16), part.first != "+" else {
          return nil
        }
        bytes += [UInt8(group >> 8), UInt8(truncatingIfNeeded: group)]
      }
    }
    return bytes.count <= 16 ? bytes : nil
  }
}

/// Where a request comes from: the peer itself, or what trusted proxies say of theirs.
///
/// - Parameters:
///   - peer: the other end of the connection.
///   - forwardedFor: the `X-Forwarded-For` header; each proxy appends its own peer.
/// - Returns: the last address in the chain that is not a trusted proxy: whatever stands before it, anybody could
///   have written.
func clientAddress(peer: String, forwardedFor: String?, trusted: [AddressRange]) -> String {
  guard !trusted.isEmpty, let forwardedFor, trusted.contains(where: { $0.contains(peer) }) else { return peer }
  for part in forwardedFor.split(separator: ",").reversed() {
    let address = String(part.filter { $0 != " " && $0 != "\t" })
    guard IPAddress.bytes(address) != nil else { return peer }
    if !trusted.contains(where: { $0.contains(address) }) { return address }
  }
  return peer
}
