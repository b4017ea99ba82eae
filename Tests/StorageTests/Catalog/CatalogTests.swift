import ChromaModel
import ChromaTestSupport
import Testing

@testable import Storage

@Suite("The catalogue")
struct CatalogTests {
  private func info(_ name: String, in path: DatabasePath = DatabasePath()) -> CollectionInfo {
    CollectionInfo(id: .random(), name: name, path: path, metadata: ["k": .float(2)], dimension: nil, schema: .standard)
  }

  @Test("What was created is there after reopening, with types and schema")
  func survivesReopening() throws {
    let temporary = try TemporaryDirectory()
    let path = temporary.path + "/catalog.sqlite3"
    var first = info("first")
    do {
      let catalog = try Catalog(path: path)
      _ = try catalog.createCollection(first)
      first.dimension = 7
      first.schema.discover(["n": .int(1), "t": .strings(["a"])])
      #expect(try catalog.updateCollection(first) == .updated)
      #expect(try catalog.createTenant("Ünïcode/tenant"))
      #expect(try catalog.createDatabase(DatabasePath(tenant: "Ünïcode/tenant", database: "db1"), id: .random()))
    }
    let catalog = try Catalog(path: path)
    #expect(try catalog.collection(first.id) == first)
    #expect(try catalog.tenant("Ünïcode/tenant") != nil)
    #expect(try catalog.databases(tenant: "Ünïcode/tenant", limit: nil, offset: 0).map(\.name) == ["db1"])
  }

  @Test("Names are unique in a database, and a rename to a taken one changes nothing")
  func namesAreUnique() throws {
    let temporary = try TemporaryDirectory()
    let catalog = try Catalog(path: temporary.path + "/catalog.sqlite3")
    let (first, second) = (info("first"), info("second"))
    _ = try catalog.createCollection(first)
    _ = try catalog.createCollection(second)
    guard case .exists(let known) = try catalog.createCollection(info("first")) else {
      Issue.record("a second collection of one name was created")
      return
    }
    #expect(known.id == first.id)
    var renamed = second
    renamed.name = "first"
    #expect(try catalog.updateCollection(renamed) == .nameTaken)
    #expect(try catalog.collection(second.id)?.name == "second")
    guard case .noDatabase = try catalog.createCollection(info("x", in: DatabasePath(database: "none"))) else {
      Issue.record("a collection was created in a database that is not there")
      return
    }
  }

  @Test("Collections are listed by id, and go with their database")
  func listingAndDeletion() throws {
    let temporary = try TemporaryDirectory()
    let catalog = try Catalog(path: temporary.path + "/catalog.sqlite3")
    let path = DatabasePath(database: "other")
    _ = try catalog.createDatabase(path, id: .random())
    let infos = (0..<20).map { info("c\($0)", in: path) }
    for info in infos { _ = try catalog.createCollection(info) }
    let ids = infos.map(\.id).sorted()
    #expect(try catalog.collections(in: path, limit: nil, offset: 0).map(\.id) == ids)
    #expect(try catalog.collections(in: path, limit: 5, offset: 3).map(\.id) == Array(ids[3..<8]))
    #expect(try catalog.countCollections(in: path) == 20)
    #expect(try catalog.deleteCollection(named: "c3", in: path) == infos[3].id)
    #expect(try catalog.deleteCollection(named: "c3", in: path) == nil)
    #expect(Set(try catalog.deleteDatabase(path) ?? []) == Set(ids).subtracting([infos[3].id]))
    #expect(try catalog.database(path) == nil)
    #expect(try catalog.collectionIDs().isEmpty)
  }
}
