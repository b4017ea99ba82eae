import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

struct IngestRoutes: Sendable {
  let service: Service

  /// Characters of a file's name, with its folders, and of a topic.
  static let maximumName = 500

  func add(to router: Router<BasicRequestContext>) {
    router.post("/api/ingest") { request, _ in try await file(request) }
    router.post("/api/ingest/urls") { request, _ in try await urls(request) }
  }

  private func file(_ request: Request) async throws -> Response {
    try service.writeGuard.check(request)
    let name = try Self.fileName(try request.query.required("name"))
    let topic = try request.query["topic"].map { try Self.checked($0, "A topic") }
    let limit = service.settings.limits.fileBytes
    if let length = request.headers[.contentLength].flatMap(Int.init), length > limit { throw Self.tooLarge(limit) }
    let library = try await service.library()
    let body: ByteBuffer
    do {
      // A few at a time: each is held in memory whole, and waits for its turn there.
      body = try await service.uploadGate.run(UUID().uuidString) { try await request.body.collect(upTo: limit) }
    } catch is NIOTooManyBytesError {
      throw Self.tooLarge(limit)
    }
    let file = IncomingFile(
      source: name, contentType: request.headers[.contentType], topic: topic, bytes: Array(body.readableBytesView))
    return EventStream.response(service.logger) { send in
      let result = try await service.ingestGate.run(file.source) {
        try await library.ingest(file) { try await send("progress", $0) }
      }
      try await send("result", result)
    }
  }

  private func urls(_ request: Request) async throws -> Response {
    try service.writeGuard.check(request)
    let list = try await request.decode(Wire.URLList.self, upTo: 1 << 20)
    let limit = service.settings.limits.count
    guard !list.urls.isEmpty else { throw WebError.badRequest("urls is empty") }
    guard list.urls.count <= limit else { throw WebError.tooMuch("At most \(limit) addresses at once") }
    let topic = try list.topic.flatMap { $0.isEmpty ? nil : $0 }.map { try Self.checked($0, "A topic") }
    let urls = try list.urls.map { try Self.checked($0, "An address") }
    let library = try await service.library()
    let fetcher = PageFetcher(
      maximumBytes: service.settings.limits.fileBytes, allowsPrivate: service.settings.allowsPrivateURLs)
    return EventStream.response(service.logger) { send in
      for url in urls {
        // A part of a page is the page.
        let source = String(url.prefix { $0 != "#" })
        let result = try await service.ingestGate.run(source) {
          try await ingest(source, topic, library, fetcher) {
            try await send("progress", Wire.About(url: url, value: $0))
          }
        }
        try await send("result", Wire.About(url: url, value: result))
      }
      try await send("done", Wire.Nothing())
    }
  }

  private func ingest(
    _ url: String, _ topic: String?, _ library: Library, _ fetcher: PageFetcher,
    progress: (IngestProgress) async throws -> Void
  ) async throws -> IngestResult {
    try await progress(IngestProgress(stage: .fetching, done: 0, total: 1))
    let page: PageFetcher.Page
    do {
      page = try await fetcher.fetch(url)
    } catch let refusal as PageFetcher.Refusal {
      return IngestResult(source: url, status: .failed, reason: refusal.description)
    }
    // The address that was given: fetched again it is the same document, wherever it redirects.
    let file = IncomingFile(
      source: url, contentType: page.contentType, kind: page.kind, topic: topic, url: page.url, bytes: page.bytes)
    return try await library.ingest(file, progress: progress)
  }

  private static func tooLarge(_ limit: Int) -> WebError {
    .tooMuch("The file is larger than \(limit >> 20) MB; MYAPP_MAX_FILE_MB sets the limit")
  }

  /// Folders and name, without steps upwards: it is a name, never a path that is opened.
  static func fileName(_ text: String) throws(WebError) -> String {
    let parts = try checked(text, "A file's name").split { $0 == "/" || $0 == "\\" }.filter { $0 != "." && $0 != ".." }
    guard !parts.isEmpty else { throw .badRequest("The file has no name") }
    return parts.joined(separator: "/")
  }

  private static func checked(_ text: String, _ what: String) throws(WebError) -> String {
    let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard !trimmed.isEmpty, trimmed.unicodeScalars.count <= maximumName,
      !trimmed.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 })
    else { throw .badRequest("\(what) has 1 to \(maximumName) characters and none that steer a terminal") }
    return trimmed
  }
}
