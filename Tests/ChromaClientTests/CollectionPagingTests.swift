import ChromaClient
import ChromaTestSupport
import Testing

@Suite("A collection page by page")
struct CollectionPagingTests {
  private func filled(_ client: Client, _ count: Int) async throws -> Collection {
    let notes = try await client.createCollection("notes")
    try await notes.add(
      ids: (0..<count).map { "id-\($0)" },
      embeddings: EmbeddingBatch(dimension: 1, values: (0..<count).map { Float($0) }),
      metadatas: (0..<count).map { ["n": .int(Int64($0))] })
    return notes
  }

  @Test("Every record comes once, whatever the page's size", arguments: [1, 3, 5, 10, 11, 500, 0])
  func all(pageSize: Int) async throws {
    try await withServedClient { client in
      let notes = try await filled(client, 10)
      var ids: [String] = []
      for try await record in notes.records(pageSize: pageSize, include: []) { ids.append(record.id) }
      #expect(ids == (0..<10).map { "id-\($0)" })
      let records = notes.records(where: .key("n") >= 7, pageSize: pageSize, include: [.metadatas, .embeddings])
      var found: [Record] = []
      for try await record in records { found.append(record) }
      #expect(found.map(\.id) == ["id-7", "id-8", "id-9"])
      #expect(found.map(\.embedding) == [[7], [8], [9]])
      var again: [Record] = []
      for try await record in records { again.append(record) }
      #expect(again == found)
    }
  }

  @Test("An empty collection has no page")
  func none() async throws {
    try await withServedClient { client in
      let notes = try await client.createCollection("notes")
      for try await record in notes.records() { Issue.record("\(record)") }
    }
  }

  @Test("Records added meanwhile come at the end, one removed in front hides another")
  func meanwhile() async throws {
    try await withServedClient { client in
      let notes = try await filled(client, 6)
      var ids: [String] = []
      for try await record in notes.records(pageSize: 2, include: []) {
        if ids.isEmpty {
          try await notes.add(ids: ["new"], embeddings: EmbeddingBatch([[9]]))
          try await notes.upsert(ids: ["id-5"], embeddings: EmbeddingBatch([[8]]))
          try await notes.delete(ids: ["id-0"])
        }
        ids.append(record.id)
      }
      #expect(ids == ["id-0", "id-1", "id-3", "id-4", "id-5", "new"])
    }
  }

  @Test("What fails in the middle is thrown")
  func failure() async throws {
    try await withServedClient { client in
      let notes = try await filled(client, 4)
      await #expect(throws: ChromaError.self) {
        for try await record in notes.records(pageSize: 2) where record.id == "id-0" {
          try await client.deleteCollection("notes")
        }
      }
    }
  }
}
