import Foundation

struct ProbeError: Error, Hashable {
  let reason: String
}

/// One GET over a plain blocking socket, with a deadline.
struct HTTPProbe: Sendable {
  let host: String
  let port: Int

  /// The status of `GET path`.
  func status(of path: String, seconds: Int) throws(ProbeError) -> Int {
    let deadline = ContinuousClock.now.advanced(by: .seconds(seconds))
    let socket = try connect(seconds: seconds)
    defer { close(socket) }
    let request = "GET \(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n"
    let sent = Array(request.utf8).withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Self.noSignal) }
    guard sent == request.utf8.count else { throw ProbeError(reason: "could not send") }
    var line: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1024)
    while !line.contains(UInt8(ascii: "\n")), line.count < 4096 {
      guard ContinuousClock.now < deadline else { throw ProbeError(reason: "no answer in \(seconds) s") }
      let count = recv(socket, &buffer, buffer.count, 0)
      guard count > 0 else { throw ProbeError(reason: count == 0 ? "connection closed" : "no answer in \(seconds) s") }
      line += buffer[..<count]
    }
    // HTTP/1.1 200 OK
    let parts = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 2)
    guard parts.count >= 2, parts[0].hasPrefix("HTTP/"), let status = Int(parts[1].prefix(3)) else {
      throw ProbeError(reason: "the answer is not HTTP")
    }
    return status
  }

  /// A socket with timeouts, connected to the first of the host's addresses that takes it.
  private func connect(seconds: Int) throws(ProbeError) -> Int32 {
    var hints = addrinfo()
    #if canImport(Glibc)
      hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    #else
      hints.ai_socktype = SOCK_STREAM
    #endif
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(port), &hints, &list) == 0 else {
      throw ProbeError(reason: "no address of \(host)")
    }
    defer { freeaddrinfo(list) }
    var next = list
    while let address = next?.pointee {
      next = address.ai_next
      let socket = Foundation.socket(address.ai_family, address.ai_socktype, address.ai_protocol)
      guard socket >= 0 else { continue }
      var timeout = timeval(tv_sec: seconds, tv_usec: 0)
      let size = socklen_t(MemoryLayout<timeval>.size)
      setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, size)
      setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &timeout, size)
      if Foundation.connect(socket, address.ai_addr, address.ai_addrlen) == 0 { return socket }
      close(socket)
    }
    throw ProbeError(reason: "nothing listens on \(host):\(port)")
  }

  #if canImport(Glibc)
    private static let noSignal = Int32(MSG_NOSIGNAL)
  #else
    private static let noSignal: Int32 = 0
  #endif
}
