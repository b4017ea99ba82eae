public import ChromaModel
import Storage
import Synchronization

extension Engine {
  public func createCollection(
    _ request: CreateCollectionRequest, in path: DatabasePath
  ) async throws(ChromaError) -> CollectionInfo {
    try Self.checkLength(path)
    var problems: [String] = []
    if let problem = Names.problem(with: request.name) { problems.append("name: \(problem)") }
    if let problem = request.metadata.flatMap(Self.metadataProblem) { problems.append("metadata: \(problem)") }
    guard problems.isEmpty else { throw .invalid("Validation error: " + problems.joined(separator: "\n")) }
    let info = CollectionInfo(
      id: .random(), name: request.name, path: path, metadata: request.metadata, dimension: nil,
      schema: try Schema.resolve(
        schema: request.schema, configuration: request.configuration, metadata: request.metadata))
    switch try await blocking({ () throws(StorageError) in try self.catalog.createCollection(info) }) {
    case .created: return info
    case .exists(let known):
      guard request.getOrCreate else {
        throw ChromaError(
          .alreadyExists, "Collection [\(request.name)] already exists", about: .collection(request.name))
      }
      return current(known)
    case .noDatabase: throw .invalid("Database [\(path.database)] does not exist", about: .database(path))
    }
  }

  /// Values a collection's metadata may have: no arrays, no sparse vectors.
  private static func metadataProblem(_ metadata: Metadata) -> String? {
    if let problem = Names.metadataProblem(metadata) { return problem }
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      switch value {
      case .bool, .int, .float, .string: continue
      case .bools, .ints, .floats, .strings, .sparseVector:
        return "Collection metadata holds strings, numbers and booleans only: \(key)"
      }
    }
    return nil
  }

  /// An open collection knows more than the catalogue told us a moment ago.
  private func current(_ info: CollectionInfo) -> CollectionInfo { open(info.id)?.currentInfo ?? info }

  /// The collection if it is open now.
  private func open(_ id: Identifier) -> Collection? {
    cache.withLock { cache in
      guard case .open(let collection)? = cache.use(id) else { return nil }
      cache.release(id, collection)
      return collection
    }
  }

  public func collection(named name: String, in path: DatabasePath) async throws(ChromaError) -> CollectionInfo {
    try Self.checkLength(path)
    guard
      let info = try await blocking({ () throws(StorageError) in try self.catalog.collection(named: name, in: path) })
    else { throw ChromaError(.notFound, "Collection [\(name)] does not exist", about: .collection(name)) }
    return current(info)
  }

  public func collection(_ id: Identifier) async throws(ChromaError) -> CollectionInfo {
    // API v1 asks this before every request to records: not behind the commits that the catalogue waits with.
    if let open = open(id), !open.isDeleted.load(ordering: .acquiring) { return open.currentInfo }
    guard let info = try await blocking({ () throws(StorageError) in try self.catalog.collection(id) }) else {
      throw ChromaError(.notFound, "Collection [\(id)] does not exist", about: .collection(id.description))
    }
    return current(info)
  }

  public func collection(_ id: Identifier, in path: DatabasePath) async throws(ChromaError) -> CollectionInfo {
    let info = try await collection(id)
    guard info.path == path else {
      throw ChromaError(.notFound, "Collection [\(id)] does not exist", about: .collection(id.description))
    }
    return info
  }

  public func collections(
    in path: DatabasePath, limit: Int?, offset: Int
  ) async throws(ChromaError) -> [CollectionInfo] {
    try Self.checkLength(path)
    return try await blocking { () throws(StorageError) in
      try self.catalog.collections(in: path, limit: limit, offset: offset)
    }
    .map(current)
  }

  public func countCollections(in path: DatabasePath) async throws(ChromaError) -> Int {
    try Self.checkLength(path)
    return try await blocking { () throws(StorageError) in try self.catalog.countCollections(in: path) }
  }

  public func updateCollection(
    _ id: Identifier, in path: DatabasePath, _ request: UpdateCollectionRequest
  ) async throws(ChromaError) {
    var problems: [String] = []
    if let name = request.newName, let problem = Names.problem(with: name) { problems.append("new_name: \(problem)") }
    var metadata: Metadata?
    if let update = request.newMetadata {
      let values = update.compactMapValues { $0 }
      metadata = values.isEmpty ? nil : values
      if update.isEmpty { problems.append("new_metadata: Metadata cannot be empty") }
      if let problem = metadata.flatMap(Self.metadataProblem) { problems.append("new_metadata: \(problem)") }
    }
    guard problems.isEmpty else { throw .invalid("Validation error: " + problems.joined(separator: "\n")) }
    let newMetadata = metadata
    try await withCollection(id, in: path) { (collection) throws(ChromaError) in
      try await self.services.commits.run { () throws(ChromaError) in
        try collection.change { info in
          if let name = request.newName { info.name = name }
          if request.newMetadata != nil { info.metadata = newMetadata }
          if let configuration = request.newConfiguration { info.schema.apply(configuration) }
        }
      }
    }
  }

  public func deleteCollection(named name: String, in path: DatabasePath) async throws(ChromaError) {
    try Self.checkLength(path)
    guard
      let id = try await blocking({ () throws(StorageError) in
        try self.catalog.deleteCollection(named: name, in: path)
      })
    else { throw ChromaError(.notFound, "Collection [\(name)] does not exist", about: .collection(name)) }
    await discard(id)
  }
}
