import ChromaModel
import Hummingbird

extension Route {
  /// API v1: routes of API v2 under other paths. The tenant and the database are in the query, or those of the
  /// collection.
  static let classic: [Route] = [
    heartbeat.at("/api/v1"),
    heartbeat.at("/api/v1/heartbeat"),
    version.at("/api/v1/version"),
    preFlightChecks.at("/api/v1/pre-flight-checks"),
    reset.at("/api/v1/reset"),
    createTenant.at("/api/v1/tenants"),
    getTenant.at("/api/v1/tenants/{tenant}", .tenantInQuery),
    createDatabase.at("/api/v1/databases", .tenantInQuery),
    getDatabase.at("/api/v1/databases/{database}", .query),
    listCollections.at("/api/v1/collections", .query),
    countCollections.at("/api/v1/count_collections", .query),
    createCollection.at("/api/v1/collections", .query),
    getCollection.at(.classicCollection, .query),
    deleteCollection.at(.classicCollection, .query),
    updateCollection.at(.classicCollection, .collectionID),
    add.at(.classicCollection + "/add", .collectionID),
    update.at(.classicCollection + "/update", .collectionID),
    upsert.at(.classicCollection + "/upsert", .collectionID),
    delete.at(.classicCollection + "/delete", .collectionID),
    count.at(.classicCollection + "/count", .collectionID),
    get.at(.classicCollection + "/get", .collectionID),
    query.at(.classicCollection + "/query", .collectionID),
  ]

  /// What API v1 answers where it is not served, in the words of Chroma's server.
  static let gone = Route(nil, "/api/v1/{path...}", .open, "No longer served") { _ in
    Response(["error": "Unimplemented", "message": "The v1 API is deprecated. Please use /v2 apis"], status: .gone)
  }
}

extension String {
  fileprivate static let classicCollection = "/api/v1/collections/{collection_id}"
}
