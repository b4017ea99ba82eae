/// One question of a conversation.
struct Turn: Codable, Sendable, Hashable {
  var question: String
  var answer: String
}

/// What is to be answered.
struct Question: Sendable, Hashable {
  var text: String
  /// Earlier turns, oldest first.
  var history: [Turn] = []
  var filter = SearchFilter()
}
