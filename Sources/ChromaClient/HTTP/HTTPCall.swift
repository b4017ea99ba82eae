import NIOCore
import NIOHTTP1

/// One request, as often as it is sent.
struct HTTPCall: Sendable, CustomStringConvertible {
  var method: HTTPMethod
  var path: HTTPPath
  var body: ByteBuffer?
  /// Whether it does no harm when it is carried out twice: then it is sent again when the connection broke and nobody
  /// knows whether it was carried out.
  var isRepeatable: Bool
  /// A deletion: what is missing at a repeat was deleted by the attempt that broke.
  var missingIsDone = false

  /// `GET /api/v2/heartbeat`
  var description: String { "\(method.rawValue) \(path)" }

  static func get(_ path: HTTPPath) -> HTTPCall { HTTPCall(method: .GET, path: path, isRepeatable: true) }

  static func post(_ path: HTTPPath, _ body: ByteBuffer? = nil, isRepeatable: Bool) -> HTTPCall {
    HTTPCall(method: .POST, path: path, body: body, isRepeatable: isRepeatable)
  }

  static func put(_ path: HTTPPath, _ body: ByteBuffer) -> HTTPCall {
    HTTPCall(method: .PUT, path: path, body: body, isRepeatable: true)
  }

  static func patch(_ path: HTTPPath, _ body: ByteBuffer) -> HTTPCall {
    HTTPCall(method: .PATCH, path: path, body: body, isRepeatable: true)
  }

  static func delete(_ path: HTTPPath) -> HTTPCall {
    HTTPCall(method: .DELETE, path: path, isRepeatable: true, missingIsDone: true)
  }
}

/// The path of a request, put together from names that may hold anything.
struct HTTPPath: Sendable, Hashable, CustomStringConvertible {
  private(set) var description = "/api/v2"

  func appending(_ names: String...) -> HTTPPath {
    var path = self
    for name in names { path.description += "/" + Self.encoded(name) }
    return path
  }

  /// Adds those that are not `nil`.
  func query(_ items: (name: String, value: Int?)...) -> HTTPPath {
    var path = self
    for case (let name, let value?) in items {
      path.description += "\(path.description.contains("?") ? "&" : "?")\(name)=\(value)"
    }
    return path
  }

  /// Every byte but the unreserved ones (RFC 3986, section 2.3) as `%41`; the names `.` and `..` too, which are steps
  /// in a path.
  private static func encoded(_ name: String) -> String {
    let isStep = name == "." || name == ".."
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(name.utf8.count)
    for byte in name.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "~"):
        bytes.append(byte)
      case UInt8(ascii: ".") where !isStep: bytes.append(byte)
      default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
