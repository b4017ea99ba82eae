#if canImport(AsyncHTTPClient)
  import AsyncHTTPClient
  import ChromaModel
  import Foundation
  import NIOCore
  import NIOHTTP1

  /// One file from the web, continued where an earlier attempt broke off.
  struct FileDownload: Sendable {
    var address: String
    var file: ModelFiles.File
    var directory: String

    /// Seconds in which nothing comes before it is given up.
    private static let patience: Int64 = 30

    private var path: String { directory + "/" + file.name }
    private var partPath: String { path + ".part" }

    func run(_ progress: @Sendable (ModelDownload.Progress) -> Void) async throws {
      var configuration = HTTPClient.Configuration(
        redirectConfiguration: .follow(max: 5, allowCycles: false),
        timeout: .init(connect: .seconds(10), read: .seconds(Self.patience)))
      // There are other origins to try.
      configuration.connectionPool.retryConnectionEstablishment = false
      let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
      do {
        try await transfer(client, progress)
        try await client.shutdown()
      } catch {
        try? await client.shutdown()
        throw error
      }
      try settle()
    }

    private func transfer(_ client: HTTPClient, _ progress: @Sendable (ModelDownload.Progress) -> Void) async throws {
      let have = (try? FileManager.default.attributesOfItem(atPath: partPath)[.size] as? Int) ?? 0
      if have == file.size { return }
      var done = 0
      var request = HTTPClientRequest(url: address)
      // A part that is longer than the file is of another one.
      let start = have < file.size ? have : 0
      if start > 0 { request.headers.add(name: "Range", value: "bytes=\(start)-") }
      do {
        let response = try await client.execute(request, deadline: .now() + .hours(2))
        let continues = response.status == .partialContent && start > 0
        guard response.status == .ok || continues else { throw problem("answered \(response.status.code)") }
        let handle = try open(from: continues ? start : 0)
        defer { try? handle.close() }
        done = continues ? start : 0
        for try await buffer in response.body {
          done += buffer.readableBytes
          guard done <= file.size else { throw problem("holds more than the \(file.size) bytes of \(file.name)") }
          try handle.write(contentsOf: Data(buffer.readableBytesView))
          progress(.init(file: file.name, done: done, total: file.size))
        }
        try handle.synchronize()
        guard done == file.size else {
          throw problem("ended after \(done) of \(file.size) bytes; fetch again to continue")
        }
      } catch let error as EmbeddingError {
        throw error
      } catch is CancellationError {
        throw CancellationError()
      } catch let error as CocoaError {
        throw EmbeddingError.unreadable(path: partPath, reason: error.localizedDescription)
      } catch {
        guard done == 0 else { throw problem("broke off after \(done) of \(file.size) bytes; fetch again to continue") }
        throw problem((error as? HTTPClientError)?.shortDescription ?? "cannot be reached")
      }
    }

    /// The part, cut to `offset` bytes, to be written on.
    private func open(from offset: Int) throws -> FileHandle {
      if !FileManager.default.fileExists(atPath: partPath) {
        guard FileManager.default.createFile(atPath: partPath, contents: nil) else {
          throw EmbeddingError.unreadable(path: partPath, reason: "it cannot be written")
        }
      }
      let handle = try FileHandle(forUpdating: URL(fileURLWithPath: partPath))
      try handle.truncate(atOffset: UInt64(offset))
      try handle.seek(toOffset: UInt64(offset))
      return handle
    }

    /// Gives the part its name, or removes it when it is something else.
    private func settle() throws(EmbeddingError) {
      let found = try SHA256Hash.digest(ofFile: partPath)
      guard found == file.digest else {
        try? FileManager.default.removeItem(atPath: partPath)
        throw .wrongChecksum(path: address, expected: file.digest, found: found)
      }
      guard rename(partPath, path) == 0 else {
        throw .unreadable(path: path, reason: String(cString: strerror(errno)))
      }
    }

    private func problem(_ reason: String) -> EmbeddingError { .service(url: address, reason: reason) }
  }
#endif
