public import ChromaModel

extension Collection {
  /// All records that pass, a page at a time, in the order they were first added.
  ///
  ///     for try await record in notes.records(where: .key("year") < 2000) { … }
  ///
  /// Pages are counted from the beginning of the collection, each when it is needed. While nothing is written, every
  /// record comes once. Meanwhile, records that are added come at the end, changed ones keep their place and come as they
  /// are by then, and for every record removed from, or no longer passing in, the part already seen, one further on is
  /// missed. Whoever removes what was seen should collect the ids first.
  ///
  /// - Parameter pageSize: records to a request, at least 1.
  public func records(
    where predicate: Where? = nil, pageSize: Int = 500, include: [Include] = [.documents, .metadatas]
  ) -> some AsyncSequence<Record, any Error> & Sendable {
    RecordSequence(collection: self, predicate: predicate, pageSize: max(pageSize, 1), include: include)
  }
}

/// The records of a collection, page by page.
private struct RecordSequence: AsyncSequence, Sendable {
  let collection: Collection
  let predicate: Where?
  let pageSize: Int
  let include: [Include]

  func makeAsyncIterator() -> Iterator { Iterator(sequence: self) }

  struct Iterator: AsyncIteratorProtocol {
    let sequence: RecordSequence
    private var page: [Record] = []
    private var next = 0
    private var offset = 0
    private var isLast = false

    init(sequence: RecordSequence) { self.sequence = sequence }

    mutating func next() async throws -> Record? {
      if next == page.count {
        guard !isLast else { return nil }
        page = try await sequence.collection.get(
          where: sequence.predicate, limit: sequence.pageSize, offset: offset, include: sequence.include)
        next = 0
        offset += page.count
        isLast = page.count < sequence.pageSize
        guard !page.isEmpty else { return nil }
      }
      defer { next += 1 }
      return page[next]
    }
  }
}
