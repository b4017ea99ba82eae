/// What a file's bytes are, told by its name.
public enum FileKind: String, Sendable, Hashable, CaseIterable {
  case markdown, html, text, pdf, docx
}
