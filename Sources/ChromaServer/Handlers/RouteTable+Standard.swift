extension RouteTable {
  /// Chroma's API v2.
  package static let standard = RouteTable(
    Route.system + Route.tenants + Route.databases + Route.collections + Route.records + Route.unsupported
      + Route.documentation)
}

extension RoutePattern {
  static let database = "/api/v2/tenants/{tenant}/databases/{database}"
  static let collections = database + "/collections"
  static let collection = collections + "/{collection_id}"

  init(_ text: String) { self.init(stringLiteral: text) }
}
