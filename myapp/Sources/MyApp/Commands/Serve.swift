import ArgumentParser
import AsyncHTTPClient
import Foundation
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals

struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serve the page and the JSON API until SIGTERM or SIGINT.",
    discussion: """
      ENVIRONMENT
        PORT, MYAPP_PORT, MYAPP_HOST
            where to listen (127.0.0.1:8080; on a platform 0.0.0.0)
        CHROMA_HOST, CHROMA_PORT, CHROMA_SSL, CHROMA_AUTH_TOKEN
        PLATFORM_RELATIONSHIPS
            where the database is; without any of them it runs in this process
        CHROMA_MODEL_PATH
            directory of the embedding model
        MYAPP_HOME
            directory with web/ and corpus/ (./myapp)
        MYAPP_COLLECTION
            the collection's name (myapp_passages)
        MYAPP_SEED
            false: do not fill a new collection with the sample corpus
        MYAPP_ADMIN_TOKEN
            what uploads and deletions must show; on a platform they are off
            without it
        MYAPP_ALLOW_PRIVATE_URLS
            true: URLs may lead to this machine and its network
        MYAPP_MAX_FILE_MB
            largest upload (20)
        OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_MODEL
        MYAPP_CHAT_TIMEOUT
            a chat model for answers, and most seconds to wait for it (30);
            without one answers are made of the best sentences
        MYAPP_EMBEDDING_MODEL, MYAPP_EMBEDDING_URL
            embed elsewhere, over OpenAI's protocol
        LOG_LEVEL
            trace, debug, info, notice, warning, error, critical

      EXIT STATUS
        0   stopped by a signal
        1   could not listen
        78  a setting that cannot be understood, or a missing model
      """)

  @Option(help: "Address to listen on.") var host: String?
  @Option(help: "Port to listen on; 0 chooses a free one.") var port: Int?

  func validate() throws {
    if let port, !(0...65535).contains(port) { throw ValidationError("--port must be from 0 to 65535") }
  }

  func run() async throws {
    var runtime = try await orExit { try await Runtime.open() }
    if let host { runtime.settings.host = host }
    if let port { runtime.settings.port = port }
    do {
      try await serve(runtime)
    } catch let error as StaticFiles.Missing {
      await runtime.shutdown()
      printError("\(error)")
      throw ExitCode(78)
    } catch {
      await runtime.shutdown()
      printError("cannot serve on \(runtime.settings.host):\(runtime.settings.port): \(Self.reason(error))")
      throw ExitCode(1)
    }
    await runtime.shutdown()
  }

  private static func reason(_ error: any Error) -> String {
    switch (error as? IOError)?.errnoCode {
    case EADDRINUSE: "another process listens there already; choose another --port"
    case EACCES: "this user may not listen there; ports below 1024 need root"
    default: "\(error)"
    }
  }

  private func serve(_ runtime: Runtime) async throws {
    let http = ChatModel.connections(patience: runtime.settings.chat?.patience ?? 0)
    do {
      try await serve(runtime, http)
      try await http.shutdown()
    } catch {
      try? await http.shutdown()
      throw error
    }
  }

  private func serve(_ runtime: Runtime, _ http: HTTPClient) async throws {
    let (settings, logger) = (runtime.settings, runtime.logger)
    let ingestGate = TurnGate(concurrent: settings.limits.concurrent, waiting: settings.limits.waiting)
    let librarian = Librarian(
      client: runtime.client, embedder: runtime.embedder, settings: settings, gate: ingestGate,
      logger: logger)
    let service = Service(
      settings: settings, librarian: librarian, place: runtime.place,
      chat: settings.chat.map { ChatModel(settings: $0, http: http) },
      files: try StaticFiles(directory: settings.home + "/web"), logger: logger,
      ingestGate: ingestGate)
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .notice)
    var application = Application(
      router: makeRouter(service),
      configuration: .init(address: .hostname(settings.host, port: settings.port), serverName: nil),
      onServerRunning: { channel in
        let port = channel.localAddress?.port ?? settings.port
        logger.info(
          "Listening",
          metadata: [
            "url": "http://\(settings.host):\(port)", "database": "\(runtime.place.kind) \(runtime.place.address)",
          ])
      },
      logger: quiet)
    application.addServices(LibrarianService(librarian: librarian))
    try await application.runService(gracefulShutdownSignals: [.sigterm, .sigint])
  }
}

private struct LibrarianService: ServiceLifecycle.Service {
  let librarian: Librarian

  func run() async throws { await cancelWhenGracefulShutdown { await librarian.run() } }
}
