import ChromaModel
import HTTPTypes
import Hummingbird
import NIOCore

/// What handlers answer, in the shapes of whoever asks.
extension Call {
  func answer(_ collection: CollectionInfo) -> Response {
    Response(dialect.isClassic ? collection.classicJSON : collection.json)
  }

  func answer(_ collections: [CollectionInfo]) -> Response {
    switch dialect {
    case .modern: Response(.array(collections.map(\.json)))
    case .classic, .first: Response(.array(collections.map(\.classicJSON)))
    case .earliest: Response(.array(collections.map(\.earliestJSON)))
    }
  }

  func answer(_ tenant: Tenant) -> Response {
    Response(dialect.isClassic ? ["name": .string(tenant.name)] : tenant.json)
  }

  /// - Parameter count: of records; before 1.0 nobody was told.
  func deleted(_ count: Int) -> Response {
    dialect.isClassic ? done() : Response(["deleted": .int(Int64(count))])
  }

  func answer(_ result: GetResult) -> Response { Response(RecordsEncoder(result, dialect)) }

  func answer(_ result: QueryResult) -> Response { Response(RecordsEncoder(result, dialect)) }

  /// There is nothing to say but that it is done. Clients parse every body.
  func done() -> Response { Response(status: .ok, jsonBytes: dialect.isClassic ? nullBody : emptyObject) }

  /// Likewise, of records that were added.
  func added() -> Response { Response(status: .created, jsonBytes: dialect.isClassic ? trueBody : emptyObject) }
}

private let emptyObject = ByteBuffer(string: "{}")
private let nullBody = ByteBuffer(string: "null")
private let trueBody = ByteBuffer(string: "true")
