import Documents
import HTTPTestSupport
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization
import Testing

@testable import myapp

@Suite("Fetching pages")
struct PageFetcherTests {
  /// Takes this machine's first address for a public one, so that a stand-in can play the Internet.
  private func fetcher(
    maximumBytes: Int = 1 << 20, resolve: (@Sendable (String) async -> [NetworkAddress])? = nil
  ) -> PageFetcher {
    var fetcher = PageFetcher(maximumBytes: maximumBytes)
    fetcher.allows = { $0 == NetworkAddress("127.0.0.1") || $0.isPublic }
    fetcher.seconds = 120
    if let resolve { fetcher.resolve = resolve }
    return fetcher
  }

  private func words(_ fetch: () async throws -> PageFetcher.Page) async -> String {
    do {
      _ = try await fetch()
      return "fetched"
    } catch {
      return "\(error)"
    }
  }

  @Test("A page comes with its type and where it was found in the end")
  func page() async throws {
    try await StandInServer.run({ asked, _ in
      asked.target == "/a"
        ? Response(status: .found, headers: [.location: "/b?x=1"]) : .text("<p>Hello</p>", type: "text/html")
    }) { (server) async throws in
      let page = try await fetcher().fetch(server.url + "/a")
      #expect(page.bytes == Array("<p>Hello</p>".utf8) && page.contentType == "text/html")
      #expect(page.url == server.url + "/b?x=1")
    }
  }

  @Test(
    "What leads into a private network is refused",
    arguments: [
      "http://127.0.0.2/", "http://localhost/", "http://[::1]/", "http://chroma.internal/", "http://printer.local./",
      "http://169.254.169.254/latest/meta-data", "http://2130706434/", "http://[::ffff:10.0.0.1]/",
    ])
  func privateNetworks(target: String) async throws {
    var strict = PageFetcher(maximumBytes: 100)
    strict.seconds = 120
    #expect(await words { try await strict.fetch(target) }.contains("private network"), "\(target)")
  }

  @Test(
    "So it is behind a redirect",
    arguments: [
      "http://127.0.0.2/", "http://[::1]/", "http://169.254.169.254/latest/meta-data", "http://2130706434/",
      "//10.0.0.1/",
    ])
  func redirects(target: String) async throws {
    try await StandInServer.run({ _, _ in Response(status: .found, headers: [.location: target]) }) {
      (server) async throws in
      #expect(await words { try await fetcher().fetch(server.url) }.contains("private network"), "\(target)")
      #expect(server.asked.count == 1)
    }
  }

  @Test("A name that changes its address after it was judged is fetched from the one that was judged")
  func rebinding() async throws {
    let calls = Mutex(0)
    try await StandInServer.run({ _, _ in .text("judged") }) { (server) async throws in
      let fetcher = fetcher(resolve: { _ in
        let number = calls.withLock { calls in
          calls += 1
          return calls
        }
        return [NetworkAddress(bytes: [127, 0, 0, UInt8(number)])]
      })
      let page = try await fetcher.fetch("http://example.test:\(server.port)/")
      #expect(page.bytes == Array("judged".utf8))
      #expect(calls.withLock { $0 } == 1, "asked once for the step")
    }
  }

  @Test("What a page is, its sender says before its name does")
  func kinds() {
    func kind(_ url: String, _ type: String?) -> String {
      PageFetcher.Page(url: url, contentType: type, bytes: []).kind.rawValue
    }
    #expect(kind("https://www.gov.md/", "text/html; charset=utf-8") == "html")
    #expect(kind("https://x.org/view?file=a.pdf", "text/html") == "html")
    #expect(kind("https://x.org/a.pdf", nil) == "pdf")
    #expect(kind("https://x.org/a.pdf?x=1", "application/octet-stream") == "pdf")
    #expect(kind("https://x.org/", nil) == "html")
  }

  @Test("One private address among public ones is enough to refuse")
  func mixed() async throws {
    let fetcher = fetcher(resolve: { _ in ["127.0.0.1", "10.0.0.1"].compactMap { NetworkAddress($0) } })
    #expect(await words { try await fetcher.fetch("http://example.test/") }.contains("private network"))
  }

  @Test("Too much, too many steps, errors and what is no address are refused in words")
  func refusals() async throws {
    try await StandInServer.run({ asked, _ in
      switch asked.target {
      case "/big": .text(String(repeating: "x", count: 5000))
      case "/loop": Response(status: .movedPermanently, headers: [.location: "/loop"])
      default: .text("", status: .notFound)
      }
    }) { (server) async throws in
      #expect(await words { try await fetcher(maximumBytes: 100).fetch(server.url + "/big") }.contains("holds more"))
      #expect(await words { try await fetcher().fetch(server.url + "/loop") }.contains("more than 5 times"))
      #expect(await words { try await fetcher().fetch(server.url + "/none") }.contains("404"))
    }
    for text in [
      "", "ftp://example.org/", "javascript:alert(1)", "file:///etc/passwd", "http://", "http://user:pw@example.org/",
    ] {
      #expect(throws: PageFetcher.Refusal.self) { try PageFetcher.parse(text) }
    }
    #expect(await words { try await fetcher().fetch("http://127.0.0.1:1/") }.contains("127.0.0.1"))
  }
}
