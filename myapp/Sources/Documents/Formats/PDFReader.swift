/// Reads PDF through Poppler's `pdftotext`.
///
/// In reading order and not `-layout`: columns follow one another as they are read, and paragraphs are not torn by
/// what stands beside them.
enum PDFReader {
  static func read(
    _ bytes: [UInt8], name: String, limits: DocumentReader.Limits, searchPath: String
  ) async throws(DocumentError) -> SourceText {
    // Viewers take a beginning up to 1,024 bytes late.
    guard bytes.prefix(1024 + 5).containsBytes("%PDF-") else {
      throw .damaged(reason: "\(name) is no PDF: it does not begin with %PDF-")
    }
    let tool = try Tool.pdftotext.locate(in: searchPath)
    let file = try PrivateFile(bytes, name: "file.pdf")
    let bounds = ToolRun.Bounds(bytes: limits.scalars.saturatingTimes(4), seconds: limits.seconds)
    let output = try await ToolRun.run(
      tool, ["-q", "-enc", "UTF-8", "-eol", "unix", file.path, "-"], on: file, bounds: bounds, what: name)
    guard output.status == 0 else { throw await failure(output, tool: tool, file: file, name: name, bounds: bounds) }
    var pages = TextDecoding.split(String(decoding: output.bytes, as: UTF8.self), at: 0x0C)
    // A form feed ends each page.
    if pages.last?.isBlank == true { pages.removeLast() }
    return try PDFText.source(pages.map { TextDecoding.normalize(String($0)) }, name: name, limit: limits.scalars)
  }

  /// `-q` silences what damaged files with a readable text are full of; a second run says what is wrong.
  private static func failure(
    _ output: ToolRun.Output, tool: String, file: PrivateFile, name: String, bounds: ToolRun.Bounds
  ) async -> DocumentError {
    if output.status < 0 { return .damaged(reason: "\(name) is damaged: reading it took too much memory or crashed") }
    let run = try? await ToolRun.run(tool, [file.path, "-"], on: file, bounds: bounds, what: name)
    let messages = run?.messages ?? ""
    if messages.contains("Incorrect password") {
      return .encrypted(reason: "\(name) is encrypted: save it without its password, then add it again")
    }
    if output.status == 3 {
      return .encrypted(reason: "\(name) does not permit its text to be copied")
    }
    let first = messages.lines().first { !$0.isBlank }.map { ": " + $0.prefix(200) } ?? ""
    return .damaged(reason: "\(name) is damaged or no PDF\(first)")
  }
}

extension Sequence<UInt8> {
  /// Whether the ASCII text is among the bytes.
  func containsBytes(_ text: String) -> Bool { Array(self).firstRange(of: Array(text.utf8)) != nil }
}

extension Int {
  func saturatingTimes(_ factor: Int) -> Int {
    let (product, overflows) = multipliedReportingOverflow(by: factor)
    return overflows ? .max : product
  }
}
