import Testing

@testable import ChromaModel

@Suite("Configuration and schema")
struct SchemaTests {
  private func resolve(schema: String? = nil, configuration: String? = nil, metadata: Metadata? = nil) throws -> Schema
  {
    try Schema.resolve(
      schema: try schema.map { try Schema(json: try JSONValue(parsing: $0)) },
      configuration: try configuration.map { try ConfigurationRequest(json: try JSONValue(parsing: $0)) },
      metadata: metadata)
  }

  @Test("Nothing said is the standard schema, and it reads back from its JSON")
  func standard() throws {
    #expect(try resolve() == .standard)
    #expect(try Schema(json: Schema.standard.json) == .standard)
  }

  @Test("Legacy metadata counts where the configuration says nothing of its own")
  func legacyMetadata() throws {
    let metadata: Metadata = ["hnsw:space": .string("ip"), "hnsw:M": .int(5), "other": .int(1)]
    #expect(try resolve(metadata: metadata).space == .ip)
    #expect(try resolve(metadata: metadata).hnsw.maxNeighbors == 5)
    #expect(try resolve(configuration: #"{"hnsw":{}}"#, metadata: metadata).space == .ip)
    let explicit = try resolve(configuration: #"{"hnsw":{"ef_search":11}}"#, metadata: metadata)
    #expect(explicit.space == .l2 && explicit.hnsw.efSearch == 11 && explicit.hnsw.maxNeighbors == 16)
    for wrong: Metadata in [["hnsw:space": .string("bogus")], ["hnsw:x": .int(1)], ["hnsw:batch_size": .int(1)]] {
      let failure = #expect(throws: ChromaError.self) { _ = try resolve(metadata: wrong) }
      #expect(failure?.message == "Failed to parse hnsw parameters from segment metadata")
    }
  }

  @Test("Spann gives its space to the graph, and both at once are refused")
  func spann() throws {
    #expect(try resolve(configuration: #"{"spann":{"space":"cosine"}}"#).space == .cosine)
    #expect(throws: ChromaError.self) { _ = try resolve(configuration: #"{"spann":{},"hnsw":{}}"#) }
  }

  @Test("Wrong shapes are 422 with their path")
  func shapes() throws {
    for (text, part) in [
      (#"{"hnsw":{"space":"L2"}}"#, "unknown variant `L2`"), (#"{"hnsw":{"foo":1}}"#, "unknown field `foo`"),
      (#"{"hnsw":{"ef_search":-1}}"#, "ef_search"),
      (#"{"embedding_function":{"type":"known"}}"#, "missing field `name`"),
    ] {
      let failure = #expect(throws: ChromaError.self) { _ = try resolve(configuration: text) }
      #expect(failure?.code == .unprocessable && failure?.message.contains(part) == true)
    }
    let failure = #expect(throws: ChromaError.self) { _ = try resolve(schema: #"{"keys":{}}"#) }
    #expect(failure?.message.contains("missing field `defaults`") == true)
  }

  @Test("A schema and a configuration that both choose contradict one another")
  func contradiction() {
    let schema = #"{"defaults":{"string":{"string_inverted_index":{"enabled":false,"config":{}}}},"keys":{}}"#
    let failure = #expect(throws: ChromaError.self) {
      _ = try resolve(schema: schema, configuration: #"{"hnsw":{"space":"ip"}}"#)
    }
    #expect(failure?.message.contains("Cannot set both collection config and schema") == true)
  }

  @Test("A filter on what is not indexed names the key and the type")
  func filtering() throws {
    let schema = try resolve(
      schema: """
        {"defaults":{"int":{"int_inverted_index":{"enabled":false,"config":{}}}},
         "keys":{"year":{"int":{"int_inverted_index":{"enabled":true,"config":{}}}},
                 "#document":{"string":{"fts_index":{"enabled":false,"config":{}}}}}}
        """)
    try schema.check(.metadata(key: "year", .equal(.int(1))))
    try schema.check(.metadata(key: "foo", .equal(.string("x"))))
    let failure = #expect(throws: ChromaError.self) { try schema.check(.metadata(key: "foo", .equal(.int(1)))) }
    #expect(failure?.message == "Cannot filter using metadata key 'foo' with type 'Int' because indexing is disabled")
    #expect(throws: ChromaError.self) { try schema.check(.or([.document(.contains("x"))])) }
  }

  @Test("Keys are discovered with the defaults of their type, once")
  func discovery() {
    var schema = Schema.standard
    let metadata: Metadata = ["n": .int(1), "t": .strings(["a"]), "chroma:x": .int(2)]
    let isNew = (schema.discover(metadata), schema.discover(metadata))
    #expect(isNew == (true, false))
    #expect(schema.keys["n"]?.int == true && schema.keys["t"]?.string == true && schema.keys["chroma:x"] == nil)
  }
}
