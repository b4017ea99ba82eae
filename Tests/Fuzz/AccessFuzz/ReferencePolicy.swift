import ChromaAccess
import ChromaModel

/// What an accepted policy says of a role, looked up in the file each time.
enum ReferencePolicy {
  static func actions(ofRole role: JSONValue?, _ json: JSONValue) -> Set<Action> {
    guard case .string(let name)? = role else { return [] }
    guard let names = json["roles_mapping"]?[name]?["actions"]?.elements else { return builtIn[name] ?? [] }
    return names.reduce(into: []) { actions, element in
      guard case .string(let name) = element else { return }
      if let action = Action(rawValue: name) { actions.insert(action) }
      actions.formUnion(builtIn[name] ?? [])
    }
  }

  static func hasToken(_ user: JSONValue, _ token: String) -> Bool {
    (user["tokens"]?.elements ?? []).contains { element in
      guard case .string(let text) = element else { return false }
      return Reference.trimmed(Array(text.utf8)) == Array(token.utf8)
    }
  }

  private static let builtIn: [String: Set<Action>] = {
    let read: Set<Action> = [
      .getTenant, .getDatabase, .listCollections, .countCollections, .getCollection, .getCollectionByCRN, .get, .query,
      .search, .count, .peek,
    ]
    let write = read.union([
      .createCollection, .getOrCreateCollection, .updateCollection, .deleteCollection, .add, .update, .upsert, .delete,
      .forkCollection, .countForks, .createAttachedFunction, .removeAttachedFunction,
    ])
    return ["read": read, "write": write, "admin": Set(Action.allCases)]
  }()
}
