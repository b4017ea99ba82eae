import ChromaAccess
import ChromaModel

/// One line of the audit log: who did what, to what, and whether it was done. Holds no credential.
package struct AuditEntry: Sendable, Hashable {
  package enum Outcome: String, Sendable {
    /// Done.
    case done
    /// Allowed, and failed for another reason.
    case failed
    /// Recognised, and not allowed.
    case denied
    /// Not recognised.
    case unrecognized
    /// Too many requests or failures.
    case throttled
  }

  package var requestID: String
  package var user: String?
  package var address: String
  /// `collection:add`; `nil` for routes that need none.
  package var action: Action?
  package var method: String
  package var route: String
  package var place: Place
  /// The collection's name or id as the path has it.
  package var collection: String?
  /// The name that the body gives to what is created or renamed.
  package var name: String?
  package var status: Int
  package var outcome: Outcome

  package var json: JSONValue {
    [
      "request_id": .string(requestID), "user": user.map(JSONValue.string) ?? .null, "address": .string(address),
      "action": action.map { .string($0.rawValue) } ?? .null, "method": .string(method), "route": .string(route),
      "tenant": place.tenant.map(JSONValue.string) ?? .null,
      "database": place.database.map(JSONValue.string) ?? .null,
      "collection": collection.map(JSONValue.string) ?? .null, "name": name.map(JSONValue.string) ?? .null,
      "status": .int(Int64(status)),
      "outcome": .string(outcome.rawValue),
    ]
  }
}
