import ChromaClient
import Documents
import Foundation

/// A passage as the collection holds it: its text as the document, everything else as metadata.
struct StoredPassage: Sendable, Hashable {
  var id: String
  /// The file's name or its URL.
  var source: String
  var title: String
  /// Headings above the passage, joined.
  var section: String
  /// The line of context that is embedded with the text.
  var heading: String
  var page: Int?
  var ordinal: Int
  /// Where the text stands in its document, in Unicode scalars.
  var start: Int
  var end: Int
  var text: String
  var topic: String?
  var url: String?
  var kind: String

  /// Title and headings, one by one.
  var headings: [String] { heading.components(separatedBy: Self.separator) + [title] }

  static let separator = " › "

  /// `nil` for a record that is none of ours.
  init?(_ record: Record) {
    guard let text = record.document, let metadata = record.metadata, let source = metadata.text("source"),
      let ordinal = metadata.size("ordinal"), let start = metadata.size("start"), let end = metadata.size("end"),
      start <= end, end - start == text.unicodeScalars.count
    else { return nil }
    id = record.id
    self.source = source
    self.ordinal = ordinal
    self.start = start
    self.end = end
    self.text = text
    title = metadata.text("title") ?? source
    section = metadata.text("section") ?? ""
    heading = metadata.text("heading") ?? title
    page = metadata.size("page")
    topic = metadata.text("topic")
    url = metadata.text("url")
    kind = metadata.text("kind") ?? FileKind.text.rawValue
  }
}

extension [String: MetadataValue] {
  func text(_ key: String) -> String? { if case .string(let text)? = self[key] { text } else { nil } }

  /// A number that a count or an offset can be. Anybody may write to the collection: what is out of bounds is not ours, and
  /// would overflow where it is added to.
  func size(_ key: String) -> Int? {
    guard case .int(let whole)? = self[key], (0...Int64(Int32.max)).contains(whole) else { return nil }
    return Int(whole)
  }
}
