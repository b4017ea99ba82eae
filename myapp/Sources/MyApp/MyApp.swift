import ArgumentParser

/// `myapp`: semantic search and answers over documents in Chroma.
@main
struct MyApp: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "myapp",
    abstract: "Search documents by meaning, and ask them questions.",
    discussion: """
      Keeps passages of documents in Chroma, with vectors of all-MiniLM-L6-v2 computed in this process, and serves a page \
      and a JSON API over them.
      """,
    version: "0.1.0",
    subcommands: [Serve.self, Ingest.self, Eval.self, FetchModel.self],
    defaultSubcommand: Serve.self)
}
