import ChromaAccess
import ChromaModel
import Hummingbird

extension Route {
  static let collections: [Route] = [
    listCollections, countCollections, createCollection, getCollection, getCollectionByID, getCollectionByCRN,
    updateCollection, deleteCollection,
  ]

  static let listCollections = Route(
    .get, RoutePattern(RoutePattern.collections), .action(.listCollections),
    "The collections of a database, by id"
  ) { call in
    let path = try call.database()
    let query = try call.query()
    let (limit, offset) = (try query.count("limit"), try query.count("offset") ?? 0)
    return call.answer(try await call.api.collections(in: path, limit: limit, offset: offset))
  }

  static let countCollections = Route(
    .get, RoutePattern(RoutePattern.database + "/collections_count"), .action(.countCollections),
    "How many collections a database has"
  ) { call in
    Response(.int(Int64(try await call.api.countCollections(in: try call.database()))))
  }

  static let createCollection = Route(
    .post, RoutePattern(RoutePattern.collections), .action(.createCollection), "Creates a collection"
  ) { call in
    let path = try call.database()
    let dialect = call.dialect
    let request = try await call.decode { (reader) throws(ChromaError) in
      try CreateCollectionRequest(from: &reader, dialect)
    }
    call.named?.note(request.name)
    return call.answer(try await call.api.createCollection(request, in: path))
  }

  static let getCollection = Route(
    .get, RoutePattern(RoutePattern.collection), .action(.getCollection), "A collection, by name"
  ) { call in
    let name = try call.parameter("collection_id")
    return call.answer(try await call.api.collection(named: name, in: try call.database()))
  }

  static let getCollectionByID = Route(
    .get, RoutePattern(RoutePattern.collections + "/by-id/{collection_id}"), .action(.getCollection),
    "A collection, by id"
  ) { call in
    let text = try call.parameter("collection_id")
    guard let id = Identifier(text) else {
      throw ChromaError.invalid(
        "Validation error: collection_id: Invalid collection ID format, expected UUID", about: .collectionID(text))
    }
    return call.answer(try await call.api.collection(id, in: try call.database()))
  }

  static let getCollectionByCRN = Route(
    .get, "/api/v2/collections/{crn}", .action(.getCollectionByCRN),
    "A collection, by tenant:database:name", scope: .crn
  ) { call in
    let crn = try call.crn()
    return call.answer(try await call.api.collection(named: crn.collection, in: crn.path))
  }

  static let updateCollection = Route(
    .put, RoutePattern(RoutePattern.collection), .action(.updateCollection),
    "Changes a collection's name, metadata or configuration"
  ) { call in
    let path = try call.database()
    let request = try await call.decode { (reader) throws(ChromaError) in
      try UpdateCollectionRequest(from: &reader)
    }
    call.named?.note(request.newName)
    try await call.api.updateCollection(try call.collectionID(), in: path, request)
    return call.done()
  }

  static let deleteCollection = Route(
    .delete, RoutePattern(RoutePattern.collection), .action(.deleteCollection),
    "Deletes a collection, by name"
  ) { call in
    let name = try call.parameter("collection_id")
    try await call.api.deleteCollection(named: name, in: try call.database())
    return call.done()
  }
}
