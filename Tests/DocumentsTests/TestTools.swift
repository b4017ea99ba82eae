import Testing

@testable import Documents

/// Programs that some readers need, for tests that cannot do without.
enum TestTools {
  static let searchPath = DocumentReader().searchPath
  static let hasPDFToText = (try? Tool.pdftotext.locate(in: searchPath)) != nil
  static let hasUnzip = (try? Tool.unzip.locate(in: searchPath)) != nil
  static let needsPDFToText: Comment = "needs pdftotext: apt-get install poppler-utils"
  static let needsUnzip: Comment = "needs unzip: apt-get install unzip"
}
