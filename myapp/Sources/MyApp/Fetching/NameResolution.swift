import Dispatch
import Foundation

/// Host names to addresses, as the system resolves them.
enum NameResolution {
  /// All addresses of a name, or the address it is. Empty when there is none.
  static func addresses(of host: String) async -> [NetworkAddress] {
    await withCheckedContinuation { continuation in
      // Blocks for as long as name servers take.
      DispatchQueue.global().async { continuation.resume(returning: resolve(host)) }
    }
  }

  private static func resolve(_ host: String) -> [NetworkAddress] {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    #if canImport(Glibc)
      hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    #else
      hints.ai_socktype = SOCK_STREAM
    #endif
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
    defer { freeaddrinfo(list) }
    var addresses: [NetworkAddress] = []
    var entry = list
    while let current = entry?.pointee {
      if let address = address(current), !addresses.contains(address) { addresses.append(address) }
      entry = current.ai_next
    }
    return addresses
  }

  private static func address(_ entry: addrinfo) -> NetworkAddress? {
    guard let socket = entry.ai_addr else { return nil }
    let raw = UnsafeRawPointer(socket)
    switch entry.ai_family {
    case AF_INET:
      var address = raw.loadUnaligned(as: sockaddr_in.self).sin_addr
      return withUnsafeBytes(of: &address) { NetworkAddress(bytes: [UInt8]($0)) }
    case AF_INET6:
      var address = raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr
      return withUnsafeBytes(of: &address) { NetworkAddress(bytes: [UInt8]($0)) }
    default: return nil
    }
  }
}
