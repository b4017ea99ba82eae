import ChromaTestSupport
import Testing

@testable import Storage

@Suite("Sets of rows")
struct RowBitmapTests {
  @Test("Random changes agree with a set, and copies do not change with them", arguments: [UInt64(21)])
  func agreesWithSet(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var bitmap = RowBitmap()
    var model: Set<Int> = []
    var copies: [(RowBitmap, Set<Int>)] = []
    for step in 0..<20_000 {
      let row = Int.random(in: 0..<200_000, using: &generator)
      if Bool.random(using: &generator) {
        bitmap.insert(row)
        model.insert(row)
      } else {
        bitmap.remove(row)
        model.remove(row)
      }
      if step % 4_000 == 0 { copies.append((bitmap, model)) }
    }
    copies.append((bitmap, model))
    for (bitmap, model) in copies {
      var rows: [Int] = []
      bitmap.forEach { rows.append($0) }
      #expect(rows == model.sorted())
      #expect(bitmap.count == model.count)
      let bytes = bitmap.segmentBytes(rowCount: 200_000)
      let back = try bytes.withUnsafeBytes { try RowBitmap(segmentBytes: $0, rowCount: 200_000, path: "") }
      #expect(back.count == model.count)
    }
  }
}
