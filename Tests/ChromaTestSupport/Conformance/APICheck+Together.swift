internal import ChromaModel

extension APICheck {
  static let together: [APICheck] = [
    APICheck("Random writes agree with a dictionary") { it in
      var random = RandomRecords(seed: 11, dimension: 3, idCount: 40)
      let collection = try await it.create()
      var model = ModelCollection()
      for step in 0..<150 {
        switch random.int(0..<10) {
        case 0..<3:
          let batch = random.batch(count: random.int(1..<6)).withoutRemovals
          try await it.api.add(batch, to: collection.id, in: it.path)
          model.add(batch)
        case 3..<6:
          let batch = random.batch(count: random.int(1..<6))
          try await it.api.upsert(batch, to: collection.id, in: it.path)
          model.upsert(batch)
        case 6..<8:
          let batch = random.batch(count: random.int(1..<6), partial: true)
          try await it.api.update(batch, in: collection.id, in: it.path)
          model.update(batch)
        default:
          let request = DeleteRequest(filter: RecordFilter(ids: [random.id(), random.id()]))
          _ = try await it.api.delete(request, from: collection.id, in: it.path)
          _ = model.delete(request)
        }
        let found = try await it.get(collection.id, GetRequest(include: Include.allCases))
        let rows = model.rows
        it.equal(found.ids, rows.map(\.id), "seed 11, step \(step)")
        it.equal(found.documents, rows.map(\.document), "seed 11, step \(step)")
        it.equal(found.uris, rows.map(\.uri), "seed 11, step \(step)")
        it.equal(found.metadatas, rows.map { $0.metadata.isEmpty ? nil : $0.metadata }, "seed 11, step \(step)")
        it.equal(found.embeddings?.values, rows.flatMap(\.embedding), "seed 11, step \(step)")
        if !it.findings.isEmpty { return }
      }
    },
    APICheck("Writers at the same time lose nothing of one another") { it in
      let collection = try await it.create()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<8 {
          group.addTask {
            for number in 0..<10 {
              try await it.api.upsert(
                RecordBatch(
                  ids: ["\(writer)-\(number)", "shared"],
                  embeddings: EmbeddingBatch([[Float(writer), Float(number)], [Float(writer), -1]]),
                  metadatas: [nil, ["writer \(writer)": .some(.int(Int64(number)))]]), to: collection.id, in: it.path)
              let own = try await it.ids(collection.id, ids: ["\(writer)-\(number)"])
              it.equal(own.count, 1, "what was acknowledged is not there")
            }
          }
        }
        try await group.waitForAll()
      }
      it.equal(try await it.api.count(collection.id, in: it.path), 81)
      let shared = try await it.get(
        collection.id, GetRequest(filter: RecordFilter(ids: ["shared"]), include: [.metadatas]))
      it.equal(
        shared.metadatas,
        [Dictionary(uniqueKeysWithValues: (0..<8).map { ("writer \($0)", MetadataValue.int(9)) })])
    },
    APICheck("Two who create one collection get one") { it in
      let made = try await withThrowingTaskGroup(of: Identifier.self) { group in
        for _ in 0..<6 { group.addTask { try await it.create(getOrCreate: true).id } }
        return try await group.reduce(into: Set()) { $0.insert($1) }
      }
      it.equal(made.count, 1)
    },
  ]
}
