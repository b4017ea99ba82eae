/// A record's id as a dictionary key: equal by code points, where Swift's own string equality would hold composed and
/// decomposed letters equal.
struct RecordKey: Hashable {
  let id: String

  init(_ id: String) { self.id = id }

  static func == (left: RecordKey, right: RecordKey) -> Bool { left.id.utf8.elementsEqual(right.id.utf8) }

  func hash(into hasher: inout Hasher) {
    var id = id
    id.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}
