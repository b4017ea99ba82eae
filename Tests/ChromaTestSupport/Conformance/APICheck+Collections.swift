internal import ChromaModel

extension APICheck {
  static let collections: [APICheck] = [
    APICheck("A collection begins empty, with Chroma's settings") { it in
      let made = try await it.create()
      it.equal(made.name, "things")
      it.equal(made.path, it.path)
      it.equal(made.metadata, nil)
      it.equal(made.dimension, nil)
      it.equal(made.schema.space, .l2)
      it.equal(made.schema.hnsw.efConstruction, 100)
      it.equal(made.schema.hnsw.efSearch, 100)
      it.equal(made.schema.hnsw.maxNeighbors, 16)
      it.equal(try await it.api.collection(named: "things", in: it.path), made)
      it.equal(try await it.api.collection(made.id, in: it.path), made)
      it.equal(try await it.api.collections(in: it.path, limit: nil, offset: 0), [made])
      it.equal(try await it.api.count(made.id, in: it.path), 0)
    },
    APICheck("Metadata of a collection comes back as it was given") { it in
      let metadata: Metadata = [
        "whole": .int(2), "fraction": .float(2), "least": .int(.min), "most": .int(.max),
        "small": .float(.leastNonzeroMagnitude),
        "yes": .bool(true), "no": .bool(false), "text": .string("\"q\"\\\n\u{1}狐"), "": .string("x"),
      ].filter { !$0.key.isEmpty }
      let made = try await it.create(metadata: metadata)
      it.equal(made.metadata, metadata)
      it.equal(try await it.api.collection(named: "things", in: it.path).metadata, metadata)
    },
    APICheck("Index settings and the embedding function are kept") { it in
      var configuration = ConfigurationRequest()
      configuration.space = .cosine
      var hnsw = HNSWSettings()
      hnsw.efConstruction = 50
      hnsw.efSearch = 70
      hnsw.maxNeighbors = 8
      hnsw.resizeFactor = 1.5
      hnsw.syncThreshold = 500
      configuration.hnsw = hnsw
      configuration.embeddingFunction = .known(name: "mine", configuration: ["size": 3, "ratio": 1.0, "list": [.null]])
      let made = try await it.api.createCollection(
        CreateCollectionRequest(name: "things", configuration: configuration), in: it.path)
      for info in [made, try await it.api.collection(made.id, in: it.path)] {
        it.equal(info.schema.space, .cosine)
        it.equal(info.schema.hnsw.efConstruction, 50)
        it.equal(info.schema.hnsw.efSearch, 70)
        it.equal(info.schema.hnsw.maxNeighbors, 8)
        it.equal(info.schema.hnsw.resizeFactor, 1.5)
        it.equal(info.schema.hnsw.syncThreshold, 500)
        it.equal(info.schema.vectorIndex.embeddingFunction, configuration.embeddingFunction)
      }
      var update = ConfigurationUpdate()
      update.hnsw = HNSWSettings()
      update.hnsw?.efSearch = 33
      try await it.api.updateCollection(
        made.id, in: it.path, UpdateCollectionRequest(newConfiguration: update))
      let changed = try await it.api.collection(made.id, in: it.path)
      it.equal(changed.schema.hnsw.efSearch, 33)
      it.equal(changed.schema.hnsw.efConstruction, 50)
    },
    APICheck("A name is taken once, unless whoever asks takes what is there") { it in
      let made = try await it.create(metadata: ["a": .int(1)])
      await it.refuses(.alreadyExists, "Collection [things] already exists") { try await it.create() }
      let got = try await it.create(metadata: ["b": .int(2)], space: .ip, getOrCreate: true)
      it.equal(got, made)
      let new = try await it.create("others", metadata: ["b": .int(2)], getOrCreate: true)
      it.equal(new.metadata, ["b": .int(2)])
    },
    APICheck("What a collection may not be called, and its metadata may not hold") { it in
      for name in ["ab", "-abc", "abc_", "a..b", "192.168.0.1", "with space", "slash/ed", "ünder", ""] {
        await it.refuses(.invalidArgument, "Validation error: name: ") { try await it.create(name) }
      }
      _ = try await it.create("a.b_c-D9")
      await it.refuses(.invalidArgument, "Metadata cannot be empty") { try await it.create(metadata: [:]) }
      for key in ["", "$a", "#a"] {
        await it.refuses(.invalidArgument, "Metadata key cannot") {
          try await it.create(metadata: [key: .int(1)])
        }
      }
    },
    APICheck("A list is no metadata of a collection") { it in
      await it.refuses(.invalidArgument) { try await it.create(metadata: ["a": .ints([1])]) }
    },
    APICheck("A collection that is not there is not found") { it in
      let nothing = Identifier.random()
      for name in ["nothing", "with space/and slash", "by-id", nothing.description, "..", "a"] {
        await it.refuses(.notFound, "Collection [\(name)] does not exist") {
          try await it.api.collection(named: name, in: it.path)
        }
        await it.refuses(.notFound, "Collection [\(name)] does not exist") {
          try await it.api.deleteCollection(named: name, in: it.path)
        }
      }
      await it.refuses(.notFound, "Collection [] does not exist") {
        try await it.api.collection(named: "", in: it.path)
      }
      await it.refuses(.notFound, "Collection [] does not exist") {
        try await it.api.deleteCollection(named: "", in: it.path)
      }
      await it.refuses(.notFound, "Collection [\(nothing)] does not exist") {
        try await it.api.collection(nothing, in: it.path)
      }
      await it.refuses(.notFound, "does not exist") {
        try await it.api.updateCollection(nothing, in: it.path, UpdateCollectionRequest(newName: "other"))
      }
    },
    APICheck("Records of a collection that is not there are not found either") { it in
      let nothing = Identifier.random()
      let batch = RecordBatch(ids: ["a"], embeddings: EmbeddingBatch([[1, 2]]))
      let words = "Collection [\(nothing)] does not exist"
      await it.refuses(.notFound, words) { try await it.api.add(batch, to: nothing, in: it.path) }
      await it.refuses(.notFound, words) { try await it.api.update(batch, in: nothing, in: it.path) }
      await it.refuses(.notFound, words) { try await it.api.upsert(batch, to: nothing, in: it.path) }
      await it.refuses(.notFound, words) {
        try await it.api.delete(DeleteRequest(filter: RecordFilter(ids: ["a"])), from: nothing, in: it.path)
      }
      await it.refuses(.notFound, words) { try await it.api.count(nothing, in: it.path) }
      await it.refuses(.notFound, words) { try await it.get(nothing) }
      await it.refuses(.notFound, words) { try await it.query(nothing, [[1, 2]]) }
    },
    APICheck("The index says how far it is") { it in
      let collection = try await it.filled()
      let status = try await it.api.indexingStatus(collection.id, in: it.path)
      it.expect(status.total >= status.indexed && status.indexed >= 0, "\(status)")
      await it.refuses(.notFound) { try await it.api.indexingStatus(.random(), in: it.path) }
    },
    APICheck("A collection belongs to its database") { it in
      let collection = try await it.filled()
      let other = DatabasePath(tenant: it.path.tenant, database: "other")
      try await it.api.createDatabase(other)
      await it.refuses(.notFound) { try await it.api.count(collection.id, in: other) }
      await it.refuses(.notFound) { try await it.api.collection(collection.id, in: other) }
      _ = try await it.api.createCollection(CreateCollectionRequest(name: "things"), in: other)
      it.equal(try await it.api.countCollections(in: other), 1)
      it.equal(try await it.api.countCollections(in: it.path), 1)
    },
    APICheck("Collections are listed by id, in parts") { it in
      var made: [CollectionInfo] = []
      for number in 0..<5 { made.append(try await it.create("things-\(number)")) }
      made.sort { $0.id < $1.id }
      it.equal(try await it.api.collections(in: it.path, limit: nil, offset: 0), made)
      it.equal(try await it.api.collections(in: it.path, limit: 2, offset: 1), Array(made[1..<3]))
      it.equal(try await it.api.collections(in: it.path, limit: 0, offset: 0), [])
      it.equal(try await it.api.collections(in: it.path, limit: 3, offset: 4), [made[4]])
      it.equal(try await it.api.countCollections(in: it.path), 5)
    },
    APICheck("A collection takes another name and other metadata") { it in
      let made = try await it.create(metadata: ["a": .int(1), "b": .string("x")])
      try await it.api.updateCollection(made.id, in: it.path, UpdateCollectionRequest(newName: "renamed"))
      it.equal(try await it.api.collection(named: "renamed", in: it.path).id, made.id)
      it.equal(try await it.api.collection(made.id, in: it.path).metadata, made.metadata)
      await it.refuses(.notFound) { try await it.api.collection(named: "things", in: it.path) }
      try await it.api.updateCollection(
        made.id, in: it.path, UpdateCollectionRequest(newMetadata: ["c": .some(.float(1)), "d": nil]))
      it.equal(try await it.api.collection(made.id, in: it.path).metadata, ["c": .float(1)])
      try await it.api.updateCollection(made.id, in: it.path, UpdateCollectionRequest(newMetadata: ["c": nil]))
      it.equal(try await it.api.collection(made.id, in: it.path).metadata, nil)
      try await it.api.updateCollection(made.id, in: it.path, UpdateCollectionRequest())
      await it.refuses(.invalidArgument, "new_name: ") {
        try await it.api.updateCollection(made.id, in: it.path, UpdateCollectionRequest(newName: "a b"))
      }
      await it.refuses(.invalidArgument, "Metadata cannot be empty") {
        try await it.api.updateCollection(made.id, in: it.path, UpdateCollectionRequest(newMetadata: [:]))
      }
    },
    APICheck("A collection is not renamed to a name that is taken") { it in
      let made = try await it.create()
      _ = try await it.create("taken")
      await it.refuses(.alreadyExists, "already exists") {
        try await it.api.updateCollection(made.id, in: it.path, UpdateCollectionRequest(newName: "taken"))
      }
    },
    APICheck("A deleted collection is gone, and its name is free") { it in
      let made = try await it.filled()
      try await it.api.deleteCollection(named: "things", in: it.path)
      await it.refuses(.notFound) { try await it.api.collection(named: "things", in: it.path) }
      await it.refuses(.notFound) { try await it.api.count(made.id, in: it.path) }
      await it.refuses(.notFound) { try await it.api.deleteCollection(named: "things", in: it.path) }
      let again = try await it.create()
      it.expect(again.id != made.id, "the id is used again")
      it.equal(try await it.api.count(again.id, in: it.path), 0)
    },
  ]
}
