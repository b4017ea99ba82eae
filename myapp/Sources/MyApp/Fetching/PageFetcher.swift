import AsyncHTTPClient
import Documents
import Foundation
import NIOCore
import NIOHTTP1

/// Fetches what a URL names, and only from the public Internet.
///
/// Every step of a redirect is judged anew; the connection goes to the very address that was judged, so that a name that
/// changes its address in between gains nothing.
struct PageFetcher: Sendable {
  struct Page: Sendable {
    /// After redirects.
    var url: String
    var contentType: String?
    var bytes: [UInt8]

    /// What the sender says it is; where that says nothing, what the path ends in; else a page.
    var kind: FileKind {
      let path = URL(string: url)?.path ?? ""
      return FileKind(fileName: "", contentType: contentType) ?? FileKind(fileName: path) ?? .html
    }
  }

  /// Why a URL gave nothing, in words for whoever gave it.
  struct Refusal: Error, Sendable, Hashable, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
  }

  var maximumBytes: Int
  /// Whether a connection to the address is allowed.
  var allows: @Sendable (NetworkAddress) -> Bool = { $0.isPublic }
  var resolve: @Sendable (String) async -> [NetworkAddress] = NameResolution.addresses
  /// For each step, from the connection to the last byte.
  var seconds: Int64 = 30

  static let redirects = 5

  init(maximumBytes: Int, allowsPrivate: Bool = false) {
    self.maximumBytes = maximumBytes
    if allowsPrivate { allows = { _ in true } }
  }

  /// - Throws: ``Refusal``, or `CancellationError`.
  func fetch(_ text: String) async throws -> Page {
    var target = text
    for _ in 0...Self.redirects {
      let url = try Self.parse(target)
      switch try await step(url) {
      case .page(let page): return page
      case .redirect(let location):
        guard let next = URL(string: location, relativeTo: url)?.absoluteString else {
          throw Refusal("\(target) redirects to something that is no address")
        }
        target = next
      }
    }
    throw Refusal("\(text) redirects more than \(Self.redirects) times")
  }

  private enum Step {
    case page(Page)
    case redirect(String)
  }

  /// - Throws: ``Refusal`` for what is no address of the web, or carries a password, or names this network.
  static func parse(_ text: String) throws(Refusal) -> URL {
    guard let url = URL(string: text.trimmingCharacters(in: .whitespacesAndNewlines)),
      let scheme = url.scheme?.lowercased(),
      ["http", "https"].contains(scheme), let host = url.host, !host.isEmpty
    else { throw Refusal("\(text.prefix(200)) is no address that begins with http:// or https://") }
    guard url.user == nil, url.password == nil else { throw Refusal("an address with a user name is not fetched") }
    return url
  }

  /// Names that belong to the network the service runs in, whatever they resolve to.
  static func isInternal(_ host: String) -> Bool {
    let name = host.lowercased().trimmingCharacters(in: CharacterSet(charactersIn: "."))
    return ["internal", "local", "localhost", "localdomain", "home.arpa"].contains {
      name == $0 || name.hasSuffix("." + $0)
    }
  }

  private func step(_ url: URL) async throws -> Step {
    let host = (url.host ?? "").trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
    let loopback = NetworkAddress(bytes: [127, 0, 0, 1])
    guard !Self.isInternal(host) || allows(loopback) else {
      throw Refusal("\(host) is a name of a private network and is not fetched")
    }
    let addresses: [NetworkAddress]
    if let literal = NetworkAddress(host) { addresses = [literal] } else { addresses = await resolve(host) }
    guard let address = addresses.first else { throw Refusal("\(host) has no address") }
    // One private address among public ones is a trap.
    guard addresses.allSatisfy(allows) else {
      throw Refusal("\(host) is an address of a private network and is not fetched")
    }
    var configuration = HTTPClient.Configuration(
      redirectConfiguration: .disallow,
      timeout: .init(connect: .seconds(5), read: .seconds(seconds)))
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.dnsOverride = [host: address.description]
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    do {
      let step = try await Deadline.run(seconds: Double(seconds)) { try await request(url, client) }
      try await client.shutdown()
      return step
    } catch {
      try? await client.shutdown()
      throw error is CancellationError || error is Refusal ? error : Refusal("\(host): \(Self.reason(error))")
    }
  }

  private func request(_ url: URL, _ client: HTTPClient) async throws -> Step {
    var request = HTTPClientRequest(url: url.absoluteString)
    request.headers.add(name: "Accept", value: "text/html, text/plain, text/markdown, application/pdf, */*;q=0.1")
    request.headers.add(name: "User-Agent", value: "myapp (document ingestion)")
    let response = try await client.execute(request, timeout: .seconds(seconds))
    if (300..<400).contains(response.status.code), let location = response.headers.first(name: "Location") {
      return .redirect(location)
    }
    guard response.status == .ok else { throw Refusal("\(url.absoluteString) answered \(response.status.code)") }
    let body: ByteBuffer
    do {
      body = try await response.body.collect(upTo: maximumBytes)
    } catch is NIOTooManyBytesError {
      throw Refusal("\(url.absoluteString) holds more than \(maximumBytes >> 20) MB")
    }
    return .page(
      Page(
        url: url.absoluteString, contentType: response.headers.first(name: "Content-Type"),
        bytes: Array(body.readableBytesView)))
  }

  private static func reason(_ error: any Error) -> String {
    switch error {
    case let error as HTTPClientError: error.shortDescription
    case let error as Deadline.Passed: "it took longer than \(Int(error.seconds)) s"
    default: "nobody answers there"
    }
  }
}
