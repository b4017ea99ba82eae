/// How a query was carried out; an extension of the protocol, asked for with `"explain": true`.
public struct QueryExplanation: Sendable, Hashable {
  public enum Plan: String, Sendable, Hashable, CaseIterable {
    /// Nothing can match.
    case none
    /// Every matching row is compared.
    case scan
    /// The graph is walked, and rows that wait for their links are scanned.
    case graph
  }

  /// What one question cost.
  public struct Question: Sendable, Hashable {
    /// Nodes of the graph whose links were read; 0 for a scan.
    public var visited: Int
    /// Distances computed, by codes and exactly.
    public var distances: Int
    /// Whether a walk found too few, so that all matching rows were scanned after all.
    public var scanned: Bool

    public init(visited: Int, distances: Int, scanned: Bool = false) {
      self.visited = visited
      self.distances = distances
      self.scanned = scanned
    }
  }

  public var plan: Plan
  /// Rows of the index, dead ones included.
  public var rows: Int
  /// Rows that the filter let through.
  public var matching: Int
  /// Rows in the graph.
  public var linked: Int
  /// Length of the candidate list of a walk.
  public var ef: Int
  public var filterMicroseconds: Int
  public var searchMicroseconds: Int
  public var questions: [Question]

  public init(
    plan: Plan, rows: Int = 0, matching: Int = 0, linked: Int = 0, ef: Int = 0, filterMicroseconds: Int = 0,
    searchMicroseconds: Int = 0, questions: [Question] = []
  ) {
    self.plan = plan
    self.rows = rows
    self.matching = matching
    self.linked = linked
    self.ef = ef
    self.filterMicroseconds = filterMicroseconds
    self.searchMicroseconds = searchMicroseconds
    self.questions = questions
  }
}

extension QueryExplanation {
  public var json: JSONValue {
    [
      "plan": .string(plan.rawValue), "rows": .int(Int64(rows)), "matching": .int(Int64(matching)),
      "linked": .int(Int64(linked)), "ef": .int(Int64(ef)), "filter_microseconds": .int(Int64(filterMicroseconds)),
      "search_microseconds": .int(Int64(searchMicroseconds)),
      "questions": .array(
        questions.map {
          ["visited": .int(Int64($0.visited)), "distances": .int(Int64($0.distances)), "scanned": .bool($0.scanned)]
        }),
    ]
  }

  /// `nil` unless every member is there. Members of later versions are passed over.
  public init?(json: JSONValue) {
    guard case .string(let name)? = json["plan"], let plan = Plan(rawValue: name),
      case .array(let list)? = json["questions"], let rows = json.count("rows"), let matching = json.count("matching"),
      let linked = json.count("linked"), let ef = json.count("ef"), let filter = json.count("filter_microseconds"),
      let search = json.count("search_microseconds")
    else { return nil }
    var questions: [Question] = []
    for question in list {
      guard let visited = question.count("visited"), let distances = question.count("distances"),
        case .bool(let scanned)? = question["scanned"]
      else { return nil }
      questions.append(Question(visited: visited, distances: distances, scanned: scanned))
    }
    self.init(
      plan: plan, rows: rows, matching: matching, linked: linked, ef: ef, filterMicroseconds: filter,
      searchMicroseconds: search, questions: questions)
  }
}

extension JSONValue {
  fileprivate func count(_ name: String) -> Int? {
    guard case .int(let value)? = self[name] else { return nil }
    return Int(exactly: value)
  }
}
