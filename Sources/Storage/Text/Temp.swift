internal import ChromaModel
struct DocumentRun {
  init?(text: UnsafeRawBufferPointer, offsets: UnsafePointer<UInt32>, present: UnsafePointer<UInt64>, count: Int) {
    nil
  }
}
struct TrigramSignature { static func build(_ run: DocumentRun) -> [UInt32] { [] } }
struct TextPredicate {
  init(contains: String) {}; init(regex: RegularExpression) {};
  func makeEvaluator() -> TextEvaluator { TextEvaluator() }
}
final class TextEvaluator {
  func evaluate(
    _ run: DocumentRun, signature: UnsafeBufferPointer<UInt32>?, restrictedTo: UnsafePointer<UInt64>?,
    into: UnsafeMutablePointer<UInt64>
  ) {}; func matches(_ b: UnsafeBufferPointer<UInt8>) -> Bool { false }
}
