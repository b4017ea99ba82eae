import ArgumentParser

@main
struct Chroma: AsyncParsableCommand {
  /// The version of this program; what `GET /api/v2/version` answers is the version of the API.
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "chroma",
    abstract: "A vector database that speaks Chroma's HTTP API.",
    discussion: """
      Start a server with "chroma run", ask whether one is well with "chroma healthcheck", and see what it is told \
      with "chroma config". "chroma backup" makes backups while it runs, and puts them back. "chroma embeddings fetch" gets the model that myapp embeds texts with.
      """,
    version: version,
    subcommands: [Run.self, Healthcheck.self, Config.self, Backup.self, EmbeddingModel.self])
}
