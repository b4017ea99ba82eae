internal import ChromaModel

extension APICheck {
  static let filters: [APICheck] = [
    APICheck("Each operator lets pass what it means") { it in
      let collection = try await it.menagerie()
      func passes(_ test: Where, _ ids: String, line: Int = #line) async throws {
        it.equal(try await it.ids(collection.id, test).joined(), ids, "\(test)", line: line)
      }
      try await passes(.metadata(key: "n", .equal(.int(1))), "ab")
      try await passes(.metadata(key: "n", .notEqual(.int(1))), "cdefg")
      try await passes(.metadata(key: "n", .in([.int(1), .int(3)])), "abd")
      try await passes(.metadata(key: "n", .notIn([.int(1), .int(3)])), "cefg")
      try await passes(.metadata(key: "n", .ordered(.less, .int(3))), "abc")
      try await passes(.metadata(key: "n", .ordered(.lessOrEqual, .int(3))), "abcd")
      try await passes(.metadata(key: "n", .ordered(.greater, .int(2))), "d")
      try await passes(.metadata(key: "n", .ordered(.greaterOrEqual, .int(2))), "cd")
      try await passes(.metadata(key: "s", .equal(.string("x"))), "a")
      try await passes(.metadata(key: "s", .notEqual(.string("x"))), "bcdefg")
      try await passes(.metadata(key: "t", .equal(.bool(true))), "a")
      try await passes(.metadata(key: "t", .notIn([.bool(true), .bool(false)])), "cdefg")
      try await passes(.metadata(key: "l", .contains(.string("red"))), "ef")
      try await passes(.metadata(key: "l", .notContains(.string("red"))), "abcdg")
      try await passes(.metadata(key: "none", .equal(.int(1))), "")
      try await passes(.document(.contains("owl")), "ab")
      try await passes(.document(.notContains("owl")), "cdefg")
      try await passes(.document(.contains("Owl")), "")
      try await passes(.document(.contains("100%_")), "c")
      try await passes(.document(.matches(try RegularExpression("o.l|f[o0]x"))), "abd")
      try await passes(.document(.doesNotMatch(try RegularExpression("(?i)OWL"))), "cdefg")
    },
    APICheck("Tests are joined, of metadata and documents mixed") { it in
      let collection = try await it.menagerie()
      func passes(_ test: Where, _ ids: String, line: Int = #line) async throws {
        it.equal(try await it.ids(collection.id, test).joined(), ids, "\(test)", line: line)
      }
      let one = Where.metadata(key: "n", .equal(.int(1)))
      let two = Where.metadata(key: "n", .equal(.int(2)))
      let owl = Where.document(.contains("owl"))
      let bird = Where.document(.contains("bird"))
      let fox = Where.document(.contains("fox"))
      try await passes(.and([one, owl]), "ab")
      try await passes(.and([owl, bird]), "b")
      try await passes(.or([owl, fox]), "abd")
      try await passes(.or([two, fox]), "cd")
      try await passes(.and([.or([one, two]), .or([owl, fox])]), "ab")
      try await passes(.or([.and([one, bird]), .and([two, .document(.notContains("fox"))])]), "bc")
      try await passes(.and([.or([two, owl]), .and([.or([one, fox]), bird])]), "b")
      try await passes(.or([two, .document(.matches(try RegularExpression("^a f")))]), "cd")
      try await passes(.or([two, .document(.doesNotMatch(try RegularExpression(".")))]), "cefg")
      try await passes(.and([]), "abcdefg")
      try await passes(.or([]), "")
      try await passes(.or([.and([]), one]), "abcdefg")
      try await passes(.and([.or([]), owl]), "")
      try await passes(.and([one]), "ab")
      try await passes(.or([owl]), "ab")
    },
    APICheck("A list of values may hold none, and several types") { it in
      let collection = try await it.menagerie()
      func passes(_ comparison: Comparison, of key: String, _ ids: String, line: Int = #line) async throws {
        it.equal(
          try await it.ids(collection.id, .metadata(key: key, comparison)).joined(), ids, "\(comparison)", line: line)
      }
      try await passes(.in([]), of: "n", "")
      try await passes(.notIn([]), of: "n", "abcdefg")
      try await passes(.in([.int(1), .string("x"), .bool(true), .int(3)]), of: "n", "abd")
      try await passes(.in([.string("x"), .int(1)]), of: "s", "a")
      try await passes(.notIn([.string("x"), .int(1)]), of: "n", "cdefg")
    },
    APICheck("Whole numbers and fractions compare exactly") { it in
      let collection = try await it.menagerie()
      func passes(_ comparison: Comparison, _ ids: String, line: Int = #line) async throws {
        it.equal(
          try await it.ids(collection.id, .metadata(key: "n", comparison)).joined(), ids, "\(comparison)", line: line)
      }
      try await passes(.equal(.float(1)), "ab")
      try await passes(.equal(.float(1.5)), "")
      try await passes(.ordered(.greater, .float(1.5)), "cd")
      try await passes(.ordered(.less, .float(2.5)), "abc")
      try await passes(.in([.float(1), .float(2.5)]), "ab")
      try await passes(.in([.int(3), .float(1)]), "abd")
    },
    APICheck("A filter that cannot be a filter is refused") { it in
      let collection = try await it.menagerie()
      // In this process such numbers are values like any other; on the wire there is no word for them.
      let count = try? await it.ids(collection.id, .metadata(key: "n", .equal(.float(.nan)))).count
      it.expect(count == nil || count == 0, "something equals what equals nothing")
    },
    APICheck("Random filters let pass what their definition does") { it in
      try await it.compareRandomFilters(seed: 7) { _ in true }
    },
    APICheck("Random filters without fractions let pass what their definition does") { it in
      try await it.compareRandomFilters(seed: 8) { !$0.comparesFractions }
    },
  ]
}

extension APISubject {
  /// Seven records, `a` to `g`, of which most lack something.
  fileprivate func menagerie() async throws -> CollectionInfo {
    let collection = try await create()
    try await api.add(
      RecordBatch(
        ids: ["a", "b", "c", "d", "e", "f", "g"], embeddings: EmbeddingBatch((0..<7).map { [Float($0)] }),
        documents: ["an owl", "a bird, an owl", "100%_", "a fox", nil, nil, nil],
        metadatas: [
          ["n": .some(.int(1)), "s": .some(.string("x")), "t": .some(.bool(true))],
          ["n": .some(.int(1)), "t": .some(.bool(false))], ["n": .some(.int(2))], ["n": .some(.int(3))],
          ["l": .some(.strings(["red", "green"]))], ["l": .some(.strings(["red"])), "n": .some(.string("1"))], nil,
        ]), to: collection.id, in: path)
    return collection
  }
}

extension APISubject {
  /// Compares what 200 of the random filters let pass with their definition.
  fileprivate func compareRandomFilters(seed: UInt64, _ isWanted: (Where) -> Bool) async throws {
    var random = RandomRecords(seed: seed, dimension: 2, idCount: 60)
    let collection = try await create()
    var model = ModelCollection()
    let batch = random.batch(count: 120).withoutRemovals
    try await api.add(batch, to: collection.id, in: path)
    model.add(batch)
    var compared = 0
    while compared < 200 {
      let filter = random.filter()
      guard filter.predicate.map(isWanted) ?? true else { continue }
      let found = try await self.ids(collection.id, filter.predicate, ids: filter.ids)
      equal(found, model.rows(matching: filter).map(\.id), "seed \(seed), filter \(compared): \(filter)")
      compared += 1
    }
  }
}

extension Where {
  /// Whether a fraction stands somewhere in it.
  fileprivate var comparesFractions: Bool {
    func isFraction(_ scalar: Scalar) -> Bool { if case .float = scalar { true } else { false } }
    switch self {
    case .and(let operands), .or(let operands): return operands.contains(where: \.comparesFractions)
    case .document: return false
    case .metadata(_, let comparison):
      switch comparison {
      case .equal(let scalar), .notEqual(let scalar), .ordered(_, let scalar), .contains(let scalar),
        .notContains(let scalar):
        return isFraction(scalar)
      case .in(let scalars), .notIn(let scalars): return scalars.contains(where: isFraction)
      }
    }
  }
}

extension RecordBatch {
  /// Without values of null, which mean something only of a record that is there.
  var withoutRemovals: RecordBatch {
    var batch = self
    batch.metadatas = metadatas?.map { $0?.filter { $0.value != nil } }
    return batch
  }
}
