#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An address of IPv4 or IPv6.
package struct IPAddress: Sendable, Hashable {
  /// 4 or 16, in network order. An IPv4 address within IPv6 (`::ffff:192.0.2.1`, as sockets of both kinds report it;
  /// RFC 4291, section 2.5.5.2) is that IPv4 address.
  package let bytes: [UInt8]

  /// - Parameter text: with or without a zone (`fe80::1%eth0`).
  /// - Returns: `nil` for what is no address.
  package init?(_ text: String) {
    guard !text.utf8.contains(0) else { return nil }
    var four = in_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      bytes = withUnsafeBytes(of: four) { Array($0) }
      return
    }
    var six = in6_addr()
    guard inet_pton(AF_INET6, String(text.prefix { $0 != "%" }), &six) == 1 else { return nil }
    let sixteen = withUnsafeBytes(of: six) { Array($0) }
    bytes = sixteen.prefix(12).elementsEqual(Self.mapped) ? Array(sixteen.suffix(4)) : sixteen
  }

  private static let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
}

/// Addresses that count as one where somebody is slowed down: an IPv6 host has a whole /64 to choose from.
package struct AddressGroup: Sendable, Hashable {
  package let text: String

  /// - Parameter address: what is none stands for itself.
  package init(_ address: String) {
    guard let parsed = IPAddress(address) else {
      text = address
      return
    }
    text =
      parsed.bytes.count == 4
      ? parsed.bytes.map(String.init).joined(separator: ".") : Array(parsed.bytes.prefix(8)).hexadecimal
  }
}
