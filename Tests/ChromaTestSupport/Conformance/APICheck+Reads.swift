internal import ChromaModel

extension APICheck {
  static let reads: [APICheck] = [
    APICheck("Getting by ids: the order is the collection's, the unknown is passed over") { it in
      let collection = try await it.filled()
      it.equal(try await it.ids(collection.id, ids: ["d", "nobody", "a", "d"]), ["a", "d"])
      it.equal(try await it.ids(collection.id, ids: []), [])
      it.equal(try await it.ids(collection.id, ids: ["nobody"]), [])
    },
    APICheck("A limit and an offset cut what passes") { it in
      let collection = try await it.filled()
      it.equal(try await it.ids(collection.id, limit: 2), ["a", "b"])
      it.equal(try await it.ids(collection.id, limit: 2, offset: 4), ["e"])
      it.equal(try await it.ids(collection.id, limit: 2, offset: 9), [])
      it.equal(try await it.ids(collection.id, limit: 0), [])
      it.equal(try await it.ids(collection.id, offset: 3), ["d", "e"])
      let large = Where.metadata(key: "n", .ordered(.greater, .int(0)))
      it.equal(try await it.ids(collection.id, large, ids: ["a", "b", "d", "e"], limit: 1, offset: 1), ["d"])
    },
    APICheck("A column is there when it was asked for, and only then") { it in
      let collection = try await it.filled(2)
      for include in [[], [Include.documents], [.embeddings], [.metadatas], [.uris], Include.allCases] {
        let result = try await it.api.get(GetRequest(include: include), from: collection.id, in: it.path)
        it.equal(result.include, include)
        it.equal(result.records.documents != nil, include.contains(.documents), "documents")
        it.equal(result.records.embeddings != nil, include.contains(.embeddings), "embeddings")
        it.equal(result.records.metadatas != nil, include.contains(.metadatas), "metadatas")
        it.equal(result.records.uris != nil, include.contains(.uris), "uris")
      }
      let nothing = try await it.get(
        collection.id, GetRequest(filter: RecordFilter(ids: []), include: Include.allCases))
      it.equal(nothing.ids, [])
      it.equal(nothing.documents, [])
      it.equal(nothing.metadatas, [])
      it.equal(nothing.uris, [])
      it.equal(nothing.embeddings?.count, 0)
    },
    APICheck("An empty collection answers with nothing") { it in
      let collection = try await it.create()
      it.equal(try await it.ids(collection.id), [])
      it.equal(try await it.ids(collection.id, .document(.contains("x"))), [])
      it.equal(try await it.ids(collection.id, ids: ["a"]), [])
    },
    APICheck("A long answer comes whole") { it in
      let collection = try await it.create()
      let count = 3000
      var values: [Float] = []
      for number in 0..<count * 64 { values.append(Float(number % 997) / 31) }
      let batch = RecordBatch(
        ids: (0..<count).map { "id-\($0)" }, embeddings: EmbeddingBatch(dimension: 64, values: values),
        documents: (0..<count).map { "The owl \($0) flies at dusk." },
        metadatas: (0..<count).map { ["n": .some(.int(Int64($0))), "f": .some(.float(Double($0) / 3))] })
      try await it.api.add(batch, to: collection.id, in: it.path)
      let found = try await it.get(
        collection.id, GetRequest(include: [.documents, .embeddings, .metadatas]))
      it.expect(found.ids == batch.ids, "ids differ")
      it.expect(found.embeddings?.values == values, "embeddings differ")
      it.expect(found.documents == batch.documents, "documents differ")
      it.expect(found.metadatas?.last == ["n": .int(2999), "f": .float(2999.0 / 3)], "metadata differs")
    },
  ]

  static let queries: [APICheck] = [
    APICheck("Distances are those of the space") { it in
      let vectors: [[Float]] = [[1, 0], [0, 2], [3, 4], [-1, -1], [0, 0]]
      for space in Space.allCases {
        let collection = try await it.create("things-\(space.rawValue)", space: space)
        try await it.api.add(
          RecordBatch(ids: ["a", "b", "c", "d", "e"], embeddings: EmbeddingBatch(vectors)), to: collection.id,
          in: it.path)
        let result = try await it.query(collection.id, [[1, 0], [0.5, -2]])
        for (question, vector) in [[Float(1), 0], [0.5, -2]].enumerated() {
          let found = result.distances?[question] ?? []
          let expected = vectors.map { ModelCollection.distance(vector, $0, space) }.sorted()
          it.equal(found.count, 5)
          for (distance, wanted) in zip(found, expected) {
            it.expect(abs(distance - wanted) < 1e-5, "\(space): \(distance), not \(wanted)")
          }
          let first = result.records[question].ids.first
          let nearest = ["a", "b", "c", "d", "e"].filter { id in
            let row = Int(id.utf8.first.map { $0 - 97 } ?? 0)
            return abs(ModelCollection.distance(vector, vectors[row], space) - (expected.first ?? 0)) < 1e-5
          }
          it.expect(nearest.contains(first ?? ""), "\(space): \(first ?? "nothing") is not nearest")
        }
      }
    },
    APICheck("A query gives as many as there are, in all columns asked for") { it in
      let collection = try await it.filled()
      let result = try await it.query(collection.id, [[4, 0], [0, 0]], 2, include: Include.allCases)
      it.equal(result.records.map(\.ids), [["e", "d"], ["a", "b"]])
      it.equal(result.distances, [[0, 1], [0, 1]])
      it.equal(result.records[0].documents, ["document e", "document d"])
      it.equal(result.records[0].metadatas, [["n": .int(4)], ["n": .int(3)]])
      it.equal(result.records[0].embeddings, EmbeddingBatch([[4, 0], [3, 0]]))
      it.equal(result.records[0].uris, [nil, nil])
      it.equal(result.include, Include.allCases)
      let bare = try await it.query(collection.id, [[4, 0]], 99, include: [])
      it.equal(bare.records.map(\.ids.count), [5])
      it.equal(bare.distances, nil)
      it.equal(bare.records.first?.documents, nil)
      it.equal(try await it.query(collection.id, [[4, 0]], 0).records.map(\.ids), [[]])
      it.equal(try await it.query(collection.id, []).records, [])
    },
    APICheck("An empty collection is near to nothing, of any length") { it in
      let collection = try await it.create()
      let result = try await it.query(collection.id, [[1, 2, 3], [4, 5, 6]], include: [.distances, .documents])
      it.equal(result.records.map(\.ids), [[], []])
      it.equal(result.distances, [[], []])
    },
    APICheck("A query is kept to ids and to what passes") { it in
      let collection = try await it.filled()
      func found(_ ids: [String]?, _ predicate: Where?) async throws -> [[String]] {
        try await it.query(collection.id, [[0, 0]], ids: ids, where: predicate).records.map(\.ids)
      }
      let even = Where.metadata(key: "n", .in([.int(0), .int(2), .int(4)]))
      it.equal(try await found(nil, even), [["a", "c", "e"]])
      it.equal(try await found(["e", "b", "e"], nil), [["b", "e"]])
      it.equal(try await found(["e", "b", "nobody"], even), [["e"]])
      it.equal(try await found([], nil), [[]])
      it.equal(try await found(nil, .document(.contains("nt d"))), [["d"]])
      it.equal(try await found(nil, .and([even, .document(.notContains("nt c"))])), [["a", "e"]])
      it.equal(try await found(nil, .metadata(key: "n", .equal(.int(9)))), [[]])
      await it.refuses(.internal, "Error finding id") { try await found(["a", "nobody"], nil) }
    },
    APICheck("A question of another length is refused") { it in
      let collection = try await it.filled()
      await it.refuses(.invalidArgument, "Collection expecting embedding with dimension of 2, got 3") {
        try await it.query(collection.id, [[1, 2, 3]])
      }
    },
    APICheck("A question that is infinite is infinitely far") { it in
      let collection = try await it.filled(2)
      let result = try await it.query(collection.id, [[.infinity, 0]])
      it.expect(result.distances?[0].allSatisfy { !$0.isFinite } ?? false, "\(result.distances ?? [])")
    },
  ]
}
