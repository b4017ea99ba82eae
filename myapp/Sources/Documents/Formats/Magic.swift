/// Files that tell by their first bytes what they are.
enum Magic {
  private static let beginnings: [(bytes: [UInt8], name: String)] = [
    (Array("%PDF-".utf8), "a PDF"), (Array("PK\u{3}\u{4}".utf8), "a ZIP archive or an Office file"),
    ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "an Office file of before 2007"),
    ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "a PNG picture"), ([0xFF, 0xD8, 0xFF], "a JPEG picture"),
    (Array("GIF8".utf8), "a GIF picture"), ([0x1F, 0x8B, 0x08], "a gzip archive"),
    ([0x7F, 0x45, 0x4C, 0x46], "a program"), (Array("SQLite format 3\0".utf8), "an SQLite database"),
  ]

  /// What the bytes are with an article, when they are known and no text.
  static func name(of bytes: [UInt8]) -> String? { beginnings.first { bytes.starts(with: $0.bytes) }?.name }
}
