#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A numeric address, and whether it belongs to the public Internet.
struct NetworkAddress: Sendable, Hashable, CustomStringConvertible {
  /// 4 or 16 bytes.
  let bytes: [UInt8]

  init(bytes: [UInt8]) { self.bytes = bytes }

  /// - Parameter text: `192.0.2.1` or `2001:db8::1`; `nil` for anything else.
  init?(_ text: String) {
    var v4 = in_addr()
    var v6 = in6_addr()
    if inet_pton(AF_INET, text, &v4) == 1 {
      bytes = withUnsafeBytes(of: &v4) { [UInt8]($0) }
    } else if inet_pton(AF_INET6, text, &v6) == 1 {
      bytes = withUnsafeBytes(of: &v6) { [UInt8]($0) }
    } else {
      return nil
    }
  }

  var description: String {
    if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
    return stride(from: 0, to: bytes.count, by: 2).map { place in
      String(UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1]), radix: 16)
    }.joined(separator: ":")
  }

  /// Not this machine, not its network, not a multicast group, nothing reserved. An IPv6 address that carries an IPv4
  /// address is judged by that.
  var isPublic: Bool {
    guard bytes.count == 16 else { return bytes.count == 4 && !Self.reserved4.contains { $0.contains(bytes) } }
    if let carried { return NetworkAddress(bytes: carried).isPublic }
    return Block("2000::", 3).contains(bytes) && !Self.reserved6.contains { $0.contains(bytes) }
  }

  /// The IPv4 address in an IPv6 one: mapped, translated (RFC 6052) or 6to4 (RFC 3056).
  private var carried: [UInt8]? {
    if Block("::ffff:0:0", 96).contains(bytes) || Block("64:ff9b::", 96).contains(bytes) { return Array(bytes[12...]) }
    if Block("2002::", 16).contains(bytes) { return Array(bytes[2..<6]) }
    return nil
  }

  private struct Block: Sendable {
    var network: [UInt8]
    var length: Int

    init(_ text: String, _ length: Int) {
      network = NetworkAddress(text)?.bytes ?? []
      self.length = length
    }

    func contains(_ bytes: [UInt8]) -> Bool {
      guard bytes.count == network.count else { return false }
      return (0..<length).allSatisfy { bit in
        (bytes[bit / 8] ^ network[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
      }
    }
  }

  /// IANA's special-purpose registries (RFC 6890), and multicast.
  private static let reserved4 = [
    Block("0.0.0.0", 8), Block("10.0.0.0", 8), Block("100.64.0.0", 10), Block("127.0.0.0", 8), Block("169.254.0.0", 16),
    Block("172.16.0.0", 12), Block("192.0.0.0", 24), Block("192.0.2.0", 24), Block("192.88.99.0", 24),
    Block("192.168.0.0", 16), Block("198.18.0.0", 15), Block("198.51.100.0", 24), Block("203.0.113.0", 24),
    Block("224.0.0.0", 4), Block("240.0.0.0", 4),
  ]
  private static let reserved6 = [Block("2001::", 23), Block("2001:db8::", 32), Block("3fff::", 20)]
}
