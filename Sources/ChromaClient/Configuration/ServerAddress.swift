/// Where a server listens.
public struct ServerAddress: Sendable, Hashable, CustomStringConvertible {
  /// A name or an address; one of IPv6 without brackets.
  public var host: String
  public var port: Int
  /// Over TLS.
  public var isSecure: Bool

  public init(host: String, port: Int, isSecure: Bool = false) {
    self.host = host
    self.port = port
    self.isSecure = isSecure
  }

  /// `http://chroma.internal:80`
  public var url: String { "\(isSecure ? "https" : "http")://\(hostAndPort)" }

  /// `chroma.internal:80`, `[::1]:8000`
  public var hostAndPort: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }

  public var description: String { url }

  /// What a server is asked on when nobody says: inside an Upsun project the web server in front of an app listens on
  /// 80, everywhere else Chroma on 8000.
  static func standardPort(of host: String) -> Int { host.lowercased().hasSuffix(".internal") ? 80 : 8000 }

  /// A host as it may stand in a URL, without the brackets of IPv6; `nil` for anything else: a URL, `host:port`, an
  /// empty text.
  static func host(_ text: String) -> String? {
    var host = Substring(text)
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    let isIPv6 = host.contains("::") || host.count { $0 == ":" } == 7
    let isPlain = host.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
        true
      case UInt8(ascii: ":"): isIPv6
      default: false
      }
    }
    return isPlain && !host.isEmpty ? String(host) : nil
  }
}
