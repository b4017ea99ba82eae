#if canImport(HTTPTestSupport)
  import ChromaModel
  import ChromaTestSupport
  import Foundation
  import HTTPTestSupport
  import HTTPTypes
  import Hummingbird
  import Synchronization
  import Testing

  @testable import Embeddings

  @Suite("Fetching the model")
  struct ModelDownloadTests {
    private let content = [UInt8]((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })

    private var file: ModelFiles.File {
      .init(name: "model.safetensors", size: content.count, digest: SHA256Hash.digest(of: content))
    }

    private func answer(_ asked: StandInServer.Asked, honoursRange: Bool = true) -> Response {
      let start = asked.headers[.range].flatMap { Int($0.dropFirst(6).dropLast()) } ?? 0
      guard honoursRange, start > 0 else {
        return Response(status: .ok, body: .init(byteBuffer: .init(bytes: content)))
      }
      return Response(status: .partialContent, body: .init(byteBuffer: .init(bytes: content[start...])))
    }

    private func download(_ server: StandInServer, _ directory: TemporaryDirectory) -> FileDownload {
      FileDownload(address: server.url + "/model.safetensors", file: file, directory: directory.path)
    }

    @Test("A mirror is a place on the web, a file URL or a path")
    func mirrors() {
      #expect(ModelDownload.Origin("https://example.org/m") == .web("https://example.org/m"))
      #expect(ModelDownload.Origin("file:///srv/m") == .directory("/srv/m"))
      #expect(ModelDownload.Origin("models/m") == .directory("models/m"))
    }

    @Test("A directory with other content is refused, and nothing is copied")
    func wrongDirectory() async throws {
      let (source, target) = (try TemporaryDirectory(), try TemporaryDirectory())
      for name in ["model.safetensors", "vocab.txt"] {
        try Data(content).write(to: URL(fileURLWithPath: source.path + "/" + name))
      }
      await #expect(throws: EmbeddingError.self) {
        try await ModelDownload(into: target.path, from: [.directory(source.path)]).run()
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: target.path).isEmpty)
    }

    @Test("A file appears whole under its name, with progress to its end")
    func whole() async throws {
      let directory = try TemporaryDirectory()
      try await StandInServer.run({ asked, _ in answer(asked) }) { server in
        let last = LastProgress()
        try await download(server, directory).run { last.set($0) }
        #expect(last.value == .init(file: file.name, done: content.count, total: content.count))
      }
      #expect(try Data(contentsOf: URL(fileURLWithPath: directory.path + "/" + file.name)) == Data(content))
      #expect(!FileManager.default.fileExists(atPath: directory.path + "/\(file.name).part"))
    }

    @Test("What broke off is continued where it ended", arguments: [true, false])
    func resumes(honoursRange: Bool) async throws {
      let directory = try TemporaryDirectory()
      try Data(content.prefix(40_000)).write(to: URL(fileURLWithPath: directory.path + "/\(file.name).part"))
      try await StandInServer.run({ asked, _ in answer(asked, honoursRange: honoursRange) }) { server in
        try await download(server, directory).run { _ in }
        #expect(server.asked.map { $0.headers[.range] } == ["bytes=40000-"])
      }
      #expect(try Data(contentsOf: URL(fileURLWithPath: directory.path + "/" + file.name)) == Data(content))
    }

    @Test("Other content is refused and leaves nothing behind")
    func wrongContent() async throws {
      let directory = try TemporaryDirectory()
      let wrong = content.reversed()
      try await StandInServer.run({ _, _ in Response(status: .ok, body: .init(byteBuffer: .init(bytes: wrong))) }) {
        server in
        _ = await #expect(throws: EmbeddingError.self) { try await download(server, directory).run { _ in } }
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
    }

    @Test("A page instead of the file, too long or too short a one: an error that names the address")
    func refusals() async throws {
      let answers: [Response] = [
        .text("gone", status: .notFound), Response(status: .ok, body: .init(byteBuffer: .init(bytes: content + [0]))),
        Response(status: .ok, body: .init(byteBuffer: .init(bytes: content.dropLast()))),
      ]
      for answer in answers {
        let directory = try TemporaryDirectory()
        try await StandInServer.run({ _, _ in answer }) { server in
          let error = await #expect(throws: EmbeddingError.self) { try await download(server, directory).run { _ in } }
          #expect(error?.description.contains(server.url) ?? false)
        }
        #expect(!FileManager.default.fileExists(atPath: directory.path + "/" + file.name))
      }
    }

    @Test("When no origin has it, the error says what each said and what to do")
    func offline() async throws {
      let directory = try TemporaryDirectory()
      let download = ModelDownload(into: directory.path, from: [.web("http://127.0.0.1:1")])
      let error = await #expect(throws: EmbeddingError.self) { try await download.run() }
      #expect(error?.description.contains("http://127.0.0.1:1/vocab.txt") ?? false)
      #expect(error?.description.contains("CHROMA_MODEL_PATH") ?? false)
    }
  }

  private final class LastProgress: Sendable {
    private let stored = Mutex<ModelDownload.Progress?>(nil)

    var value: ModelDownload.Progress? { stored.withLock { $0 } }
    func set(_ progress: ModelDownload.Progress) { stored.withLock { $0 = progress } }
  }
#endif
