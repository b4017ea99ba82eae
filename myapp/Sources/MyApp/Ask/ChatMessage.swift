struct ChatMessage: Codable, Sendable, Hashable {
  enum Role: String, Codable, Sendable { case system, user, assistant }

  var role: Role
  var content: String
}

/// Why the chat model gave no answer; in words for whoever asked.
struct ChatError: Error, Sendable, Hashable, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}
