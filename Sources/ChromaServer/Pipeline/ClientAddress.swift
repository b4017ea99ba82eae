import ChromaAccess

/// An IP address or a network of them: `10.0.0.0/8`, `2001:db8::/32`, `127.0.0.1`.
package struct AddressRange: Sendable, Hashable {
  private let bytes: [UInt8]
  private let prefixLength: Int

  /// - Returns: `nil` for what is neither address nor network.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let first = parts.first, let bytes = IPAddress(String(first))?.bytes
    else { return nil }
    var length = bytes.count * 8
    if parts.count == 2 {
      guard let given = Int(parts[1]), (0...length).contains(given) else { return nil }
      length = given
    }
    self.bytes = bytes
    prefixLength = length
  }

  func contains(_ address: String) -> Bool {
    guard let other = IPAddress(address)?.bytes, other.count == bytes.count else { return false }
    for index in 0..<bytes.count {
      let bits = min(8, max(0, prefixLength - index * 8))
      let mask = UInt8(truncatingIfNeeded: 0xff00 >> bits)
      guard bytes[index] & mask == other[index] & mask else { return false }
    }
    return true
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
    guard IPAddress(address) != nil else { return peer }
    if !trusted.contains(where: { $0.contains(address) }) { return address }
  }
  return peer
}
