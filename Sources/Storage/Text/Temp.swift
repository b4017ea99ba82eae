internal import ChromaModel
struct DocumentRun {
  let text: UnsafeRawBufferPointer, offsets: UnsafePointer<UInt32>, present: UnsafePointer<UInt64>, count: Int
  init?(text: UnsafeRawBufferPointer, offsets: UnsafePointer<UInt32>, present: UnsafePointer<UInt64>, count: Int) {
    self.text = text; self.offsets = offsets; self.present = present; self.count = count
  }
}
struct TrigramSignature { static func build(_ run: DocumentRun) -> [UInt32] { [] } }
struct TextPredicate {
  var s: String?; init(contains: String) { s = contains }; init(regex: RegularExpression) {};
  func makeEvaluator() -> TextEvaluator { TextEvaluator(s) }
}
final class TextEvaluator {
  let s: String?; init(_ s: String?) { self.s = s }
  func evaluate(
    _ run: DocumentRun, signature: UnsafeBufferPointer<UInt32>?, restrictedTo: UnsafePointer<UInt64>?,
    into: UnsafeMutablePointer<UInt64>
  ) {
    for r in 0..<run.count where run.present[r >> 6] >> UInt64(r & 63) & 1 != 0 {
      let b = UnsafeRawBufferPointer(rebasing: run.text[Int(run.offsets[r])..<Int(run.offsets[r + 1])]);
      if b.withMemoryRebound(to: UInt8.self, { matches($0) }) { into[r >> 6] |= 1 << UInt64(r & 63) }
    }
  }
  func matches(_ b: UnsafeBufferPointer<UInt8>) -> Bool {
    DocumentTest.contains(s ?? "").matches(String(decoding: b, as: UTF8.self))
  }
}
