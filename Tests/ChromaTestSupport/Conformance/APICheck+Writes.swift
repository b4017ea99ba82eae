internal import ChromaModel

extension APICheck {
  static let writes: [APICheck] = [
    APICheck("What was added comes back, what was not given is null") { it in
      let collection = try await it.create()
      try await it.api.add(
        RecordBatch(
          ids: ["b", "a", "c"], embeddings: EmbeddingBatch([[1, 2], [3, 4], [5, 6]]),
          documents: ["one", nil, ""], uris: [nil, "file:///a", nil],
          metadatas: [["n": .some(.int(1))], nil, [:]]), to: collection.id, in: it.path)
      let columns = try await it.get(collection.id, GetRequest(include: Include.allCases))
      it.equal(columns.ids, ["b", "a", "c"])
      it.equal(columns.embeddings, EmbeddingBatch([[1, 2], [3, 4], [5, 6]]))
      it.equal(columns.documents, ["one", nil, ""])
      it.equal(columns.uris, [nil, "file:///a", nil])
      it.equal(columns.metadatas, [["n": .int(1)], nil, nil])
      it.equal(try await it.api.collection(collection.id, in: it.path).dimension, 2)
      it.equal(try await it.api.count(collection.id, in: it.path), 3)
    },
    APICheck("Adding leaves records that are there, and takes the first of two") { it in
      let collection = try await it.filled(2)
      try await it.api.add(
        RecordBatch(
          ids: ["a", "x", "x"], embeddings: EmbeddingBatch([[9, 9], [8, 8], [7, 7]]), documents: ["no", "yes", "no"]),
        to: collection.id, in: it.path)
      let columns = try await it.get(collection.id, GetRequest(include: [.documents, .embeddings]))
      it.equal(columns.ids, ["a", "b", "x"])
      it.equal(columns.documents, ["document a", "document b", "yes"])
      it.equal(columns.embeddings, EmbeddingBatch([[0, 0], [1, 0], [8, 8]]))
    },
    APICheck("Updating changes what is given and passes over what is not there") { it in
      let collection = try await it.filled(2)
      try await it.api.update(
        RecordBatch(
          ids: ["b", "nobody", "a"],
          embeddings: EmbeddingBatch(dimension: 2, values: [5, 5], slots: [0, -1, -1]),
          documents: [nil, "x", "new"],
          metadatas: [["m": .some(.string("x")), "n": nil], nil, ["n": .some(.strings(["now", "text"]))]]),
        in: collection.id, in: it.path)
      let columns = try await it.get(collection.id, GetRequest(include: [.documents, .embeddings, .metadatas]))
      it.equal(columns.ids, ["a", "b"])
      it.equal(columns.documents, ["new", "document b"])
      it.equal(columns.embeddings, EmbeddingBatch([[0, 0], [5, 5]]))
      it.equal(columns.metadatas, [["n": .strings(["now", "text"])], ["m": .string("x")]])
      try await it.api.update(
        RecordBatch(ids: ["b"], metadatas: [["m": nil]]), in: collection.id, in: it.path)
      it.equal(try await it.get(collection.id, GetRequest(include: [.metadatas])).metadatas?.last, .some(nil))
    },
    APICheck("Upserting changes and adds, in order") { it in
      let collection = try await it.filled(2)
      try await it.api.upsert(
        RecordBatch(
          ids: ["b", "c", "c"], embeddings: EmbeddingBatch([[5, 5], [6, 6], [7, 7]]), documents: [nil, "one", "two"],
          metadatas: [["m": .some(.bool(true))], ["k": .some(.int(1)), "l": nil], ["l": .some(.int(2))]]),
        to: collection.id, in: it.path)
      let columns = try await it.get(collection.id, GetRequest(include: [.documents, .embeddings, .metadatas]))
      it.equal(columns.ids, ["a", "b", "c"])
      it.equal(columns.documents, ["document a", "document b", "two"])
      it.equal(columns.embeddings, EmbeddingBatch([[0, 0], [5, 5], [7, 7]]))
      it.equal(
        columns.metadatas, [["n": .int(0)], ["n": .int(1), "m": .bool(true)], ["k": .int(1), "l": .int(2)]])
    },
    APICheck("No records are no write") { it in
      let collection = try await it.create()
      let nothing = RecordBatch(ids: [], embeddings: EmbeddingBatch([]))
      try await it.api.add(nothing, to: collection.id, in: it.path)
      try await it.api.upsert(nothing, to: collection.id, in: it.path)
      try await it.api.update(RecordBatch(ids: []), in: collection.id, in: it.path)
      it.equal(try await it.api.count(collection.id, in: it.path), 0)
    },
    APICheck("Deleting by ids says how many were named, by a test how many went") { it in
      let collection = try await it.filled()
      func delete(_ ids: [String]?, _ predicate: Where?, limit: Int? = nil) async throws -> Int {
        try await it.api.delete(
          DeleteRequest(filter: RecordFilter(ids: ids, predicate: predicate), limit: limit), from: collection.id,
          in: it.path)
      }
      let all = Where.metadata(key: "n", .ordered(.greaterOrEqual, .int(0)))
      it.equal(try await delete(nil, nil), 0)
      it.equal(try await delete([], nil), 0)
      it.equal(try await delete([], all), 0)
      it.equal(try await delete(nil, all, limit: 0), 0)
      it.equal(try await delete(nil, .metadata(key: "n", .equal(.int(9)))), 0)
      it.equal(try await it.ids(collection.id), ["a", "b", "c", "d", "e"])
      it.equal(try await delete(["e", "e", "nobody"], nil), 3)
      it.equal(try await delete(["a", "b"], .metadata(key: "n", .equal(.int(1)))), 1)
      it.equal(try await it.ids(collection.id), ["a", "c", "d"])
      it.equal(try await delete(nil, all, limit: 2), 2)
      it.equal(try await it.ids(collection.id), ["d"])
      it.equal(try await delete(nil, .document(.contains("document"))), 1)
      it.equal(try await it.api.count(collection.id, in: it.path), 0)
      it.equal(try await it.api.collection(collection.id, in: it.path).dimension, 2)
      await it.refuses(.invalidArgument, "limit can only be specified when a where clause is provided") {
        try await delete(["a"], nil, limit: 1)
      }
    },
    APICheck("Changed records keep their place, those added anew come last") { it in
      let collection = try await it.filled(3)
      try await it.api.upsert(
        RecordBatch(ids: ["a"], embeddings: EmbeddingBatch([[9, 9]])), to: collection.id, in: it.path)
      it.equal(try await it.ids(collection.id), ["a", "b", "c"])
      _ = try await it.api.delete(DeleteRequest(filter: RecordFilter(ids: ["a"])), from: collection.id, in: it.path)
      try await it.api.add(
        RecordBatch(ids: ["a"], embeddings: EmbeddingBatch([[9, 9]])), to: collection.id, in: it.path)
      it.equal(try await it.ids(collection.id), ["b", "c", "a"])
    },
    APICheck("Vectors of another length are refused, and nothing of the batch is stored") { it in
      let collection = try await it.filled(1)
      let batch = RecordBatch(ids: ["x", "y"], embeddings: EmbeddingBatch([[1, 2, 3], [4, 5, 6]]))
      let words = "Collection expecting embedding with dimension of 2, got 3"
      await it.refuses(.invalidArgument, words) { try await it.api.add(batch, to: collection.id, in: it.path) }
      await it.refuses(.invalidArgument, words) { try await it.api.upsert(batch, to: collection.id, in: it.path) }
      await it.refuses(.invalidArgument, words) { try await it.api.update(batch, in: collection.id, in: it.path) }
      it.equal(try await it.ids(collection.id), ["a"])
    },
    APICheck("A refused batch does not fix the dimension") { it in
      let collection = try await it.create()
      await it.refuses(.invalidArgument) {
        try await it.api.add(
          RecordBatch(ids: ["x", ""], embeddings: EmbeddingBatch([[1, 2, 3], [4, 5, 6]])), to: collection.id,
          in: it.path)
      }
      it.equal(try await it.api.collection(collection.id, in: it.path).dimension, nil)
    },
    APICheck("Numbers that are none are refused") { it in
      let collection = try await it.create()
      for value in [Float.nan, .infinity, -.infinity] {
        await it.refuses(.invalidArgument) {
          try await it.api.add(
            RecordBatch(ids: ["a", "b"], embeddings: EmbeddingBatch([[1, 2], [3, value]])), to: collection.id,
            in: it.path)
        }
      }
      for value in [MetadataValue.float(.nan), .float(.infinity), .floats([1, .nan])] {
        await it.refuses(.invalidArgument, "Metadata must not contain NaN or Infinity") {
          try await it.api.add(
            RecordBatch(
              ids: ["a"], embeddings: EmbeddingBatch([[1, 2]]), metadatas: [["x": .some(value)]]),
            to: collection.id, in: it.path)
        }
      }
      it.equal(try await it.api.count(collection.id, in: it.path), 0)
    },
    APICheck("Columns of different lengths, empty ids and reserved keys are refused") { it in
      let collection = try await it.create()
      let vectors = EmbeddingBatch([[1, 2], [3, 4]])
      for batch in [
        RecordBatch(ids: ["a"], embeddings: vectors),
        RecordBatch(ids: ["a", "b"], embeddings: vectors, documents: ["x"]),
        RecordBatch(ids: ["a", "b"], embeddings: vectors, metadatas: [nil, nil, nil]),
        RecordBatch(ids: ["a", "b"], embeddings: vectors, uris: []),
      ] {
        await it.refuses(.invalidArgument, "Inconsistent number of IDs, embeddings, documents, URIs and metadatas") {
          try await it.api.add(batch, to: collection.id, in: it.path)
        }
      }
      await it.refuses(.invalidArgument, "Empty ID, ID must have at least one character") {
        try await it.api.upsert(RecordBatch(ids: ["a", ""], embeddings: vectors), to: collection.id, in: it.path)
      }
      for key in ["", "$a", "#a"] {
        await it.refuses(.invalidArgument, "Validation error: metadatas: Invalid metadata at index 1") {
          try await it.api.add(
            RecordBatch(ids: ["a", "b"], embeddings: vectors, metadatas: [nil, [key: .some(.int(1))]]),
            to: collection.id, in: it.path)
        }
      }
      it.equal(try await it.api.count(collection.id, in: it.path), 0)
    },
    APICheck("Every Float32 comes back bit by bit") { it in
      let collection = try await it.create()
      var generator = SeededGenerator(seed: 20_261_121)
      var values: [Float] = [
        0, -0.0, 1, -1, 0.1, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude,
        .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
        16_777_216, 1e10, 123_456.79, .pi, 1e-7,
      ]
      while values.count < 4096 {
        let value = Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &generator))
        if value.isFinite { values.append(value) }
      }
      let batch = EmbeddingBatch(dimension: 64, values: values)
      let ids = (0..<batch.count).map { "id-\($0)" }
      try await it.api.add(RecordBatch(ids: ids, embeddings: batch), to: collection.id, in: it.path)
      let found = try await it.get(collection.id, GetRequest(include: [.embeddings])).embeddings
      it.equal(found?.values.map(\.bitPattern), values.map(\.bitPattern), "seed 20261121")
    },
    APICheck("Metadata comes back value for value, type for type") { it in
      let collection = try await it.create()
      let metadata: Metadata = [
        "whole": .int(2), "fraction": .float(2), "least": .int(.min), "most": .int(.max), "zero": .int(0),
        "minus zero": .float(-0.0), "small": .float(.leastNonzeroMagnitude),
        "large": .float(1.797_693_134_862_315_7e308),
        "third": .float(1.0 / 3), "yes": .bool(true), "no": .bool(false), "empty": .string(""),
        "odd": .string("\"q\"\\/\n\r\t\u{8}\u{c}\u{1f}\u{7f}\u{2028}🦊\u{10FFFF}"), "wholes": .ints([3, 1, 2, .max]),
        "fractions": .floats([1, 0.5, -2]), "flags": .bools([true, false]), "texts": .strings(["b", "", "a"]),
        "ключ \"quoted\"": .int(1),
      ]
      try await it.api.add(
        RecordBatch(
          ids: ["a", "b"], embeddings: EmbeddingBatch([[1], [2]]),
          metadatas: [metadata.mapValues { .some($0) }, ["gone": .some(.strings([])), "kept": .some(.int(1))]]),
        to: collection.id, in: it.path)
      let found = try await it.get(collection.id, GetRequest(include: [.metadatas])).metadatas
      for (key, value) in metadata { it.equal(found?.first??[key], value, key) }
      it.equal(found?.first??.count, metadata.count)
      it.equal(found?.last, ["kept": .int(1)])
    },
    APICheck("Ids and documents are kept letter for letter") { it in
      let collection = try await it.create()
      let texts = [
        " ", "a/b", "a%2Fb", "\"", "\\", "\n", "é", "e\u{301}", "\u{0}x", "🦊", "null", "{}", "\u{FEFF}",
        String(repeating: "長い", count: 20_000),
      ]
      try await it.api.add(
        RecordBatch(
          ids: texts, embeddings: EmbeddingBatch(texts.indices.map { [Float($0)] }), documents: texts),
        to: collection.id, in: it.path)
      let found = try await it.get(collection.id, GetRequest(include: [.documents]))
      it.equal(found.ids.map { Array($0.utf8) }, texts.map { Array($0.utf8) }, "ids")
      it.equal(found.documents?.map { Array(($0 ?? "").utf8) }, texts.map { Array($0.utf8) }, "documents")
      for text in texts.prefix(13) {
        it.equal(try await it.ids(collection.id, ids: [text]).count, 1, text.debugDescription)
      }
    },
    APICheck("A batch larger than advised is taken whole") { it in
      let collection = try await it.create()
      let count = min(try await it.api.maxBatchSize(), 20_000) + 7
      let ids = (0..<count).map { "id-\($0)" }
      try await it.api.add(
        RecordBatch(
          ids: ids, embeddings: EmbeddingBatch(dimension: 3, values: (0..<count * 3).map { Float($0 % 101) })),
        to: collection.id, in: it.path)
      it.equal(try await it.api.count(collection.id, in: it.path), count)
      it.equal(try await it.ids(collection.id), ids)
    },
  ]
}
