import Foundation

/// The shapes of the JSON API. Absent values are left out.
enum Wire {
  struct Passage: Encodable, Sendable {
    var id, source, title, section, heading: String
    var page: Int?
    var ordinal, start, end: Int
    var text: String
    var topic, url: String?
    var kind: String

    init(_ passage: StoredPassage) {
      id = passage.id
      source = passage.source
      title = passage.title
      section = passage.section
      heading = passage.heading
      page = passage.page
      ordinal = passage.ordinal
      start = passage.start
      end = passage.end
      text = passage.text
      topic = passage.topic
      url = passage.url
      kind = passage.kind
    }
  }

  /// A passage with its place in a list; its fields lie beside the passage's.
  struct Hit: Encodable, Sendable {
    var passage: Passage
    var score: Double
    var similarity: Double?
    var marks: [[Int]]
    var n: Int?
    var context: TextWindow?

    init(_ hit: SearchHit) {
      passage = Passage(hit.passage)
      score = hit.score
      similarity = hit.similarity
      marks = hit.marks.map { [$0.lowerBound, $0.upperBound] }
    }

    init(_ source: Source) {
      self.init(source.hit)
      n = source.number
      context = source.context
    }

    private enum CodingKeys: String, CodingKey { case score, similarity, marks, n, context }

    func encode(to encoder: any Encoder) throws {
      try passage.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(score, forKey: .score)
      try container.encodeIfPresent(similarity, forKey: .similarity)
      try container.encode(marks, forKey: .marks)
      try container.encodeIfPresent(n, forKey: .n)
      try container.encodeIfPresent(context, forKey: .context)
    }
  }

  struct Failure: Encodable, Sendable {
    struct Body: Encodable, Sendable { var code, message: String }
    var error: Body
  }

  struct Search: Encodable, Sendable {
    struct Milliseconds: Encodable, Sendable { var embedding, search, total: Double }
    var query: String
    var milliseconds: Milliseconds
    var results: [String: [Hit]]
  }

  struct Document: Encodable, Sendable {
    var source, title, kind: String
    var topic, url: String?
    var passages, characters: Int
    var pages: Int?
    var added: Int

    init(_ facts: DocumentFacts) {
      source = facts.source
      title = facts.title
      kind = facts.kind
      topic = facts.topic
      url = facts.url
      passages = facts.passages
      characters = facts.characters
      pages = facts.pages
      added = facts.added
    }
  }

  struct Documents: Encodable, Sendable {
    var total: Int
    var documents: [Document]
  }

  struct WholeDocument: Encodable, Sendable {
    struct Part: Encodable, Sendable {
      var id: String
      var ordinal, start, end: Int
      var section: String
      var page: Int?
    }
    var source, title, kind: String
    var topic, url: String?
    var added: Int
    var text: String
    var passages: [Part]
  }

  struct PassageInContext: Encodable, Sendable {
    var passage: Passage
    var context: TextWindow
  }

  struct Status: Encodable, Sendable {
    struct Place: Encodable, Sendable { var kind, address: String }
    struct Topic: Encodable, Sendable {
      var name: String
      var passages: Int
    }
    struct Seeding: Encodable, Sendable {
      var running: Bool
      var done, total: Int
      var problem: String?
    }
    struct Model: Encodable, Sendable {
      var name: String
      var dimension: Int
    }
    struct Chat: Encodable, Sendable { var model: String }
    struct Writes: Encodable, Sendable {
      var allowed, tokenNeeded: Bool
      var reason: String?
    }
    struct Limits: Encodable, Sendable { var fileBytes, files, urls: Int }

    var ready: Bool
    var collection: String
    var place: Place
    var reachable: Bool
    var problem: String?
    var passages = 0
    var documents = 0
    var topics: [Topic] = []
    var seeding: Seeding
    var model: Model
    var chat: Chat?
    var writes: Writes
    var limits: Limits
  }

  struct AskRequest: Decodable, Sendable {
    var question: String
    var history: [Turn]?
    var topic: String?
  }

  struct AskSources: Encodable, Sendable {
    var question: String
    var rewritten: Bool
    var passages: [Hit]
  }

  struct Nothing: Encodable, Sendable {}

  struct Problem: Encodable, Sendable { var message: String }

  struct Token: Encodable, Sendable { var text: String }
  struct Notice: Encodable, Sendable {
    var message: String
    var restart: Bool
  }

  struct AskDone: Encodable, Sendable {
    var answer: String
    var refused: Bool
    var by: String
    var citations: [Int]
    var best, cut, milliseconds: Double
  }

  struct RecommendRequest: Decodable, Sendable {
    var liked: [String]?
    var disliked: [String]?
    var limit: Int?
  }

  struct Hits: Encodable, Sendable { var hits: [Hit] }

  struct ClassifyRequest: Decodable, Sendable {
    var text: String
    var neighbours: Int?
  }

  struct Classified: Encodable, Sendable {
    struct Vote: Encodable, Sendable {
      var label: String
      var weight: Double
      var count: Int
    }
    var label: String?
    var confidence: Double
    var votes: [Vote]
    var neighbours: [Hit]
  }

  struct DuplicatesRequest: Decodable, Sendable {
    var threshold: Double?
    var limit: Int?
    var topic: String?
  }

  struct Progress: Encodable, Sendable { var done, total: Int }

  struct Pair: Encodable, Sendable {
    var similarity: Double
    var a, b: Passage
  }

  struct DuplicatesDone: Encodable, Sendable {
    var pairs, compared: Int
    var milliseconds: Double
  }

  struct URLList: Decodable, Sendable {
    var urls: [String]
    var topic: String?
  }

  struct Health: Encodable, Sendable {
    var status: String
    var reason: String?
  }

  struct Removed: Encodable, Sendable { var removed: Int }

  /// What a file's events carry beside their own fields when several URLs share a stream.
  struct About<Value: Encodable & Sendable>: Encodable, Sendable {
    var url: String
    var value: Value

    private enum CodingKeys: CodingKey { case url }

    func encode(to encoder: any Encoder) throws {
      try value.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(url, forKey: .url)
    }
  }
}
