import ChromaModel
import HTTPTypes
import Testing

@testable import ChromaServer

@Suite struct RequestLimitsTests {
  private func problem(_ filter: String, _ change: (inout RequestLimits) -> Void = { _ in }) throws -> String? {
    var limits = RequestLimits()
    change(&limits)
    do {
      try limits.check(filter: try JSONValue(parsing: filter))
      return nil
    } catch { return (error as? ChromaError)?.message ?? "\(error)" }
  }

  @Test("Nesting is bounded")
  func depth() throws {
    let nested = #"{"$and":[{"$or":[{"k":{"$eq":1}},{"k":2}]},{"k":3}]}"#
    #expect(try problem(nested) { $0.maxFilterDepth = 3 } == nil)
    #expect(
      try problem(nested) { $0.maxFilterDepth = 2 }
        == "The filter is nested 3 levels deep; this server takes at most 2")
    #expect(try problem(#"{"k":1}"#) { $0.maxFilterDepth = 1 } == nil)
  }

  @Test("Comparisons and the values of lists are counted together")
  func terms() throws {
    let filter = #"{"$and":[{"k":{"$in":[1,2,3]}},{"k":{"$gt":1}},{"k":5}]}"#
    #expect(try problem(filter) { $0.maxFilterTerms = 5 } == nil)
    #expect(try problem(filter) { $0.maxFilterTerms = 4 } == "The filter has 5 terms; this server takes at most 4")
  }

  @Test("Patterns are measured before they are compiled")
  func regex() throws {
    let filter = #"{"$or":[{"$contains":"x"},{"$not_regex":"(a{1000}){1000}"}]}"#
    #expect(try problem(filter) { $0.maxRegexBytes = 15 } == nil)
    #expect(
      try problem(filter) { $0.maxRegexBytes = 14 }
        == "A regular expression of 15 bytes is too long; this server takes at most 14")
  }
}

@Suite struct RateLimiterTests {
  @Test("As many requests at once as a second allows, then one each time its share of the second has passed")
  func bucket() {
    let limiter = RateLimiter(requestsPerSecond: 10)
    for _ in 0..<10 { #expect(limiter.wait("a", now: 0) == nil) }
    #expect(limiter.wait("a", now: 0) == 1)
    #expect(limiter.wait("b", now: 0) == nil)
    #expect(limiter.wait("a", now: 0.11) == nil)
    #expect(limiter.wait("a", now: 0.11) == 1)
    for _ in 0..<10 { #expect(limiter.wait("a", now: 60) == nil) }
    #expect(limiter.wait("a", now: 60) == 1)
  }

  @Test("Who has been quiet is forgotten when there are many others, whoever keeps asking is not")
  func bounded() {
    let limiter = RateLimiter(requestsPerSecond: 1, maxBuckets: 2)
    #expect(limiter.wait("quiet", now: 0) == nil)
    #expect(limiter.wait("quiet", now: 0) == 1)
    #expect(limiter.wait("busy", now: 0) == nil)
    for number in 0..<10 {
      #expect(limiter.wait("other \(number)", now: 0) == nil)
      #expect(limiter.wait("busy", now: 0) == 1)
    }
    #expect(limiter.wait("quiet", now: 0) == nil, "its bucket was dropped")
  }
}

@Suite("Limits over HTTP")
struct LimitedRoutesTests {
  @Test("Each limit has its error, and what is within it is done")
  func limits() async throws {
    var configuration = ServerConfiguration(port: 0)
    configuration.limits.maxRecords = 2
    configuration.limits.maxResults = 5
    configuration.limits.maxFilterTerms = 2
    try await withServer(configuration: configuration) { (server) async throws in
      let collection = try await server.collection()
      for (verb, body, message) in [
        ("add", #"{"ids":["a","b"],"embeddings":[[1],[2]]}"#, nil),
        (
          "add", #"{"ids":["a","b","c"],"embeddings":[[1],[2],[3]]}"#,
          "This request has 3 records; this server takes at most 2 in one request"
        ),
        ("query", #"{"query_embeddings":[[1]],"n_results":5}"#, nil),
        ("query", #"{"query_embeddings":[[1]],"n_results":6}"#, "n_results is 6; this server gives at most 5 results"),
        ("get", #"{"limit":6}"#, nil), ("get", "{}", nil),
        ("get", #"{"where":{"k":{"$in":[1,2]}}}"#, nil),
        (
          "get", #"{"where":{"k":{"$in":[1,2,3]}}}"#, "The filter has 3 terms; this server takes at most 2"
        ),
        (
          "delete", #"{"where":{"k":{"$in":[1,2,3]}}}"#, "The filter has 3 terms; this server takes at most 2"
        ),
      ] as [(String, String, String?)] {
        let answer = try await server.send(.post, "\(collection)/\(verb)", body)
        if let message {
          #expect(try answer.error() == "[400] InvalidArgumentError: \(message)")
        } else {
          #expect(answer.status < 300, "\(verb) \(body): \(answer.text)")
        }
      }
      #expect(try await server.send(.get, collection + "/count").text == "2")
    }
  }

  @Test("An embedding function's configuration is kept as it came: never resolved, imported or fetched")
  func embeddingFunctions() async throws {
    let payloads = [
      #"{"type":"known","name":"sentence_transformer","config":{"model_name":"evil/model","kwargs":{"trust_remote_code":true}}}"#,
      #"{"type":"known","name":"huggingface","config":{"model_name":"http://127.0.0.1:9/x","trust_remote_code":true}}"#,
      #"{"type":"known","name":"__import__('os').system('touch /tmp/owned')","config":{"__reduce__":["os.system",["id"]]}}"#,
      #"{"type":"known","name":"openai","config":{"api_key_env_var":"HOME","api_base":"file:///etc/passwd"}}"#,
    ]
    try await withServer { (server) async throws in
      for (index, payload) in payloads.enumerated() {
        let body = "{\"name\":\"ef-\(index)\",\"configuration\":{\"embedding_function\":\(payload)}}"
        let made = try await server.send(.post, TestServer.database + "/collections", body)
        #expect(made.status == 200, "\(made.text)")
        let found = try await server.send(.get, TestServer.database + "/collections/ef-\(index)").json
        #expect(found["configuration_json"]?["embedding_function"] == (try JSONValue(parsing: payload)))
      }
    }
  }
}
