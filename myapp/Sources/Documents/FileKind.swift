/// What a file's bytes are, told by its name or by what the sender says of them.
public enum FileKind: String, Sendable, Hashable, CaseIterable {
  case markdown, html, text, pdf, docx

  /// The kind the name's extension stands for; when it stands for none, the kind of the media type.
  ///
  /// - Parameter contentType: as in HTTP, parameters and all: `text/html; charset=utf-8`.
  /// - Returns: `nil` when neither says anything this module reads.
  public init?(fileName: String, contentType: String? = nil) {
    let base = fileName.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? ""
    // ".pdf" is a name without an extension.
    let parts = base.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
    if parts.count > 1, let last = parts.last, let kind = Self.extensions[last.lowercased()] {
      self = kind
      return
    }
    let type = (contentType ?? "").split(separator: ";").first ?? ""
    guard let kind = Self.mediaTypes[type.filter { !$0.isWhitespace }.lowercased()] else { return nil }
    self = kind
  }

  /// Every extension that is read, without its dot, in alphabetical order.
  public static let fileExtensions = extensions.keys.sorted()

  private static let extensions: [String: FileKind] = [
    "md": .markdown, "markdown": .markdown, "mdown": .markdown, "mkd": .markdown,
    "html": .html, "htm": .html, "xhtml": .html,
    "txt": .text, "text": .text, "log": .text, "csv": .text, "tsv": .text, "rst": .text,
    "pdf": .pdf, "docx": .docx,
  ]

  private static let mediaTypes: [String: FileKind] = [
    "text/markdown": .markdown, "text/x-markdown": .markdown,
    "text/html": .html, "application/xhtml+xml": .html,
    "text/plain": .text, "text/csv": .text, "text/tab-separated-values": .text,
    "application/pdf": .pdf, "application/x-pdf": .pdf,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": .docx,
  ]
}
