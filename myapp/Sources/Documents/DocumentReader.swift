public import Foundation

/// Reads files of every ``FileKind`` as plain text with sections.
///
/// No bytes make it trap. PDF and DOCX are read through programs that must be on the search path: `pdftotext` and
/// `unzip`.
public struct DocumentReader: Sendable {
  /// What a file may cost.
  public struct Limits: Sendable, Hashable {
    /// Bytes of the file.
    public var bytes = 50_000_000
    /// Unicode scalars of the text it becomes.
    public var scalars = 20_000_000
    /// Seconds that a program may take for it.
    public var seconds = 30.0

    public init() {}
  }

  public var limits: Limits
  /// Where programs are looked for: directories with colons between them.
  public var searchPath: String

  /// - Parameter searchPath: default: the process's `PATH`.
  public init(limits: Limits = Limits(), searchPath: String? = nil) {
    self.limits = limits
    self.searchPath = searchPath ?? ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
  }

  /// - Parameters:
  ///   - name: the file's name, for errors and where the text has no title.
  ///   - contentType: what the sender says of the bytes, as in HTTP; its charset is believed if the bytes agree.
  public func read(
    _ bytes: Data, name: String, kind: FileKind, contentType: String? = nil
  ) async throws(DocumentError) -> SourceText {
    try await read([UInt8](bytes), name: name, kind: kind, contentType: contentType)
  }

  /// - Parameters: as above.
  public func read(
    _ bytes: [UInt8], name: String, kind: FileKind, contentType: String? = nil
  ) async throws(DocumentError) -> SourceText {
    guard bytes.count <= limits.bytes else { throw .tooLarge(what: name, limit: limits.bytes, unit: "bytes") }
    guard !bytes.isEmpty else { throw .empty(reason: "\(name) is empty") }
    let charset = contentType.flatMap(Self.charset)
    switch kind {
    case .text:
      let text = try TextDecoding.decode(bytes, name: name, charset: charset)
      return try PlainTextReader.read(text, name: name, limit: limits.scalars)
    case .markdown:
      let text = try TextDecoding.decode(bytes, name: name, charset: charset)
      return try MarkdownReader.read(text, name: name, limit: limits.scalars)
    case .html:
      let text = try TextDecoding.decode(bytes, name: name, charset: charset ?? HTMLCharset.declared(in: bytes))
      return try HTMLReader.read(text, name: name, limit: limits.scalars)
    case .pdf: return try await PDFReader.read(bytes, name: name, limits: limits, searchPath: searchPath)
    case .docx: return try await DOCXReader.read(bytes, name: name, limits: limits, searchPath: searchPath)
    }
  }

  /// The charset of a content type: `text/html; charset="utf-8"`.
  static func charset(of contentType: String) -> String? {
    for parameter in contentType.split(separator: ";").dropFirst() {
      let parts = parameter.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, parts[0].filter({ !$0.isWhitespace }).lowercased() == "charset" else { continue }
      return parts[1].trimmingCharacters(in: CharacterSet(charactersIn: " \t\"'"))
    }
    return nil
  }
}
