import ChromaClient
import Crypto
import Documents
import Foundation

/// What every passage of a document says about the document.
struct DocumentFacts: Sendable, Hashable {
  var source: String
  var title: String
  var kind: String
  var topic: String?
  var url: String?
  /// SHA-256 of the bytes that came in.
  var hash: String
  var passages: Int
  /// In Unicode scalars.
  var characters: Int
  var pages: Int?
  /// Seconds since 1970.
  var added: Int

  /// The id of a document's passage: the same source gives the same ids, so that ingesting again replaces.
  static func passageID(source: String, ordinal: Int) -> String {
    "\(digest(Array(source.utf8)).prefix(16))-\(ordinal)"
  }

  static func digest(_ bytes: some DataProtocol) -> String {
    SHA256.hash(data: bytes).map { byte in
      let text = String(byte, radix: 16)
      return byte < 16 ? "0" + text : text
    }.joined()
  }

  func metadata(of passage: Passage) -> MetadataUpdate {
    var metadata: MetadataUpdate = [
      "source": .string(source), "title": .string(title), "kind": .string(kind), "hash": .string(hash),
      "passages": .int(Int64(passages)), "characters": .int(Int64(characters)), "added": .int(Int64(added)),
      "ordinal": .int(Int64(passage.ordinal)), "start": .int(Int64(passage.range.lowerBound)),
      "end": .int(Int64(passage.range.upperBound)), "heading": .string(passage.heading),
      "section": .string(passage.section.joined(separator: StoredPassage.separator)),
    ]
    // Removed when absent: the passage may replace one that had them.
    metadata.updateValue(topic.map(MetadataValue.string), forKey: "topic")
    metadata.updateValue(url.map(MetadataValue.string), forKey: "url")
    metadata.updateValue(pages.map { .int(Int64($0)) }, forKey: "pages")
    metadata.updateValue(passage.page.map { .int(Int64($0)) }, forKey: "page")
    return metadata
  }

  /// From any passage of the document; `nil` for a record that is none of ours.
  init?(_ record: Record) {
    guard let metadata = record.metadata, let source = metadata.text("source"), let hash = metadata.text("hash"),
      let passages = metadata.size("passages"), let characters = metadata.size("characters")
    else { return nil }
    self.source = source
    self.hash = hash
    self.passages = passages
    self.characters = characters
    title = metadata.text("title") ?? source
    kind = metadata.text("kind") ?? FileKind.text.rawValue
    topic = metadata.text("topic")
    url = metadata.text("url")
    pages = metadata.size("pages")
    added = metadata.size("added") ?? 0
  }

  init(
    source: String, title: String, kind: FileKind, topic: String?, url: String?, hash: String, passages: Int,
    characters: Int, pages: Int?, added: Int
  ) {
    self.source = source
    self.title = title
    self.kind = kind.rawValue
    self.topic = topic
    self.url = url
    self.hash = hash
    self.passages = passages
    self.characters = characters
    self.pages = pages
    self.added = added
  }
}
