/// Reads Word's DOCX, which is XML in a ZIP archive, through Info-ZIP's `unzip`.
enum DOCXReader {
  static func read(
    _ bytes: [UInt8], name: String, limits: DocumentReader.Limits, searchPath: String
  ) async throws(DocumentError) -> SourceText {
    if bytes.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) {
      throw .encrypted(
        reason: "\(name) is encrypted or of Word before 2007: save it as DOCX without a password, then add it again")
    }
    guard bytes.starts(with: Array("PK".utf8)) else {
      throw .damaged(reason: "\(name) is no DOCX: it does not begin as a ZIP archive does")
    }
    let tool = try Tool.unzip.locate(in: searchPath)
    let file = try PrivateFile(bytes, name: "file.docx")
    // What a small archive unpacks to has no bound of its own.
    let bounds = ToolRun.Bounds(bytes: limits.scalars.saturatingTimes(4), seconds: limits.seconds)
    // A password is given so that none is asked for on the terminal.
    func member(_ path: String) async throws(DocumentError) -> ToolRun.Output {
      try await ToolRun.run(tool, ["-p", "-qq", "-P", "none", file.path, path], on: file, bounds: bounds, what: name)
    }
    let document = try await member("word/document.xml")
    switch document.status {
    case 0, 1: break
    case 11: throw .damaged(reason: "\(name) is no DOCX: the archive holds no word/document.xml")
    case 5, 81, 82: throw .encrypted(reason: "\(name) is encrypted: save it without its password, then add it again")
    default: throw .damaged(reason: "\(name) is damaged: its archive cannot be unpacked")
    }
    let styles = try await member("word/styles.xml")
    return try DOCXText.source(
      document: xml(document.bytes), styles: WordStyles(styles.status <= 1 ? xml(styles.bytes) : ""), name: name,
      limit: limits.scalars)
  }

  private static func xml(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
