import ArgumentParser
import Documents
import Foundation

struct Ingest: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put files and folders into the library.",
    discussion: """
      Reads Markdown, HTML, plain text and CSV, PDF (with pdftotext) and DOCX (with unzip). Folders are read with all below \
      them, but for hidden files; the first folder under PATH becomes the topic unless --topic is given. The environment is \
      that of "myapp serve".

      A document's name is the file's, or for files of a folder their place in it with the folder's own name: "notes/tea.md". \
      A file that is there already and has not changed is left alone; another of the same name replaces it.

      EXIT STATUS
        0   everything is in the library
        1   something is not; each file's line says why
        78  a setting that cannot be understood, or a missing model
      """)

  @Argument(help: "Files and folders.", completion: .file()) var paths: [String]
  @Option(help: "What the documents are about.") var topic: String?

  func run() async throws {
    let runtime = try await orExit { try await Runtime.open() }
    let failures = try await runtime.withLibrary { try await ingest(into: $0) }
    if failures > 0 { throw ExitCode(1) }
  }

  /// - Returns: how many files gave nothing.
  private func ingest(into library: Library) async throws -> Int {
    let files = try FileList(paths: paths)
    var failures = 0
    var counts: [IngestResult.Status: Int] = [:]
    for (place, file) in files.entries.enumerated() {
      let line = ProgressLine(prefix: "[\(place + 1)/\(files.entries.count)] \(file.name)")
      var result = IngestResult(source: file.name, status: .failed)
      do {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file.path), options: .mappedIfSafe)
        let incoming = IncomingFile(source: file.name, topic: topic ?? file.topic, bytes: [UInt8](bytes))
        result = try await library.ingest(incoming) { line.show($0) }
      } catch let error as CocoaError {
        result.reason = error.localizedDescription
      }
      line.end(result)
      counts[result.status, default: 0] += 1
      if result.status == .failed { failures += 1 }
    }
    let order: [IngestResult.Status] = [.added, .updated, .unchanged, .failed]
    var words = order.compactMap { status in counts[status].map { "\($0) \(status.rawValue)" } }
    if files.passedOver > 0 { words.append("\(files.passedOver) of other kinds or hidden passed over") }
    print(words.isEmpty ? "nothing to ingest" : words.joined(separator: ", "))
    return failures
  }
}
