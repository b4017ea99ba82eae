package import ChromaModel
import Synchronization

/// A report that is given, and a shortage that is declared: what the server's routes are tested on.
package final class FixedMemory: MemoryAPI {
  private let report: MemoryReport
  private let isShort = Mutex(false)

  package init(_ report: MemoryReport) { self.report = report }

  package func setShort(_ value: Bool) { isShort.withLock { $0 = value } }

  package func memory() async throws(ChromaError) -> MemoryReport { report }
  package var isShortOfMemory: Bool { isShort.withLock { $0 } }
}

extension MemoryReport {
  /// Of one collection, with a number of its own for each kind.
  package static var example: MemoryReport {
    var kinds = CollectionMemory.Kinds()
    kinds.vectors = 1
    kinds.vectorsMapped = 2
    kinds.codes = 4
    kinds.links = 8
    kinds.recentRecords = 16
    kinds.blocks = 32
    kinds.blocksMapped = 64
    kinds.ids = 128
    kinds.database = 256
    let collection = CollectionMemory(
      id: Identifier("6f9619ff-8b86-4011-b42d-00cf4fc964ff") ?? .zero, name: "things",
      path: DatabasePath(tenant: "acme", database: "main"), rows: 10, deadRows: 3, bytes: kinds)
    return MemoryReport(
      budget: 1_000, anonymous: 700, mapped: 90, freeHeap: 50, heldWrites: 2, collections: [collection])
  }
}
