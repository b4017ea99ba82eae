/// Names that stand for several actions, and are roles by themselves where no role of that name is defined.
enum RoleShorthand: String, Sendable, CaseIterable {
  case read, write, admin

  var actions: Set<Action> {
    switch self {
    case .read:
      [
        .getTenant, .getDatabase, .listCollections, .countCollections, .getCollection, .getCollectionByCRN, .get,
        .query, .search, .count, .peek,
      ]
    case .write:
      Self.read.actions.union([
        .createCollection, .getOrCreateCollection, .updateCollection, .deleteCollection, .add, .update, .upsert,
        .delete, .forkCollection, .countForks, .createAttachedFunction, .removeAttachedFunction,
      ])
    case .admin: Set(Action.allCases)
    }
  }
}
