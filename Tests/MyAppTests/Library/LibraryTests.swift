import ChromaClient
import ChromaTestSupport
import Documents
import Foundation
import Testing

@testable import myapp

@Suite("The library", .enabled(if: TestModel.isThere, TestModel.reason))
struct LibraryTests {
  private static let long = (1...40).map {
    "## Part \($0)\n\nParagraph number \($0) speaks of the number \($0 * 7).\n\n"
  }.joined()

  @Test("The same file again changes nothing; another of its name replaces it, and no passage of the old one stays")
  func again() async throws {
    try await TestLibrary.run { (test) async throws in
      #expect(try await test.add("a.md", "# A\n\n" + Self.long).status == .added)
      let count = try await test.library.collection.count()
      #expect(count > 30)
      let unchanged = try await test.add("a.md", "# A\n\n" + Self.long)
      #expect(unchanged.status == .unchanged && unchanged.passages == count)
      let shorter = try await test.add("a.md", "# A\n\nThe kettle is copper.")
      #expect(shorter.status == .updated && shorter.passages == 1)
      #expect(try await test.library.collection.count() == 1)
      let document = try #require(try await test.library.document(source: "a.md"))
      #expect(document.passages.map(\.text).joined().contains("kettle"))
      #expect(document.passages[0].page == nil)
    }
  }

  @Test("Another topic for the same content is an update")
  func topic() async throws {
    try await TestLibrary.run { (test) async throws in
      try await test.add("a.md", "Copper conducts.", topic: "metals")
      #expect(try await test.add("a.md", "Copper conducts.", topic: "kitchen").status == .updated)
      #expect(try await test.library.census().topics.map(\.name) == ["kitchen"])
      #expect(try await test.add("a.md", "Copper conducts.").status == .updated)
      #expect(try await test.library.census().topics.isEmpty)
    }
  }

  @Test("What was half stored is mended by the same file again")
  func halfStored() async throws {
    try await TestLibrary.run { (test) async throws in
      try await test.add("a.md", Self.long)
      let count = try await test.library.collection.count()
      try await test.library.collection.delete(ids: [DocumentFacts.passageID(source: "a.md", ordinal: 3)])
      #expect(try await test.add("a.md", Self.long).status == .updated)
      #expect(try await test.library.collection.count() == count)
    }
  }

  @Test("A file that gives nothing says why, and leaves nothing")
  func failures() async throws {
    try await TestLibrary.run { (test) async throws in
      for (name, text) in [("a.exe", "x"), ("empty.md", ""), ("blank.txt", " \n\n ")] {
        let result = try await test.add(name, text)
        #expect(result.status == .failed)
        #expect(result.reason?.isEmpty == false, "\(name)")
      }
      let binary = try await test.library.ingest(
        IncomingFile(source: "noise.txt", bytes: (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 197 ^ ($0 >> 3)) }))
      #expect(binary.status == .failed)
      #expect(try await test.library.collection.count() == 0)
    }
  }

  @Test("A fact that stands last in its chunk is found, and nothing that is embedded is cut off")
  func lastFact() async throws {
    let filler = (1...60).map { "The \($0)th shelf holds jars of dried herbs and labels in faded ink." }.joined(
      separator: " ")
    let text = "# Pantry\n\n\(filler) The spare key hangs behind the barometer."
    try await TestLibrary.run { (test) async throws in
      let result = try await test.add("pantry.md", text)
      #expect(result.passages > 3 && result.truncated == 0)
      let answer = try await Searcher(library: test.library).search("Where is the spare key?", mode: .dense, limit: 1)
      let hit = try #require(answer.lists[.dense]?.first)
      #expect(hit.passage.text.hasSuffix("behind the barometer."))
      #expect(hit.passage.ordinal == result.passages - 1)
    }
  }

  @Test("Offsets lead back to the words in the document's text")
  func offsets() async throws {
    try await TestLibrary.run { (test) async throws in
      try await test.add("a.md", "# Straße 👩‍👩‍👧\n\n" + Self.long)
      let document = try #require(try await test.library.document(source: "a.md"))
      let text = Array(TextWindow(joining: document.passages).text.unicodeScalars)
      let first = try #require(document.passages.first).start
      for passage in document.passages {
        let range = passage.start - first..<passage.end - first
        #expect(String(String.UnicodeScalarView(text[range])) == passage.text)
      }
    }
  }

  @Test("Removing takes all passages of one document and of no other")
  func removal() async throws {
    try await TestLibrary.run { (test) async throws in
      try await test.add("a.md", Self.long)
      try await test.add("b.md", "Untouched.")
      let removed = try await test.library.remove(source: "a.md")
      #expect(removed > 30)
      #expect(try await test.library.documents(limit: 10, offset: 0).map(\.source) == ["b.md"])
      #expect(try await test.library.remove(source: "a.md") == 0)
    }
  }

  @Test("Records that others put into the collection are passed over, whatever they say")
  func foreignRecords() async throws {
    try await TestLibrary.run { (test) async throws in
      try await test.add("owl.md", "Owls hunt at night.")
      let hostile: [MetadataUpdate] = [
        ["source": .string("x"), "ordinal": .int(.max), "start": .int(0), "end": .int(19)],
        ["source": .string("x"), "ordinal": .int(0), "start": .int(.min), "end": .int(19)],
        ["source": .string("x"), "ordinal": .int(0), "start": .int(4_000_000_000_000), "end": .int(4_000_000_000_019)],
        ["source": .string("x"), "ordinal": .int(0), "start": .int(19), "end": .int(0), "passages": .int(.max)],
        ["source": .int(7)], [:],
      ]
      try await test.library.collection.upsert(
        ids: hostile.indices.map { "foreign-\($0)" }, documents: hostile.map { _ in "Owls hunt at night." },
        metadatas: hostile)
      let answer = try await Searcher(library: test.library).search("owls", mode: .compare, limit: 10)
      #expect(answer.lists[.dense]?.map(\.passage.source) == ["owl.md"])
      #expect(try await test.library.document(source: "x") == nil)
      _ = try await test.library.census()
    }
  }

  @Test("The sample corpus is put into a new collection once; what its users do to it stays")
  func seeding() async throws {
    let directory = try TemporaryDirectory()
    try FileManager.default.createDirectory(atPath: directory.path + "/corpus/birds", withIntermediateDirectories: true)
    try "# Owls\n\nOwls hunt.".write(toFile: directory.path + "/corpus/birds/owl.md", atomically: true, encoding: .utf8)
    try "# Hawks\n\nHawks soar.".write(
      toFile: directory.path + "/corpus/birds/hawk.md", atomically: true, encoding: .utf8)
    let client = try await Client.connect(ClientConfiguration(place: .inProcess(directory: directory.path + "/data")))
    var settings = try #require(TestLibrary.settings)
    settings.seeds = true
    settings.home = directory.path
    func librarian() throws -> Librarian {
      Librarian(
        client: client, embedder: try TestModel.embedder(), settings: settings,
        gate: TurnGate(concurrent: 1, waiting: 8), logger: TestLibrary.quiet)
    }
    let first = try librarian()
    await first.check()
    await first.finishSeeding()
    let library = try await first.open()
    #expect(try await library.census().documents == 2)
    _ = try await library.remove(source: "birds/owl.md")
    let second = try librarian()
    await second.check()
    await second.finishSeeding()
    #expect(try await second.open().documents(limit: 10, offset: 0).map(\.source) == ["birds/hawk.md"])
    // Gone altogether, it is made and filled anew.
    try await client.deleteCollection(settings.collection)
    await second.check()
    await second.check()
    await second.finishSeeding()
    #expect(try await second.open().census().documents == 2)
    await client.shutdown()
  }
}
