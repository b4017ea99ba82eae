import ArgumentParser

@main
struct MyApp: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "myapp", abstract: "Semantic search and answers over your documents.")
}
