import Synchronization

/// What a request creates or renames: its handler learns the name from the body and leaves it here for the audit log.
final class NamedResource: Sendable {
  private let stored = Mutex<String?>(nil)

  var name: String? { stored.withLock { $0 } }

  func note(_ name: String?) { stored.withLock { $0 = name } }
}
