import ChromaModel
import Testing

@testable import ChromaServer

@Suite("The configuration clients before 1.0 send")
struct ConfigurationRequestClassicTests {
  private func read(_ text: String) throws -> ConfigurationRequest {
    try ConfigurationRequest(classic: try JSONValue(parsing: text))
  }

  @Test("Settings are read under the names of API v2")
  func names() throws {
    let request = try read(
      #"""
      {"hnsw_configuration":{"space":"cosine","ef_construction":200,"ef_search":11,"num_threads":3,"M":32,
       "resize_factor":1.5,"batch_size":50,"sync_threshold":500,"_type":"HNSWConfigurationInternal"},
       "_type":"CollectionConfigurationInternal"}
      """#)
    var expected = HNSWSettings()
    expected.efConstruction = 200
    expected.efSearch = 11
    expected.numThreads = 3
    expected.maxNeighbors = 32
    expected.resizeFactor = 1.5
    expected.batchSize = 50
    expected.syncThreshold = 500
    #expect(request.space == .cosine)
    #expect(request.hnsw == expected)
  }

  @Test("Their own defaults are no choice: metadata still counts", arguments: [10, 100])
  func defaults(efSearch: Int) throws {
    let request = try read(
      #"""
      {"hnsw_configuration":{"space":"l2","ef_construction":100,"ef_search":\#(efSearch),"num_threads":8,"M":16,
       "resize_factor":1.2,"batch_size":100,"sync_threshold":1000,"_type":"HNSWConfigurationInternal"},
       "_type":"CollectionConfigurationInternal"}
      """#)
    let schema = try Schema.resolve(
      schema: nil, configuration: request, metadata: ["hnsw:space": .string("ip"), "hnsw:M": .int(8)])
    #expect(schema.space == .ip)
    #expect(schema.hnsw.maxNeighbors == 8)
    #expect(schema.hnsw.efSearch == 100)
  }

  @Test("Without settings there is no choice; the shape of API v2 is read as such")
  func others() throws {
    #expect(try read(#"{"_type":"CollectionConfigurationInternal"}"#) == ConfigurationRequest())
    #expect(try read(#"{"hnsw_configuration":null,"_type":"x"}"#) == ConfigurationRequest())
    #expect(try read(#"{"hnsw":{"space":"ip"}}"#).space == .ip)
  }

  @Test(
    "What does not fit is refused",
    arguments: [
      #"{"hnsw_configuration":{"space":"L2"}}"#, #"{"hnsw_configuration":{"M":-1}}"#,
      #"{"hnsw_configuration":{"x":1}}"#, #"{"hnsw_configuration":{"M":"many"}}"#, "[]",
      #"{"hnsw_configuration":[]}"#, #"{"hnsw_configuration":"l2"}"#,
    ])
  func refused(text: String) throws {
    let error = try #require(throws: ChromaError.self) { try read(text) }
    #expect(error.code == .unprocessable)
  }
}
