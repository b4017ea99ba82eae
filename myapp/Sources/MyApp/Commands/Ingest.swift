import ArgumentParser
import Documents
import Foundation

struct Ingest: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put files and folders into the library.",
    discussion: """
      Reads Markdown, HTML, plain text, PDF (with pdftotext) and DOCX (with unzip). A file that is there already and has \
      not changed is passed over; another file of the same name replaces it. Folders are read with all below them; the first \
      folder under PATH becomes the topic unless --topic is given. The environment is that of "myapp serve".

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
      if result.status == .failed { failures += 1 }
    }
    return failures
  }
}
