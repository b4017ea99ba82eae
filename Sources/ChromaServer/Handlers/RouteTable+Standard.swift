extension RouteTable {
  /// Chroma's API v2, and API v1 for older clients.
  package static let standard = RouteTable(Route.current + Route.classic)

  /// Chroma's API v2 alone.
  package static let modern = RouteTable(Route.current + [Route.gone])

  /// The table of a server with this setting.
  static func serving(_ clients: ClassicClients) -> RouteTable { clients == .off ? modern : standard }
}

extension Route {
  fileprivate static let current =
    system + backups + [memory] + tenants + databases + collections + records + unsupported + documentation
}

extension RoutePattern {
  static let database = "/api/v2/tenants/{tenant}/databases/{database}"
  static let collections = database + "/collections"
  static let collection = collections + "/{collection_id}"

  init(_ text: String) { self.init(stringLiteral: text) }
}
