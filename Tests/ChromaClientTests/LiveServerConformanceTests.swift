import ChromaClient
import ChromaTestSupport
import Foundation
import Testing

/// Run by Tests/Conformance/client/run.py, which starts a server and says where it is and whose.
@Suite(
  "The client on a server of another process", .serialized,
  .enabled(if: ProcessInfo.processInfo.environment["CHROMA_LIVE_SERVER"] != nil))
struct LiveServerConformanceTests {
  /// What Chroma's server 1.5.9 does otherwise, by the name of the check. D4 and so on: Tests/Conformance/README.md.
  static let official: [String: String] = [
    "A reset is refused unless it is allowed": "the script allows it there",
    "A list is no metadata of a collection": "D6: it drops the connection",
    "The index says how far it is": "only in a cluster",
    "A collection belongs to its database": "D4: any path reaches it",
    "A collection is not renamed to a name that is taken": "D7: status 500",
    "A refused batch does not fix the dimension": "D9: it does",
    "Whole numbers and fractions compare exactly": "D8: fractions are cut off",
    "Random filters let pass what their definition does": "D8: fractions are cut off",
  ]

  private let environment = ProcessInfo.processInfo.environment

  /// Connected as an app is, by its environment.
  private func withClient(_ test: (Client) async throws -> Void) async throws {
    let client = try await Client.connect(logger: silent)
    do {
      try await test(client)
    } catch {
      print("FAILED  it threw \(error)")
      Issue.record(error)
    }
    await client.shutdown()
  }

  /// A line for the script, and an issue where it is one of failure.
  private func report(_ what: String, _ findings: [String]) {
    if findings.isEmpty { return print("PASSED  \(what)") }
    print("FAILED  \(what)\n        " + findings.joined(separator: "\n        "))
    Issue.record("\(what): \(findings)")
  }

  @Test("It does what every ChromaAPI must do, but for the differences listed")
  func conformance() async throws {
    let differences = environment["CHROMA_LIVE_SERVER"] == "official" ? Self.official : [:]
    try await withClient { client in
      for check in APICheck.all where check.name != "A reset is refused unless it is allowed" || differences.isEmpty {
        let findings = await check.findings(of: client.api)
        switch (findings.isEmpty, differences[check.name]) {
        case (_, nil): report(check.name, findings)
        case (false, let reason?): print("DIFFERS \(check.name): \(reason)")
        case (true, _?): report(check.name, ["it no longer differs: strike it off"])
        }
      }
    }
  }

  @Test("It reads what Chroma's Python client wrote, and leaves it something to read")
  func python() async throws {
    let known = try KnownRecords(environment)
    try await withClient { client in
      let mine = try await client.createCollection(
        "from-swift", metadata: known.metadata, configuration: known.configuration)
      try await mine.add(
        ids: known.records.map(\.id), documents: known.records.map(\.document),
        embeddings: EmbeddingBatch(known.records.compactMap(\.embedding)), metadatas: known.records.map(\.metadata),
        uris: known.records.map(\.uri))
      let theirs = try await client.collection("from-python")
      func compare<Value: Equatable>(_ what: String, _ found: Value, _ wanted: Value) {
        report(
          "Swift reads what Python wrote: \(what)", found == wanted ? [] : ["\(found)", "is not", "\(wanted)"])
      }
      compare("metadata of the collection", theirs.metadata, known.metadata)
      compare("space", theirs.info.schema.space, known.configuration.space)
      let found = try await theirs.get(include: [.documents, .metadatas, .uris, .embeddings])
      compare("ids", found.map { Array($0.id.utf8) }, known.records.map { Array($0.id.utf8) })
      compare(
        "documents", found.map { $0.document.map { Array($0.utf8) } },
        known.records.map { $0.document.map { Array($0.utf8) } })
      compare("metadatas", found.map(\.metadata), known.records.map(\.metadata))
      compare("uris", found.map(\.uri), known.records.map(\.uri))
      compare(
        "embeddings", found.map { $0.embedding?.map(\.bitPattern) },
        known.records.map { $0.embedding?.map(\.bitPattern) })
      let nearest = try await theirs.query(EmbeddingBatch(known.records.prefix(1).compactMap(\.embedding)), limit: 1)
      compare("nearest to the first", nearest.map { $0.map(\.id) }, [["plain"]])
      let owls = try await theirs.get(where: .key("year") >= 2024 && .document(contains: "owl"))
      compare("filtered", owls.map(\.id), ["plain"])
    }
  }
}

/// Tests/Conformance/client/records.json, which the Python client knows as well.
private struct KnownRecords {
  var metadata: Metadata?
  var configuration = ConfigurationRequest()
  var records: [Record] = []

  init(_ environment: [String: String]) throws {
    let path = try #require(environment["CHROMA_RECORDS"])
    let json = try JSONValue(parsing: try String(contentsOfFile: path, encoding: .utf8))
    metadata = try Self.metadata(json["collection"])
    configuration.space = Self.text(json["space"]).flatMap(Space.init)
    guard case .array(let list)? = json["records"] else { return }
    for entry in list {
      guard case .array(let numbers)? = entry["embedding"] else { continue }
      let embedding = numbers.map { number -> Float in
        if case .double(let value) = number { return Float(value) }
        return .nan
      }
      records.append(
        Record(
          id: try #require(Self.text(entry["id"])), document: Self.text(entry["document"]),
          metadata: try Self.metadata(entry["metadata"]), uri: Self.text(entry["uri"]), embedding: embedding))
    }
  }

  private static func text(_ json: JSONValue?) -> String? {
    if case .string(let text)? = json { text } else { nil }
  }

  private static func metadata(_ json: JSONValue?) throws -> Metadata? {
    guard case .object(let members)? = json else { return nil }
    return try members.mapValues { try #require(MetadataValue(json: $0)) }
  }
}
