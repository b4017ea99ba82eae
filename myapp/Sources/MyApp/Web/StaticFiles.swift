import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The page's own files, read once.
struct StaticFiles: Sendable {
  private struct File: Sendable {
    var type: String
    var bytes: ByteBuffer
    var tag: String
  }

  struct Missing: Error, CustomStringConvertible {
    var directory: String
    var description: String {
      "no web pages in \(directory): set MYAPP_HOME to the directory that holds web/ and corpus/"
    }
  }

  private let files: [String: File]

  private static let types = [
    "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml", "json": "application/json; charset=utf-8",
  ]

  /// - Parameter directory: files of known kinds in it, not below it.
  init(directory: String) throws {
    var files: [String: File] = [:]
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    for name in names {
      guard let type = name.split(separator: ".").last.flatMap({ Self.types[String($0)] }) else { continue }
      let bytes = try Data(contentsOf: URL(fileURLWithPath: directory + "/" + name))
      files[name] = File(
        type: type, bytes: ByteBuffer(bytes: bytes), tag: "\"\(DocumentFacts.digest(bytes).prefix(16))\"")
    }
    guard files["index.html"] != nil else { throw Missing(directory: directory) }
    self.files = files
  }

  /// - Throws: ``WebError`` when there is none of that name.
  func response(_ name: String, for request: Request) throws(WebError) -> Response {
    guard let file = files[name] else { throw .notFound("There is no page \(name)") }
    let headers: HTTPFields = [.eTag: file.tag, .cacheControl: "no-cache", .contentType: file.type]
    if request.headers[.ifNoneMatch] == file.tag { return Response(status: .notModified, headers: headers) }
    return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: file.bytes))
  }
}
