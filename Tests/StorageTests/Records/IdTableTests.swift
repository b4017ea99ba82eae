import ChromaTestSupport
import Testing

@testable import Storage

@Suite("From id to row")
struct IdTableTests {
  @Test("Random inserts, replacements and removals agree with a dictionary", arguments: [UInt64(11), 12])
  func agreesWithDictionary(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var table = IdTable()
    var model: [String: Int] = [:]
    var idOfRow: [Int: String] = [:]
    var nextRow = 0
    func hash(_ id: String) -> UInt32 {
      var id = id
      return id.withUTF8 { table.hash(UnsafeRawBufferPointer($0)) }
    }
    for _ in 0..<50_000 {
      let id = "id\(Int.random(in: 0..<3_000, using: &generator))"
      let found = table.row(hash: hash(id)) { idOfRow[$0] == id }
      #expect(found == model[id])
      switch (found, Int.random(in: 0..<3, using: &generator)) {
      case (let row?, 0):
        table.remove(hash: hash(id), row: row)
        model[id] = nil
      case (let row?, _):
        idOfRow[nextRow] = id
        table.replace(hash: hash(id), row: row, with: nextRow)
        model[id] = nextRow
        nextRow += 1
      case (nil, _):
        idOfRow[nextRow] = id
        table.insert(hash: hash(id), row: nextRow)
        model[id] = nextRow
        nextRow += 1
      }
      #expect(table.count == model.count)
    }
  }
}
